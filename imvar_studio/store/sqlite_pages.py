"""Rows out of the bytes of an SQLite database whose trees cannot be followed any more.

Every page that looks like a table's leaf is read for itself. What comes out may be wrong: who
asks must be able to tell a whole row. Source: sqlite.org/fileformat2.html, 1.5 and 2.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAF = 13  # of a table
_FIRST_HEADER = 100  # bytes of the file's header before the first page's own


def leaf_rows(data: bytes, page_size: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Return the id and values of every row of any table that can be made out.

    Args:
        data: the file, in UTF-8 and without reserved bytes.
        page_size: of its pages, in bytes.
    """
    for start in range(0, len(data) - page_size + 1, page_size):
        header = start if start else _FIRST_HEADER
        if data[header] != _LEAF:
            continue
        count = int.from_bytes(data[header + 3 : header + 5], "big")
        for index in range(min(count, page_size // 4)):
            at = header + 8 + 2 * index
            cell = start + int.from_bytes(data[at : at + 2], "big")
            with suppress(IndexError, ValueError, struct.error):
                size, at = _varint(data, cell)
                number, at = _varint(data, at)
                yield number, _values(_payload(data, at, size, page_size))


def _payload(data: bytes, at: int, size: int, page_size: int) -> bytes:
    """Return a row's bytes, followed over its overflow pages."""
    if size > len(data):
        raise ValueError(size)
    most = page_size - 35
    if size <= most:
        return data[at : at + size]
    least = (page_size - 12) * 32 // 255 - 23
    local = least + (size - least) % (page_size - 4)
    local = local if local <= most else least
    parts, left = [data[at : at + local]], size - local
    following = data[at + local : at + local + 4]
    while left > 0:
        page = (int.from_bytes(following, "big") - 1) * page_size
        part = data[page + 4 : page + 4 + min(left, page_size - 4)] if page >= 0 else b""
        if not part:
            raise ValueError(page)
        parts.append(part)
        left -= len(part)
        following = data[page : page + 4]
    return b"".join(parts)


def _values(payload: bytes) -> tuple[Any, ...]:
    end, at = _varint(payload, 0)
    types, start = [], end
    while at < end:
        kind, at = _varint(payload, at)
        types.append(kind)
    found = []
    for kind in types:
        size = _size(kind)
        content = payload[start : start + size]
        if len(content) < size:
            raise ValueError(kind)
        found.append(_value(kind, content))
        start += size
    return tuple(found)


def _size(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    return (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind]


def _value(kind: int, content: bytes) -> Any:
    if kind >= 12:
        return content.decode("utf-8", "replace") if kind % 2 else content
    if kind == 7:
        return struct.unpack(">d", content)[0]
    if kind in (8, 9):
        return kind - 8
    return int.from_bytes(content, "big", signed=True) if content else None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a whole number of 1 to 9 bytes and where it ends."""
    found = 0
    for index in range(8):
        byte = data[at + index]
        found = found << 7 | byte & 0x7F
        if byte < 0x80:
            return found, at + index + 1
    return found << 8 | data[at + 8], at + 9
