from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from imvar_studio.store.hashing import blake2b
from imvar_studio.store.take_videos import VideoRecord, recorded_videos
from imvar_studio.store.takes import Take

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.plan.plan import Plan
    from imvar_studio.store.project_folder import ProjectFolder

MP4, GIF = "a" * 64, "b" * 64


@pytest.fixture
def take(folder: ProjectFolder, make_plan: Callable[..., Plan]) -> Take:
    return Take.open_or_create(folder, make_plan(1), {"film": {"name": "owls"}})


def encoded(take: Take, ending: str, key: str, content: bytes = b"a film") -> None:
    take.video_path(ending).write_bytes(content)
    take.record_video(key, take.video_path(ending))


def test_a_take_remembers_one_video_for_every_ending(take: Take) -> None:
    encoded(take, ".mp4", MP4)
    encoded(take, ".gif", GIF)
    assert take.video_of(MP4) == take.video_path(".mp4")
    assert take.video_of(GIF) == take.video_path(".gif")
    encoded(take, ".mp4", "c" * 64, b"another film")
    assert take.video_of(MP4) is None
    assert take.video_of("c" * 64) == take.video_path(".mp4")
    assert take.video_of(GIF) == take.video_path(".gif")
    assert [each.ending for each in recorded_videos(take.path)] == [".gif", ".mp4"]
    take.video_path(".gif").write_bytes(b"a filM")
    assert take.video_of(GIF) is None


def test_a_record_from_when_there_was_one_is_read(take: Take) -> None:
    take.video_path().write_bytes(b"a film")
    old = {"key": MP4, "path": "video.mp4", "size": 6, "file": blake2b(b"a film").hexdigest()}
    (take.path / "video.json").write_text(json.dumps(old))
    assert take.video_of(MP4) == take.video_path()
    encoded(take, ".gif", GIF)
    assert take.video_of(MP4) == take.video_path()
    assert take.video_of(GIF) == take.video_path(".gif")


@pytest.mark.parametrize("content", [b'{"videos": 3}', b'{"videos": [{}]}', b"[]", b"\0"])
def test_a_damaged_record_is_none_and_is_replaced(take: Take, content: bytes) -> None:
    (take.path / "video.json").write_bytes(content)
    assert recorded_videos(take.path) == ()
    encoded(take, ".gif", GIF)
    assert take.video_of(GIF) == take.video_path(".gif")


@pytest.mark.parametrize("path", ["video\0.mp4", "x" * 300, ""])
def test_a_strange_path_is_no_video(take: Take, path: str) -> None:
    record = {"key": MP4, "path": path, "size": 0, "file": "c" * 64}
    (take.path / "video.json").write_text(json.dumps({"videos": [record]}))
    assert take.video_of(MP4) is None


def test_a_video_of_another_place_is_compared_there(take: Take) -> None:
    record = VideoRecord(MP4, str(take.video_path()), 6, blake2b(b"a film").hexdigest())
    assert not record.is_whole(take.path)
    take.video_path().write_bytes(b"a film")
    assert record.is_whole(take.path / "elsewhere")
