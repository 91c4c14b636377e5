"""Ways to spoil a file, for tests: each a function of bytes and a seeded `random.Random`.

`BYTES` suit any file, `TEXTS` what is JSON or JSON lines, `PACKAGES` zips. `some` draws one.
"""

from __future__ import annotations

import io
import json
import random
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

Mutation = Callable[[bytes, random.Random], bytes]

# ---- of bytes


def truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def behead(data: bytes, rng: random.Random) -> bytes:
    return data[rng.randrange(len(data) + 1) :]


def flip_bits(data: bytes, rng: random.Random) -> bytes:
    spoiled = bytearray(data)
    for _ in range(rng.randint(1, 8) if data else 0):
        spoiled[rng.randrange(len(spoiled))] ^= 1 << rng.randrange(8)
    return bytes(spoiled)


def insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.randint(1, 64)) + data[at:]


def remove(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.randint(1, 64) :]


def repeat(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    end = at + rng.randint(1, 512)
    return data[:end] + data[at:]


def zeros(data: bytes, rng: random.Random) -> bytes:
    """What a pulled plug leaves of a page."""
    at = rng.randrange(len(data) + 1)
    length = min(rng.randint(1, 4096), len(data) - at)
    return data[:at] + bytes(length) + data[at + length :]


def noise(data: bytes, rng: random.Random) -> bytes:
    return rng.randbytes(rng.randint(0, 2 * len(data)))


# ---- of JSON, at any place of it

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**64), 10**39, 0.5, 1e308, -1e-308, "", " ",
    "x" * 100_000, "\0", "\ud800", "\u202e", "../../x", "/etc/passwd", "C:\\x", "NaN", "0", [], {},
    [[]], {"": ""}, [None] * 1000, "1/0", "9" * 40, "#gggggg", "f" * 64,
)  # fmt: skip
# what json cannot write
RAW = (
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1" * 5000, b"-" + b"9" * 41,
    b"0." + b"1" * 10_000, b"1e-99999", b"01", b"+1", b"0x10", b"'a'", b'"\xff\xfe"',
    b'"\xed\xa0\x80"', b'"\\ud800"', b'"\\x"', b'"a\nb"', b"[1,]", b"{,}", b"tru", b"", b"//",
    b'{"a": 1, "a": 2}',
    b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b"[" * 200 + b"]" * 200, b'{"a":' * 100 + b"1" + b"}" * 100,
)  # fmt: skip
_HOLE = "\u2603 a hole \u2603"


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key or index) below `data`."""
    found: list[tuple[Any, Any]] = []
    level = [data]
    while level:
        holders = [each for each in level if isinstance(each, (dict, list))]
        here = [
            (holder, key)
            for holder in holders
            for key in (list(holder) if isinstance(holder, dict) else range(len(holder)))
        ]
        found += here
        level = [holder[key] for holder, key in here]
    return found


def _at_a_place(data: bytes, rng: random.Random, change: Callable[[Any, Any], None]) -> bytes:
    """Change the data of a JSON file, or of one line of a file of lines."""
    lines = data.split(b"\n") if _is_lines(data) else [data]
    index = rng.choice([i for i, line in enumerate(lines) if line.strip()])
    content = json.loads(lines[index])
    change(*rng.choice(places(content)))
    text = json.dumps(content, ensure_ascii=False)
    lines[index] = text.encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _is_lines(data: bytes) -> bool:
    return data.count(b"\n") > 1 and data.startswith(b"{") and data.split(b"\n")[0].endswith(b"}")


def another_value(data: bytes, rng: random.Random) -> bytes:
    def change(holder: Any, key: Any) -> None:
        holder[key] = rng.choice(VALUES)

    return _at_a_place(data, rng, change)


def raw_value(data: bytes, rng: random.Random) -> bytes:
    def change(holder: Any, key: Any) -> None:
        holder[key] = _HOLE

    return _at_a_place(data, rng, change).replace(json.dumps(_HOLE, ensure_ascii=False).encode(),
                                                  rng.choice(RAW))  # fmt: skip


def lost_value(data: bytes, rng: random.Random) -> bytes:
    def change(holder: Any, key: Any) -> None:
        del holder[key]

    return _at_a_place(data, rng, change)


def new_key(data: bytes, rng: random.Random) -> bytes:
    def change(holder: Any, key: Any) -> None:
        if isinstance(holder, dict):
            holder[rng.choice(["kind", "x", "", "__class__", "\u202e"])] = holder.pop(key)
        else:
            holder.insert(key, holder[key])

    return _at_a_place(data, rng, change)


def moved_value(data: bytes, rng: random.Random) -> bytes:
    """One part in the place of another, or inside itself many times."""
    parts = [holder[key] for holder, key in places(json.loads(data.split(b"\n")[0]
             if _is_lines(data) else data))]  # fmt: skip

    def change(holder: Any, key: Any) -> None:
        part = rng.choice(parts)
        for _ in range(rng.choice([0, 1, 70, 130, 400])):
            part = rng.choice([{"kind": "scale", "look": part, "scale": 1}, [part]])
        holder[key] = part

    return _at_a_place(data, rng, change)


def doubled_key(data: bytes, rng: random.Random) -> bytes:
    text = data.decode()
    starts = [i for i, char in enumerate(text) if char == "{"]
    at = rng.choice(starts) + 1
    key = rng.choice(['"kind": "x", ', '"version": 1, ', '"a": 1, "a": 2, ', '"id": "film", '])
    return (text[:at] + key + text[at:]).encode()


def bad_text(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    bad = rng.choice([b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xef\xbb\xbf"])
    return data[:at] + bad + data[at:]


def other_encoding(data: bytes, rng: random.Random) -> bytes:
    return data.decode().encode(rng.choice(["utf-16", "utf-32", "utf-8-sig", "utf-16-be"]))


# ---- of zips


def _members(data: bytes) -> list[tuple[zipfile.ZipInfo, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info, archive.read(info)) for info in archive.infolist()]


def _zipped(members: list[tuple[Any, bytes]], kind: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", kind) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


NAMES = (
    "../evil", "../../../../tmp/evil", "assets/../../evil", "/evil", "//evil", "..", ".", "./evil",
    "assets//evil", "C:/evil", "C:evil", "\\evil", "..\\evil", "assets\\..\\..\\evil", "a:b",
    "\\\\host\\evil", "evil\0.png", "project.json", "PROJECT.json", "project.json/", "con",
    "\x1b[2J", "a" * 5000, "~/evil", "assets/..", "../p.imvar/project.json", "project.json/x",
    "\u202efosj",
)  # fmt: skip


def evil_name(data: bytes, rng: random.Random) -> bytes:
    """A member that would lie elsewhere, or over another one."""
    info = zipfile.ZipInfo("x")
    info.filename = rng.choice(NAMES)  # as zipfile itself would not write it
    members: list[tuple[Any, bytes]] = [*_members(data)]
    members.insert(rng.randrange(len(members) + 1), (info, b"evil"))
    return _zipped(members)


def evil_kind(data: bytes, rng: random.Random) -> bytes:
    """A link, device, pipe or socket in a member's place."""
    members = _members(data)
    info = zipfile.ZipInfo(
        rng.choice([members[-1][0].filename, "assets", "frames", "project.json"])
    )
    kinds = (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, 0xF000)
    info.create_system, info.external_attr = 3, (rng.choice(kinds) | 0o777) << 16
    kept = [each for each in members if each[0].filename != info.filename]
    return _zipped([(info, rng.choice([b"/etc", b"..", b"/"])), *kept])


