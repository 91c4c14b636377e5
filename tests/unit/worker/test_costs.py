"""What calls cost: as timed, on a line between, in proportion beyond, relative without any."""

from __future__ import annotations

from collections import Counter

import pytest

from imvar_studio.engine.evaluations import Call, Schedule
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import UserError
from imvar_studio.worker.costs import Costs, Timed


def costs(half: dict[int, float], full: dict[int, float], decode: float = 0.0) -> Costs:
    timed = [Timed(Call(n), seconds) for n, seconds in half.items()]
    timed += [Timed(Call(n, precise=True), seconds) for n, seconds in full.items()]
    return Costs(tuple(timed), decode, 10, Schedule(1000, 1, 600))


def test_a_call_between_two_lies_on_their_line_and_beyond_them_in_proportion():
    found = costs({12: 1.3, 2: 0.3}, {8: 2.0})
    assert [found.seconds(Call(n)) for n in (1, 2, 8, 12, 24)] == pytest.approx(
        [0.15, 0.3, 0.9, 1.3, 2.6]
    )
    assert found.seconds(Call(4, precise=True)) == 1.0


def test_calls_beyond_those_that_were_timed_are_unknown():
    found = costs({12: 1.3, 2: 0.3}, {8: 2.0})
    asked = {Call(n, p) for n in (1, 2, 8, 12, 16) for p in (False, True)}
    assert found.unknown(asked) == asked - {Call(2), Call(8), Call(12), Call(8, precise=True)}
    assert Costs().unknown(asked) == asked


def test_work_is_the_sum_of_its_calls_and_decodes():
    found = costs({8: 0.5}, {8: 1.0}, decode=3.0)
    assert found.work(Counter({Call(8): 4, Call(8, precise=True): 2}), 2) == 10.0


def test_without_a_calibration_a_sample_is_the_unit():
    work = Counter({Call(8): 4, Call(12, precise=True): 1, Call(1): 10})
    assert Costs().work(work, 5) == 32 + 12 + 25


def test_a_newer_calibration_adds_to_an_older_one_and_comes_back_from_a_file():
    old, new = costs({8: 0.5, 1: 0.2}, {}, 3.0), costs({12: 0.8, 8: 0.4}, {8: 1.0}, 4.0)
    both = old.joined(new)
    assert both == Costs(
        (Timed(Call(8), 0.4), Timed(Call(1), 0.2), Timed(Call(12), 0.8),
         Timed(Call(8, precise=True), 1.0)),
        3.0, 10, Schedule(1000, 1, 600),
    )  # fmt: skip
    assert decode(encode(both), Costs) == both
    # nothing was timed before: its decode is no shorter one
    assert Costs().joined(new) == new


@pytest.mark.parametrize(
    "damage",
    [{"unet": [{"call": {"samples": 0}, "seconds": 1.0}]},
     {"unet": [{"call": {"samples": 2}, "seconds": 0.0}]},
     {"unet": [{"call": {"samples": 2}, "seconds": 1.0}] * 2},
     {"decode": -1.0}, {"memory": -1}, {"schedule": {"trained": 9, "sensitive": 10}}],
)  # fmt: skip
def test_what_cannot_be_is_refused(damage):
    with pytest.raises(UserError):
        decode(damage, Costs)
