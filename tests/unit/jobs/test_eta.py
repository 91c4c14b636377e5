"""The time that is left: from the estimate, then from what the render takes."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from imvar_studio.jobs.eta import Eta

CHUNK, STEPS = 160.0, 16  # work and reports of a chunk


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def render_chunk(eta: Eta, clock: Clock, before: float, seconds: float, warm_up: float = 0) -> None:
    """Report a chunk's steps; warming up falls into the first."""
    clock.now += warm_up
    for step in range(1, STEPS + 1):
        clock.now += seconds / STEPS
        eta.report(before + CHUNK * step / STEPS)
    eta.chunk(before + CHUNK)


def test_nothing_is_known_without_an_estimate(clock):
    eta = Eta(1600, None, clock)
    assert eta.seconds_left() is None
    clock.now += 5
    eta.report(20)
    assert eta.seconds_left() is None


def test_before_the_first_chunk_the_estimate_holds(clock):
    eta = Eta(1600, 40, clock)
    assert eta.seconds_left() == pytest.approx(40)
    clock.now += 7  # slower than thought, but it may be the warming up
    eta.report(40)
    assert eta.seconds_left() == pytest.approx(39)


def test_after_it_what_the_render_took_and_only_what_is_left(clock):
    eta = Eta(1600, 40, clock)
    render_chunk(eta, clock, 0, 8.0)
    assert eta.seconds_left() == pytest.approx(72)
    clock.now += 4
    eta.report(CHUNK * 1.5)
    assert eta.seconds_left() == pytest.approx(68)
    render_chunk(eta, clock, CHUNK, 6.0)  # from the second on, whole chunks
    assert eta.seconds_left() == pytest.approx(8 * 10.0)


def test_warming_up_does_not_count(clock):
    eta = Eta(1600, None, clock)
    render_chunk(eta, clock, 0, 8.0, warm_up=30)
    assert eta.seconds_left() == pytest.approx(72)
    render_chunk(eta, clock, CHUNK, 8.0)
    assert eta.seconds_left() == pytest.approx(64)


def test_standing_still_does_not_count(clock):
    eta = Eta(1600, None, clock)
    with eta.standing_still():
        clock.now += 100
    render_chunk(eta, clock, 0, 8.0)
    eta.report(CHUNK + 10)
    with eta.standing_still():  # within a chunk
        clock.now += 600
    render_chunk(eta, clock, CHUNK, 8.0)
    assert eta.seconds_left() == pytest.approx(64)
    with suppress(ZeroDivisionError), eta.standing_still():
        clock.now += 50
        raise ZeroDivisionError
    render_chunk(eta, clock, 2 * CHUNK, 8.0)
    assert eta.seconds_left() == pytest.approx(56)


def test_other_work_says_nothing_of_the_rate(clock):
    """Reading pictures in takes other times for the same work."""
    eta = Eta(1600 + 100, 85, clock)
    clock.now += 300
    eta.report(50)
    assert eta.seconds_left() == pytest.approx(82.5)
    eta.other_work(100)
    assert eta.seconds_left() == pytest.approx(80)
    render_chunk(eta, clock, 100, 4.0)
    assert eta.seconds_left() == pytest.approx(36)


def test_a_slow_chunk_is_left_out_and_a_slow_machine_believed(clock):
    eta = Eta(100 * CHUNK, None, clock)
    for number in range(6):
        render_chunk(eta, clock, number * CHUNK, 8.0)
    render_chunk(eta, clock, 6 * CHUNK, 200.0)
    assert eta.seconds_left() == pytest.approx(93 * 8)
    render_chunk(eta, clock, 7 * CHUNK, 8.0)
    assert eta.seconds_left() == pytest.approx(92 * 8)
    for number in range(8, 15):
        render_chunk(eta, clock, number * CHUNK, 16.0)
    assert eta.seconds_left() == pytest.approx(85 * 16, rel=0.25)
    for number in range(15, 20):
        render_chunk(eta, clock, number * CHUNK, 16.0)
    assert eta.seconds_left() == pytest.approx(80 * 16)


def test_a_first_chunk_of_one_report(clock):
    eta = Eta(10 * CHUNK, None, clock)
    clock.now += 5
    eta.chunk(CHUNK)
    assert eta.seconds_left() == pytest.approx(45)


def test_what_is_done_takes_no_time(clock):
    assert Eta(0, 0, clock).seconds_left() is None
    eta = Eta(CHUNK, 10, clock)
    render_chunk(eta, clock, 0, 8.0)
    assert eta.seconds_left() == 0
    eta.chunk(CHUNK)  # the last one again, with nothing new
    assert eta.seconds_left() == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_noisy_render_is_foreseen_within_a_tenth(clock, seed):
    """60 chunks of 8 s with 8% noise, a slow one in 20, a warm-up.

    After the first chunk within a quarter, from the seventh on within a tenth.
    """
    rng = random.Random(seed)
    chunks = 60
    seconds = [8 * rng.gauss(1, 0.08) * (4 if rng.random() < 0.05 else 1) for _ in range(chunks)]
    seconds[0] = 8.0
    eta = Eta(chunks * CHUNK, 5 * 8 * chunks, clock)  # the estimate is five times too long
    for number in range(chunks):
        render_chunk(eta, clock, number * CHUNK, seconds[number], 20 if number == 0 else 0)
        expected = 8 * (chunks - 1 - number)
        assert eta.seconds_left() == pytest.approx(expected, rel=0.25 if number < 6 else 0.1)
