"""The border to decoders that are not ours: their errors become ours, their warnings stay quiet."""

from __future__ import annotations

import logging
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from imvar_studio.model.errors import PictureError, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# tifffile logs what it also raises; without a handler Python would print it over our sentence.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


class _Hush:
    """Silences warnings while at least one thread decodes.

    `warnings.catch_warnings` swaps process-wide state: two threads leaving in the wrong order
    would silence the program for good, so the first one in saves and the last one out restores.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._saved: warnings.catch_warnings[None] | None = None

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._saved is not None:
                self._saved.__exit__(None, None, None)
                self._saved = None


hush = _Hush()
"""A reentrant, thread-safe context in which third-party warnings are not shown."""


class Unread(Exception):  # noqa: N818  (a healthy file of a kind that is not read)
    """A reader that knows no path met something it does not read.

    Args:
        what: the rest of a sentence that begins with the file's name.
        remedy: what to do about it.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@contextmanager
def foreign_code(path: Path) -> Iterator[None]:
    """Run a decoder on `path`; whatever it raises leaves as a `PictureError`.

    Args:
        path: the picture file, as the user named it.

    Raises:
        PictureError: the decoder failed, ran out of memory or the file could not be read.
    """
    with hush:
        try:
            yield
        except UserError:
            raise
        except Unread as error:
            raise PictureError(f"'{path}' {error.what}", error.remedy) from error
        except MemoryError as error:
            raise PictureError(
                f"'{path}' does not fit into memory",
                "close other programs or make the picture smaller",
            ) from error
        except Exception as error:  # decoders raise anything, struct.error to SyntaxError
            raise PictureError(
                f"'{path}' is damaged or incomplete",
                "open it in an image editor and save it again, or use another copy",
            ) from error
