"""The one family of errors a user is meant to read.

A `UserError` names the file or field, says what is wrong and what to do. The command line
prints it as one sentence and exits with 2. Anything else that escapes is a bug.
"""

from __future__ import annotations


class UserError(Exception):
    """Something the user can put right.

    Args:
        message: one clause that names the file or field and what is wrong, no full stop.
        remedy: what to do about it, as an imperative clause; "" where the message says it.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}: {self.remedy}" if self.remedy else self.message


class SpecError(UserError):
    """A value outside its range; `field` is its name as the user knows it."""

    def __init__(self, message: str, field: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.field = field


class FormatError(UserError):
    """A file of ours that cannot be read: damaged, of a newer version, or not ours at all."""


class PictureError(UserError):
    """A picture that cannot be read or written."""


class VideoError(UserError):
    """A film that cannot be encoded."""


class ModelError(UserError):
    """A model that is missing, damaged or of an unknown family."""


class StoreError(UserError):
    """A folder or file that cannot be reached or written."""


class DiskFullError(StoreError):
    """A disk or a quota without space for what was to be written."""


class OutOfMemoryError(UserError):
    """The memory does not hold the work, even in its smallest form."""


class Cancelled(Exception):  # noqa: N818  (a request that was honoured, not an error)
    """The user asked for a stop; everything finished so far is kept."""
