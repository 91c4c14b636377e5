from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.errors import SpecError, StoreError
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.frames import FrameStore

if TYPE_CHECKING:
    from pathlib import Path

DIGEST, OTHER = "ab" + "0" * 62, "cd" + "1" * 62


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_frame_lies_under_its_digest_and_returns_its_hash(tmp_path: Path) -> None:
    frames = FrameStore(tmp_path)
    found = frames.put(DIGEST, b"picture")
    assert found == hashlib.blake2b(b"picture", digest_size=32).hexdigest()
    assert frames.path(DIGEST) == tmp_path / "frames" / "ab" / f"{DIGEST}.png"
    assert frames.path(DIGEST).read_bytes() == b"picture"
    assert frames.is_whole(DIGEST, found)


def test_every_flipped_bit_of_a_frame_is_found(tmp_path: Path) -> None:
    frames = FrameStore(tmp_path)
    data = b"\x89PNG picture"
    found = frames.put(DIGEST, data)
    for bit in range(len(data) * 8):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        frames.path(DIGEST).write_bytes(damaged)
        assert not frames.is_whole(DIGEST, found)
    frames.path(DIGEST).write_bytes(data[:-1])
    assert not frames.is_whole(DIGEST, found)
    frames.path(DIGEST).unlink()
    assert not frames.is_whole(DIGEST, found)
    assert frames.put(DIGEST, data) == found
    assert frames.is_whole(DIGEST, found)


@pytest.mark.parametrize("digest", ["../../x", "ab", DIGEST.upper()])
def test_only_digests_name_frames(tmp_path: Path, digest: str) -> None:
    with pytest.raises(SpecError):
        FrameStore(tmp_path).put(digest, b"")
    with pytest.raises(SpecError):
        DigestCache(tmp_path).put(digest, b"")


def test_a_frame_that_finds_no_space_is_said(small_disk: Path) -> None:
    frames = FrameStore(small_disk)
    with pytest.raises(StoreError, match="disk is full"):
        frames.put(DIGEST, b"x" * 2**20)
    assert not frames.path(DIGEST).exists()


@pytest.mark.parametrize("data", [b"", b"latents" * 100])
def test_the_cache_gives_back_what_it_got(tmp_path: Path, data: bytes) -> None:
    cache = DigestCache(tmp_path / "cache")
    assert cache.get(DIGEST) is None
    cache.put(DIGEST, data)
    assert DigestCache(tmp_path / "cache").get(DIGEST) == data
    assert cache.get(OTHER) is None


def test_a_damaged_entry_is_removed_and_counts_as_absent(tmp_path: Path) -> None:
    cache = DigestCache(tmp_path)
    path = tmp_path / "ab" / DIGEST
    cache.put(DIGEST, b"latents")
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert cache.get(DIGEST) is None
        assert not path.exists()
        path.write_bytes(whole[:place])
        assert cache.get(DIGEST) is None
        assert not path.exists()


def test_an_entry_under_anothers_name_is_damaged(tmp_path: Path) -> None:
    cache = DigestCache(tmp_path)
    cache.put(DIGEST, b"latents")
    (tmp_path / "cd").mkdir()
    (tmp_path / "ab" / DIGEST).rename(tmp_path / "cd" / OTHER)
    assert cache.get(OTHER) is None


def test_a_full_disk_stops_no_render(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = DigestCache(small_disk)
    with caplog.at_level(logging.WARNING):
        cache.put(DIGEST, b"x" * 2**20)
    assert "the disk is full" in caplog.text
    assert cache.get(DIGEST) is None
    assert names_in(small_disk / "ab") == []


def test_a_cache_that_cannot_be_made_stops_no_render(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_bytes(b"a file where the folder should be")
    cache = DigestCache(tmp_path / "cache")
    cache.put(DIGEST, b"latents")
    assert cache.get(DIGEST) is None
    assert len(caplog.records) == 2
