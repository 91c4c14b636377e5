from __future__ import annotations

import errno
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.errors import StoreError
from imvar_studio.store.locks import cleaning, take_lock
from imvar_studio.store.take_check import verify_takes
from imvar_studio.store.take_clean import Choice, clean_takes

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.store.takes import Take

    Render = Callable[..., Take]

DAY = 86400.0
ALL = Choice(keep_newest=0)


def ids(folder: ProjectFolder) -> list[str]:
    return sorted(path.name for path in folder.takes.iterdir() if path.suffix != ".part")


def frames(folder: ProjectFolder) -> set[str]:
    return set(folder.frames.sizes())


def names_of(*takes: Take) -> set[str]:
    return {picture.digest for take in takes for picture in take.plan.pictures}


def snapshot(folder: ProjectFolder) -> dict[Path, int]:
    return {path: path.stat().st_size for path in folder.path.rglob("*") if path.is_file()}


def test_without_really_nothing_goes_and_all_is_said(folder: ProjectFolder, render: Render) -> None:
    one, two = render(1, 2, 3, at=1000), render(3, 4, at=2000)
    before = snapshot(folder)
    said = clean_takes(folder, Choice(keep_newest=1), really=False)
    assert snapshot(folder) == before
    assert said.takes == (one.path.name,)
    assert set(said.frames) == names_of(one) - names_of(two)
    done = clean_takes(folder, Choice(keep_newest=1), really=True)
    assert done == said
    assert sum(before.values()) - sum(snapshot(folder).values()) == said.size > 0


def test_shared_frames_stay_and_the_other_take_is_whole(
    folder: ProjectFolder, render: Render
) -> None:
    one, two = render(1, 2, 3), render(3, 4)
    clean_takes(folder, Choice((one.path.name,)), really=True)
    assert ids(folder) == [two.path.name]
    assert frames(folder) == names_of(two)
    # the take's own journal knew the shared frame, or it would have to be made again
    assert set(two.finished()) == names_of(two)
    assert all(check.is_whole for check in verify_takes(folder))


def test_which_takes_are_chosen(folder: ProjectFolder, render: Render) -> None:
    now = time.time()
    ages = (0.1, 2, 9, 40)
    takes = [render(seed, at=now - age * DAY) for seed, age in enumerate(ages)]
    by_age = [take.path.name for take in takes]

    def chosen(**choice: Any) -> list[str]:
        return sorted(clean_takes(folder, Choice(**choice), really=False).takes)

    assert chosen() == []
    assert chosen(keep_newest=0) == sorted(by_age)
    assert chosen(keep_newest=3) == by_age[3:]
    assert chosen(keep_newest=9) == []
    assert chosen(older_than=9.0) == sorted(by_age[2:])
    assert chosen(older_than=1, keep_newest=3) == by_age[3:]
    assert chosen(takes=(by_age[0], by_age[3]), older_than=1) == by_age[3:]
    assert chosen(takes=(by_age[1][:6],)) == [by_age[1]]
    assert chosen(damaged=True) == []
    folder.frames.path(takes[2].plan.pictures[0].digest).write_bytes(b"damaged")
    assert chosen(damaged=True) == [by_age[2]]
    assert chosen(damaged=True, keep_newest=3) == []
    with pytest.raises(StoreError, match="there is no take 0000"):
        chosen(takes=("0000",))


def test_a_take_in_use_and_its_frames_stay(folder: ProjectFolder, render: Render) -> None:
    one, two = render(1, 2), render(2, 3)
    with take_lock(folder, one.path.name, "a render"):
        done = clean_takes(folder, ALL, really=True)
        assert done.takes == (two.path.name,)
        ((spared, why),) = done.spared
        assert (spared, why.startswith("it is in use by a render (process ")) == (
            one.path.name,
            True,
        )
    assert ids(folder) == [one.path.name]
    assert frames(folder) == names_of(one)


def test_a_render_that_has_no_plan_yet_keeps_all_frames(
    folder: ProjectFolder, render: Render
) -> None:
    take = render(1, 2)
    with take_lock(folder, "f" * 16, "a render"):
        done = clean_takes(folder, ALL, really=True)
        assert (done.takes, done.frames, done.blocked) == ((take.path.name,), (), ("f" * 16,))
    assert frames(folder) == names_of(take)


def test_what_is_kept_by_plan_or_recipe_stays(folder: ProjectFolder, render: Render) -> None:
    one, two = render(1, 2), render(3, 4)
    wanted = two.plan.pictures[1].digest
    done = clean_takes(folder, ALL, {one.plan.digest, wanted}, really=True)
    assert done.takes == (two.path.name,)
    assert done.spared == (
        (one.path.name, "the queue, a version or the undo history refers to it"),
    )
    assert frames(folder) == {*names_of(one), wanted}


def test_project_assets_and_cache_stay(
    folder: ProjectFolder, render: Render, tmp_path: Path
) -> None:
    (tmp_path / "cat.png").write_bytes(b"a cat")
    entry = folder.add_asset(tmp_path / "cat.png")
    folder.cache.put("a" * 64, b"latents")
    saved = folder.load()
    render(1, 2)
    clean_takes(folder, ALL, really=True)
    assert folder.asset_path(entry.sha).read_bytes() == b"a cat"
    assert folder.cache.get("a" * 64) == b"latents"
    assert folder.load() == saved
    assert (ids(folder), frames(folder)) == ([], set())


