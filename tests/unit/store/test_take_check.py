from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.errors import StoreError
from imvar_studio.store.locks import take_lock
from imvar_studio.store.take_check import verify_takes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.store.takes import Take

    Render = Callable[..., Take]


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names_of(take: Take) -> list[str]:
    return [picture.digest for picture in take.plan.pictures]


def test_every_kind_of_damage_is_told_apart(folder: ProjectFolder, render: Render) -> None:
    take = render(1, 2, 3, 4, 5, 6, made=5, film="Owls")
    missing, truncated, flipped, whole, unnamed, left = names_of(take)
    paths = [folder.frames.path(name) for name in (missing, truncated, flipped)]
    paths[0].unlink()
    paths[1].write_bytes(paths[1].read_bytes()[:-1])
    data = bytearray(paths[2].read_bytes())
    data[len(data) // 2] ^= 1
    paths[2].write_bytes(data)
    journal = take.path / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:4]))  # killed between the frame and its record
    before = snapshot(folder.path)
    (check,) = verify_takes(folder)
    assert (check.id, check.film, check.plan_reads) == (take.path.name, "Owls", True)
    assert check.missing == (missing,)
    assert check.damaged == (truncated, flipped)
    assert check.stale == (unnamed,)
    assert (check.whole, check.left, check.is_whole) == (1, 1, False)
    assert list(take.finished()) == [whole]
    assert left not in take.finished()
    assert snapshot(folder.path) == before


def test_an_unfinished_take_may_be_whole(folder: ProjectFolder, render: Render) -> None:
    render(1, 2, 3, made=2)
    (check,) = verify_takes(folder)
    assert (check.whole, check.left, check.is_whole) == (2, 1, True)


@pytest.mark.parametrize("damage", ["frame", "video", "no video", "plan"])
def test_each_damage_alone_is_enough(folder: ProjectFolder, render: Render, damage: str) -> None:
    take = render(1, 2)
    take.video_path().write_bytes(b"a film")
    take.record_video("a" * 64, take.video_path())
    (before,) = verify_takes(folder)
    assert (before.is_whole, before.videos) == (True, (("video.mp4", True),))
    path = {
        "frame": folder.frames.path(names_of(take)[0]),
        "video": take.video_path(),
        "no video": take.video_path(),
        "plan": take.path / "plan.json",
    }[damage]
    if damage == "no video":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-3])
    (check,) = verify_takes(folder)
    assert not check.is_whole
    assert check.plan_reads == (damage != "plan")
    assert check.videos == (("video.mp4", "video" not in damage),)
    assert check.whole == (1 if damage == "frame" else 2)


def test_a_frame_is_whole_if_any_take_vouches_for_it(folder: ProjectFolder, render: Render) -> None:
    """Another take made it again, with other numerics: a render takes that over, too."""
    first, second = render(1, 2), render(2, 3)
    name = names_of(second)[0]
    second.record(name, folder.frames.put(name, b"made again"), "gpu", 1.0)
    assert all(check.is_whole for check in verify_takes(folder))
    (second.path / "journal.jsonl").unlink()
    found = {check.id: check for check in verify_takes(folder)}
    assert found[first.path.name].damaged == (name,)
    assert found[second.path.name].damaged == (name,)


def test_takes_are_verified_by_name(folder: ProjectFolder, render: Render) -> None:
    one, two = render(1, 2), render(2, 3, 4)
    seen: list[tuple[int, int]] = []
    (check,) = verify_takes(folder, [two.path.name[:8]], lambda *each: seen.append(each))
    assert check.id == two.path.name
    assert seen == [(1, 3), (2, 3), (3, 3)]
    seen.clear()
    assert len(verify_takes(folder, report=lambda *each: seen.append(each))) == 2
    assert seen[-1] == (4, 4)  # what takes share is read once
    with pytest.raises(StoreError, match="there is no take ffff"):
        verify_takes(folder, ["ffff"])
    assert one.path.is_dir()


def test_what_a_render_has_in_flight_is_not_called_stale(
    folder: ProjectFolder, render: Render
) -> None:
    take = render(1, 2, made=1)
    folder.frames.put(names_of(take)[1], b"its record follows")
    with take_lock(folder, take.path.name, "a render"):
        (check,) = verify_takes(folder)
        assert (check.stale, check.left, check.is_whole) == ((), 1, True)
        assert check.holder is not None
    (check,) = verify_takes(folder)
    assert (check.stale, check.is_whole) == ((names_of(take)[1],), False)
