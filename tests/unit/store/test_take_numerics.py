"""Which pictures of a take other numerics made than most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imvar_studio.store.takes import Take

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.plan.plan import Plan
    from imvar_studio.store.project_folder import ProjectFolder


def rendered(
    folder: ProjectFolder, plan: Plan, made: list[tuple[int, str]]
) -> tuple[Take, list[str]]:
    take = Take.open_or_create(folder, plan, {})
    names = [picture.digest for picture in plan.pictures]
    for place, fingerprint in made:
        file = folder.frames.put(names[place], f"{place} {fingerprint}".encode())
        take.record(names[place], file, fingerprint, 1.0)
    return take, names


@pytest.mark.parametrize(
    ("made", "counts", "odd"),
    [
        ([], [], []),
        ([(0, "cpu"), (1, "cpu")], [("cpu", 2)], []),
        ([(2, "gpu"), (0, "cpu"), (1, "cpu")], [("cpu", 2), ("gpu", 1)], [2]),
        # equally many: the one used last is the one to stay with
        ([(0, "cpu"), (1, "cpu"), (2, "gpu"), (3, "gpu")], [("gpu", 2), ("cpu", 2)], [0, 1]),
        ([(3, "gpu"), (2, "gpu"), (1, "cpu"), (0, "cpu")], [("cpu", 2), ("gpu", 2)], [2, 3]),
        # made again: the first time no longer counts
        ([(0, "gpu"), (1, "cpu"), (2, "cpu"), (0, "cpu")], [("cpu", 3)], []),
    ],
)
def test_the_odd_ones_are_those_that_differ_from_most(
    folder: ProjectFolder,
    make_plan: Callable[..., Plan],
    made: list[tuple[int, str]],
    counts: list[tuple[str, int]],
    odd: list[int],
) -> None:
    take, names = rendered(folder, make_plan(1, 2, 3, 4), made)
    assert list(take.fingerprints().items()) == counts
    assert take.odd() == tuple(names[place] for place in odd)
    finished = take.finished()
    for name in names:  # what the caller verified is not verified again
        folder.frames.path(name).unlink(missing_ok=True)
    assert list(take.fingerprints(finished).items()) == counts
    assert take.odd(finished) == tuple(names[place] for place in odd)
    assert take.odd() == ()


def test_frames_that_another_take_made_are_counted(
    folder: ProjectFolder, make_plan: Callable[..., Plan]
) -> None:
    rendered(folder, make_plan(1, 2, 3), [(0, "gpu"), (1, "cpu"), (2, "cpu")])
    take, names = rendered(folder, make_plan(9, 1, 2), [(0, "cpu")])
    assert take.fingerprints() == {"cpu": 2, "gpu": 1}
    assert take.odd() == (names[1],)
