from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.codec import decode
from imvar_studio.model.errors import StoreError
from imvar_studio.plan.plan import Plan
from imvar_studio.store.takes import Take, video_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.store.project_folder import ProjectFolder

    MakePlan = Callable[..., Plan]
SPEC = {"film": "owls", "batch": 4}


def render(take: Take, folder: ProjectFolder, *seeds: int, note: str = "") -> None:
    """Make the pictures at these places of the plan."""
    for place in seeds:
        digest = take.plan.pictures[place].digest
        file = folder.frames.put(digest, f"picture {digest} {note}".encode())
        take.record(digest, file, f"cpu {note}", 0.5)


def test_a_take_holds_its_plan(folder: ProjectFolder, make_plan: MakePlan) -> None:
    plan = make_plan(1, 2, 1)
    take = Take.open_or_create(folder, plan, SPEC)
    assert take.path == folder.path / "takes" / plan.digest[:16]
    data = json.loads((take.path / "plan.json").read_bytes())
    assert (data["format"], data["version"], data["digest"]) == ("imvar-take", 1, plan.digest)
    assert data["spec"] == SPEC
    assert decode(data["plan"], Plan) == plan


def test_the_same_plan_is_the_same_take(folder: ProjectFolder, make_plan: MakePlan) -> None:
    take = Take.open_or_create(folder, make_plan(1, 2), SPEC)
    render(take, folder, 0)
    plan_file = take.path / "plan.json"
    before, stamp = plan_file.read_bytes(), plan_file.stat().st_mtime_ns
    again = Take.open_or_create(folder, make_plan(1, 2), SPEC)
    assert again.path == take.path
    assert plan_file.stat().st_mtime_ns == stamp
    assert list(again.finished()) == [take.plan.pictures[0].digest]
    plan_file.write_bytes(b"damaged")
    Take.open_or_create(folder, make_plan(1, 2), SPEC)
    assert plan_file.read_bytes() == before
    assert Take.open_or_create(folder, make_plan(1, 2, batch=2), SPEC).path != take.path


def test_only_whole_frames_count(folder: ProjectFolder, make_plan: MakePlan) -> None:
    take = Take.open_or_create(folder, make_plan(1, 2, 3, 4), SPEC)
    first, second, third, fourth = (each.digest for each in take.plan.pictures)
    render(take, folder, 0, 1, 2)
    folder.frames.put(fourth, b"a frame no journal knows")
    found = take.finished()
    assert list(found) == [first, second, third]
    assert (found[first].fingerprint, found[first].seconds) == ("cpu ", 0.5)
    folder.frames.path(first).unlink()
    data = bytearray(folder.frames.path(third).read_bytes())
    data[5] ^= 1
    folder.frames.path(third).write_bytes(data)
    assert list(take.finished()) == [second]
    render(take, folder, 2)
    assert list(take.finished()) == [second, third]


def test_the_last_record_whose_file_is_there_counts(
    folder: ProjectFolder, make_plan: MakePlan
) -> None:
    take = Take.open_or_create(folder, make_plan(1), SPEC)
    digest = take.plan.pictures[0].digest
    render(take, folder, 0, note="first")
    old = folder.frames.path(digest).read_bytes()
    render(take, folder, 0, note="second")
    assert take.finished()[digest].fingerprint == "cpu second"
    folder.frames.put(digest, old)
    assert take.finished()[digest].fingerprint == "cpu first"


def test_frames_of_other_takes_count_and_are_copied(
    folder: ProjectFolder, make_plan: MakePlan
) -> None:
    one = Take.open_or_create(folder, make_plan(1, 2, 3), SPEC)
    render(one, folder, 0, 1, 2)
    two = Take.open_or_create(folder, make_plan(3, 2, 9), SPEC)
    shared = [one.plan.pictures[i].digest for i in (2, 1)]
    folder.frames.path(shared[1]).write_bytes(b"damaged")
    assert list(two.finished()) == shared[:1]
    folder.frames.put(shared[1], f"picture {shared[1]} ".encode())
    assert list(two.finished()) == shared
    journal = two.path / "journal.jsonl"
    before = journal.read_bytes()
    assert before.count(b"\n") == 2
    assert list(two.finished()) == shared
    assert journal.read_bytes() == before  # copied once
    (one.path / "journal.jsonl").unlink()
    assert list(two.finished()) == shared


def test_a_torn_journal_of_another_take_does_no_harm(
    folder: ProjectFolder, make_plan: MakePlan
) -> None:
    one = Take.open_or_create(folder, make_plan(1, 2), SPEC)
    render(one, folder, 0, 1)
    journal = one.path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])
    (folder.takes / "stray").mkdir()
    (folder.takes / "stray" / "journal.jsonl").mkdir()
    two = Take.open_or_create(folder, make_plan(2, 1), SPEC)
    assert list(two.finished()) == [one.plan.pictures[0].digest]


def test_the_video_is_made_again_only_if_something_changed(
    folder: ProjectFolder, make_plan: MakePlan, tmp_path: Path
) -> None:
    take = Take.open_or_create(folder, make_plan(1), SPEC)
    key = video_key(["a" * 64, "b" * 64], {"crf": 16, "fps": "12"})
    assert take.video_of(key) is None
    inside = take.video_path()
    inside.write_bytes(b"a film")
    take.record_video(key, inside)
    assert take.video_of(key) == inside
    assert take.video_of(video_key(["b" * 64, "a" * 64], {"crf": 16, "fps": "12"})) is None
    assert take.video_of(video_key(["a" * 64, "b" * 64], {"crf": 17, "fps": "12"})) is None
    moved = folder.path.rename(tmp_path / "moved.imvar")
    elsewhere = type(folder).open(moved)
    assert Take(elsewhere, take.plan).video_of(key) == elsewhere.path / inside.relative_to(
        folder.path
    )
    outside = tmp_path / "film.mp4"
    outside.write_bytes(b"another film")
    other = Take.open_or_create(elsewhere, make_plan(1), SPEC)
    other.record_video(key, outside)
    assert other.video_of(key) == outside
    outside.write_bytes(b"another filM")
    assert other.video_of(key) is None
    outside.unlink()
    assert other.video_of(key) is None


@pytest.mark.parametrize("content", [b"", b"{}", b'{"key": NaN}', b"[" * 9999, b"\xff"])
def test_a_damaged_record_of_a_video_is_no_video(
    folder: ProjectFolder, make_plan: MakePlan, content: bytes
) -> None:
    take = Take.open_or_create(folder, make_plan(1), SPEC)
    (take.path / "video.json").write_bytes(content)
    assert take.video_of("a" * 64) is None


def test_a_video_that_is_not_there_is_not_recorded(
    folder: ProjectFolder, make_plan: MakePlan
) -> None:
    take = Take.open_or_create(folder, make_plan(1), SPEC)
    with pytest.raises(StoreError, match="cannot read"):
        take.record_video("a" * 64, take.video_path(".webm"))