def bomb(data: bytes, rng: random.Random) -> bytes:
    """Much out of little, in one member or in many."""
    many, each = rng.choice([(1, 2**23), (200, 2**15), (2, 2**22)])
    name = rng.choice(["assets/{:064x}.png", "takes/{:016x}/plan.json", "cache/{}"])
    extra: list[tuple[Any, bytes]] = [(name.format(i), bytes(each)) for i in range(many)]
    return lying_list(_zipped([*_members(data), *extra], zipfile.ZIP_DEFLATED), rng)


def spoiled_member(data: bytes, rng: random.Random) -> bytes:
    """One content changed, in a zip that is whole."""
    members: list[tuple[Any, bytes]] = [*_members(data)]
    index = rng.randrange(len(members))
    name, content = members[index]
    mutation = rng.choice(TEXTS if content.startswith(b"{") else BYTES)
    members[index] = (name, mutation(content, rng))
    return _zipped(members)


def lost_member(data: bytes, rng: random.Random) -> bytes:
    members: list[tuple[Any, bytes]] = [*_members(data)]
    members.pop(rng.randrange(len(members)))
    return _zipped(members)


# of an entry in a zip's list of members: offset and length of its fields
_FIELDS = ((6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (38, 4),
           (42, 4))  # fmt: skip


def lying_list(data: bytes, rng: random.Random) -> bytes:
    """The list of members, or its end, says something else."""
    spoiled = bytearray(data)
    entries = [i for i in range(len(data)) if data.startswith(b"PK\x01\x02", i)]
    end = data.rindex(b"PK\x05\x06")
    for _ in range(rng.randint(1, 3)):
        if rng.random() < 0.7:
            offset, length = rng.choice(_FIELDS)
            at = rng.choice(entries) + offset
        else:
            offset, length = rng.choice([(4, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)])
            at = end + offset
        value = rng.choice([0, 1, 5, 2**15, 2**31 - 1, 2**32 - 1, rng.randrange(2**32)])
        spoiled[at : at + length] = struct.pack("<I", value)[:length]
    return bytes(spoiled)


BYTES: tuple[Mutation, ...] = (
    truncate, behead, flip_bits, flip_bits, insert, remove, repeat, zeros, noise,
)  # fmt: skip
TEXTS: tuple[Mutation, ...] = (
    another_value, another_value, another_value, raw_value, raw_value, lost_value, new_key,
    moved_value, doubled_key, bad_text, other_encoding, *BYTES,
)  # fmt: skip
PACKAGES: tuple[Mutation, ...] = (
    evil_name, evil_name, evil_kind, bomb, spoiled_member, spoiled_member, lost_member, lying_list,
    lying_list, *BYTES,
)  # fmt: skip


def some(mutations: tuple[Mutation, ...], data: bytes, seed: int) -> bytes:
    """Return `data` spoiled by one of `mutations`; the same for the same seed."""
    rng = random.Random(seed)
    return mutations[seed % len(mutations)](data, rng)
