"""What a film says about itself: handed to ffmpeg, read back, and written into GIFs by hand."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from imvar_studio.media.ffmpeg import run_ffmpeg, source
from imvar_studio.model.errors import VideoError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEYS = ("title", "artist", "comment", "description", "copyright", "date", "software")
"""The names an entry may have; `software` is the program that made the film."""

_SPECIAL = re.compile(r"([=;#\\\n\r])")
_ENTRY = re.compile(r"((?:[^\\=\n]|\\.)+)=((?:[^\\\n]|\\.)*)\n", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# ffmpeg keeps the encoder's name out of copied metadata, but prints it; values that run over
# several lines go on deeper, so no comment can pose as it.
_ENCODER = re.compile(r"^    encoder +: (.*)$", re.MULTILINE)
_CONTAINER_ONLY = ("major_brand", "minor_version", "compatible_brands", "encoder")
_GIF_HEADER = 13
_GIF_SUBBLOCK = 255


def checked_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """The entries, if every film format knows their names and may hold their text.

    Raises:
        VideoError: an unknown name, or a text with NUL or lone surrogates.
    """
    for key, value in metadata.items():
        if key not in KEYS:
            raise VideoError(f"a film has no entry '{key}'", f"use one of {', '.join(KEYS)}")
        try:
            broken = b"\0" in value.encode()
        except UnicodeEncodeError:
            broken = True
        if broken:
            raise VideoError(f"the film's '{key}' holds characters that no film can keep")
    return dict(metadata)


def ffmetadata(entries: Mapping[str, str]) -> bytes:
    """Entries as a file of ffmpeg's own metadata format, of any length.

    Args:
        entries: values by the container's keys, without NUL.
    """
    # A line that ends with an escaped backslash would swallow its newline; NUL ends it surely.
    lines = (key + "=" + _SPECIAL.sub(r"\\\1", entries[key]) + "\0\n" for key in entries)
    return (";FFMETADATA1\n" + "".join(lines)).encode()


def read_video_metadata(path: Path) -> dict[str, str]:
    """What a film says about itself, through ffmpeg.

    Args:
        path: any film or GIF.

    Returns:
        The container's entries by ffmpeg's names, such as `title` and `comment`; the program
        that made it is `software`.

    Raises:
        VideoError: missing, or no film.
    """
    if not path.is_file():
        raise VideoError(f"there is no film '{path}'", "check its name and folder")
    arguments = ["-i", source(path), "-map_metadata", "0", "-f", "ffmetadata", "pipe:1"]
    out, printed = run_ffmpeg(arguments, f"read '{path}'")
    entries = parse_ffmetadata(out.decode(errors="replace"))
    made_by = _ENCODER.search(printed.partition("\nOutput #")[0])
    if made_by:
        entries.setdefault("software", made_by.group(1))
    return entries


def parse_ffmetadata(text: str) -> dict[str, str]:
    """The global entries of ffmpeg's metadata format, unescaped, without container details."""
    entries: dict[str, str] = {}
    at = text.find("\n") + 1
    while (found := _ENTRY.match(text, at)) and text[at] != "[":
        key, value = (_ESCAPED.sub(r"\1", part) for part in found.groups())
        key = key.lower() if key.lower() in KEYS else key  # Matroska has them in capitals
        if key not in _CONTAINER_ONLY:
            entries[key] = value
        at = found.end()
    return entries


def insert_gif_comment(film: Path, comment: str) -> None:
    """Put a comment extension before the first picture of a GIF; ffmpeg writes none itself.

    Args:
        film: a GIF with nothing wrong, replaced by one with the comment.
        comment: any text, kept as UTF-8.

    Source: GIF89a specification, section 24.
    """
    text = comment.encode()
    blocks = (text[i : i + _GIF_SUBBLOCK] for i in range(0, len(text), _GIF_SUBBLOCK))
    extension = b"!\xfe" + b"".join(bytes((len(b),)) + b for b in blocks) + b"\0"
    commented = film.with_suffix(".commented")
    with film.open("rb") as old, commented.open("wb") as new:
        head = old.read(_GIF_HEADER)
        flags = head[10]
        colours = 3 << ((flags & 7) + 1) if flags & 0x80 else 0
        new.write(head + old.read(colours) + extension)
        shutil.copyfileobj(old, new, 1 << 20)
    commented.replace(film)