def test_a_take_whose_plan_does_not_read_keeps_all_frames(
    folder: ProjectFolder, render: Render
) -> None:
    """It may refer to any of them; chosen itself, it goes like any other."""
    one, two = render(1, 2, at=1000), render(3, 4, at=2000)
    (two.path / "plan.json").write_bytes(b"damaged")
    done = clean_takes(folder, Choice((one.path.name,)), really=True)
    assert (done.frames, done.blocked) == ((), (two.path.name,))
    assert frames(folder) == names_of(one, two)
    done = clean_takes(folder, Choice(damaged=True), really=True)
    assert (done.takes, done.blocked) == ((two.path.name,), ())
    assert set(done.frames) == names_of(two)


def test_frames_of_no_take_go_after_a_day(folder: ProjectFolder, render: Render) -> None:
    take = render(1)
    old, young = "0" * 64, "1" * 64
    for name in (old, young):
        folder.frames.put(name, b"of no take")
    past = time.time() - 1.1 * DAY
    for name in (old, *names_of(take)):
        os.utime(folder.frames.path(name), (past, past))
    assert clean_takes(folder, Choice(), really=True).frames == (old,)
    assert frames(folder) == {young, *names_of(take)}


def test_what_killed_programs_left_goes_after_a_day(folder: ProjectFolder, render: Render) -> None:
    take, busy = render(1).path, render(2).path
    past = time.time() - 1.1 * DAY
    part = f".{'0123456789abcdef'}.part"
    places = [folder.path, folder.path / "frames" / "ab", folder.path / "assets", take, busy]
    for place in places:
        place.mkdir(exist_ok=True)
        for name in (part, f".{'f' * 16}.part", "mine.part", ".hidden"):
            (place / name).write_bytes(b"x" * 10)
            if name != f".{'f' * 16}.part":
                os.utime(place / name, (past, past))
    for place in (take, busy):
        film = place / ".imvar-film-x"
        film.mkdir()
        (film / "a.mp4").write_bytes(b"x" * 100)
        os.utime(film, (past, past))
    with take_lock(folder, busy.name, "a render"):
        done = clean_takes(folder, Choice(), really=True)
    wanted = {*(place / part for place in places[:-1]), take / ".imvar-film-x"}
    assert set(done.leftovers) == wanted
    assert done.size == 4 * 10 + 100
    assert not any(path.exists() for path in wanted)
    assert (busy / ".imvar-film-x").is_dir()
    for place in places:
        assert {"mine.part", ".hidden", f".{'f' * 16}.part"} <= {p.name for p in place.iterdir()}


def crash_after(monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    """Make the so-many-th removal or renaming fail, and all after it, as a kill would."""
    left = [calls]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.EIO, "Input/output error")
            return real(*args, **kwargs)

        return run

    monkeypatch.setattr("imvar_studio.store.take_clean.os.replace", counted(os.replace))
    monkeypatch.setattr(Path, "unlink", counted(Path.unlink))
    monkeypatch.setattr(shutil, "rmtree", counted(shutil.rmtree))


@pytest.mark.parametrize("calls", range(12))
def test_a_crash_anywhere_costs_nothing_that_stays(
    folder: ProjectFolder, render: Render, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    """And a second run ends what the first began."""
    kept = render(3, 4, 9, at=9000)
    gone = [render(1, 2, 3, at=1000), render(4, 5, at=2000)]
    every = names_of(kept, *gone)
    choice = Choice(tuple(take.path.name for take in gone))
    crashed = True
    with monkeypatch.context() as patched, suppress(StoreError):
        crash_after(patched, calls)
        clean_takes(folder, choice, really=True)
        crashed = False
    there = {take.path.name for take in (kept, *gone) if take.path.exists()}
    assert kept.path.name in there
    # while a take is there all its frames are
    for take in (kept, *gone):
        if take.path.exists():
            assert names_of(take) <= frames(folder)
    assert all(check.is_whole for check in verify_takes(folder))
    assert set(kept.finished()) == names_of(kept)
    rest = Choice(tuple(name for name in choice.takes if name in there))
    again = clean_takes(folder, rest, really=True)
    assert ids(folder) == [kept.path.name]
    assert frames(folder) == names_of(kept) != every
    assert crashed or again.size == 0


def test_a_crash_is_reached_in_the_middle(
    folder: ProjectFolder, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the calls that the test above lets fail, some come when a take is half removed."""
    take = render(1, 2, 3)
    with monkeypatch.context() as patched:
        crash_after(patched, 4)
        with pytest.raises(StoreError, match="cannot remove"):
            clean_takes(folder, ALL, really=True)
    assert not take.path.exists()
    assert 0 < len(frames(folder)) < 3
    said = clean_takes(folder, Choice(), really=False)
    assert (said.takes, set(said.frames)) == ((), frames(folder))


def test_only_one_cleans(folder: ProjectFolder, render: Render) -> None:
    take = render(1)
    with (
        cleaning(folder, "another"),
        pytest.raises(StoreError, match=r"are being cleaned by another \(process "),
    ):
        clean_takes(folder, ALL, really=True)
    assert ids(folder) == [take.path.name]
    assert frames(folder) == names_of(take)
