"""PNG chunks: walking over them, building them, and the text they carry.

Source: Portable Network Graphics Specification, third edition, W3C 2025.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from imvar_studio.model.errors import PictureError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LARGEST_CHUNK = 64 << 20
# printable Latin-1, no space at either end and never two in a row
_KEYWORD = re.compile(r"(?! )(?!.*  )(?!.* $)[\x20-\x7e\xa1-\xff]{1,79}")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its four-letter kind and its body."""

    kind: bytes
    body: bytes


def iter_chunks(source: bytes | BinaryIO, wanted: Collection[bytes]) -> Iterator[Chunk]:
    """The wanted chunks of a PNG, in order; all others are stepped over unread.

    Ends quietly at IEND, at the end of the data, or where they stop making sense. Chunks with a
    wrong checksum or over 64 MiB are left out.

    Args:
        source: the whole file, or a file open at its beginning.
        wanted: kinds, such as b"IHDR".
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    if file.read(len(SIGNATURE)) != SIGNATURE:
        return
    while len(head := file.read(8)) == 8:
        (length,) = struct.unpack(">I", head[:4])
        kind = head[4:]
        if kind == b"IEND" or length > 0x7FFFFFFF or not kind.isalpha():
            return
        if kind not in wanted or length > _LARGEST_CHUNK:
            file.seek(length + 4, io.SEEK_CUR)
            continue
        body, checksum = file.read(length), file.read(4)
        if checksum == struct.pack(">I", zlib.crc32(kind + body)):
            yield Chunk(kind, body)


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk as it stands in the file: length, kind, body, checksum."""
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def international_text(keyword: str, value: str) -> bytes:
    """An uncompressed iTXt chunk, so that the text can be found with any tool.

    Args:
        keyword: 1 to 79 printable Latin-1 characters without outer or double spaces.
        value: anything UTF-8 can hold but NUL.

    Raises:
        PictureError: a keyword or a value that PNG does not allow.
    """
    if not _KEYWORD.fullmatch(keyword):
        raise PictureError(
            f"PNG text cannot be kept under the keyword {keyword!r}",
            "use 1 to 79 printable Latin-1 characters",
        )
    try:
        encoded = value.encode()
    except UnicodeEncodeError as error:
        raise PictureError(f"the text of {keyword!r} is not valid Unicode") from error
    if b"\0" in encoded:
        raise PictureError(f"the text of {keyword!r} holds a NUL character")
    # flags: not compressed, method 0; then an empty language tag and translated keyword
    return chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + encoded)


def text_entry(found: Chunk, limit: int) -> tuple[str, str] | None:
    """Keyword and text of a tEXt, zTXt or iTXt chunk; None where damaged or over `limit` bytes."""
    keyword, _, rest = found.body.partition(b"\0")
    try:
        if found.kind == b"tEXt":
            raw, encoding = rest, "latin-1"
        elif found.kind == b"zTXt":
            raw, encoding = inflate(rest[1:], limit), "latin-1"
        else:
            _, _, tail = rest[2:].partition(b"\0")
            _, _, raw = tail.partition(b"\0")
            raw, encoding = inflate(raw, limit) if rest[:1] == b"\1" else raw, "utf-8"
        if len(raw) > limit:
            return None
        return keyword.decode("latin-1"), raw.decode(encoding)
    except (zlib.error, UnicodeDecodeError):
        return None


def inflate(packed: bytes, limit: int) -> bytes:
    """Unpack a zlib stream of at most `limit` bytes.

    Raises:
        zlib.error: damaged, cut short, or longer than `limit`: a bomb is never unpacked.
    """
    stream = zlib.decompressobj()
    data = stream.decompress(packed, max(1, limit))
    if not stream.eof:
        raise zlib.error("incomplete or too long")
    return data
