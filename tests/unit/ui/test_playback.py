"""Playback by a clock of our own."""

from __future__ import annotations

from fractions import Fraction

import pytest

from imvar_studio.ui.stage.playback import Picture, Player, Range, shuttled

FILM = Range(0, 47, Fraction(12), looping=False)


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def player(clock: Clock) -> Player:
    return Player(clock)


def decoded(_: int) -> Picture:
    return Picture.DECODED


def test_frames_are_due_at_the_films_rate(player: Player, clock: Clock) -> None:
    assert player.play(5, FILM) == 5
    assert player.due() == (5, False)
    assert player.until_next() == pytest.approx(1 / 12)
    clock.now += 0.083
    assert player.due() == (5, False)
    clock.now += 0.001
    assert player.due() == (6, False)
    clock.now += 2.0
    assert player.due() == (30, False)


def test_an_odd_rate_does_not_drift(player: Player, clock: Clock) -> None:
    player.play(0, Range(0, 99_999, Fraction(24000, 1001), looping=False))
    clock.now += 1001.0
    assert player.due() == (24_000, False)


def test_a_frame_is_shown_once(player: Player, clock: Clock) -> None:
    player.play(0, FILM)
    assert player.advance(decoded) == 0
    assert player.advance(decoded) is None
    clock.now += 1 / 12
    assert player.advance(decoded) == 1
    assert player.dropped == 0


def test_the_end_is_shown_for_its_time_and_then_over(player: Player, clock: Clock) -> None:
    player.play(46, FILM)
    clock.now += 1 / 12
    assert player.due() == (47, False)
    assert player.advance(decoded) == 47
    clock.now += 1 / 12
    assert player.due() == (47, True)
    assert player.play(47, FILM) == 0  # at the end it starts again


def test_a_loop_goes_round_in_its_range_both_ways(player: Player, clock: Clock) -> None:
    loop = Range(10, 13, Fraction(12), looping=True)
    assert player.play(30, loop) == 10  # outside of it
    seen = []
    for _ in range(6):
        seen.append(player.due()[0])
        clock.now += 1 / 12
    assert seen == [10, 11, 12, 13, 10, 11]
    assert player.play(11, loop, -1) == 11
    seen = []
    for _ in range(6):
        seen.append(player.due()[0])
        clock.now += 1 / 12
    assert seen == [11, 10, 13, 12, 11, 10]


def test_backwards_ends_at_the_beginning(player: Player, clock: Clock) -> None:
    player.play(2, FILM, -1)
    clock.now += 2 / 12
    assert player.due() == (0, False)
    clock.now += 1 / 12
    assert player.due() == (0, True)
    assert player.play(0, FILM, -1) == 47


def test_shuttle_doubles_turns_and_stops() -> None:
    rates = [0]
    for direction in (1, 1, 1, 1, 1, -1, -1, 0, -1):
        rates.append(shuttled(rates[-1], direction))
    assert rates == [0, 1, 2, 4, 8, 8, -1, -2, 0, -1]


def test_faster_plays_more_frames_a_second(player: Player, clock: Clock) -> None:
    player.play(0, FILM, 4)
    assert player.until_next() == pytest.approx(1 / 48)
    clock.now += 0.5
    assert player.due() == (24, False)
    assert player.advance(decoded) == 24
    assert player.dropped == 0  # left out on purpose


def test_what_is_not_decoded_in_time_is_dropped_and_counted(player: Player, clock: Clock) -> None:
    late = {1, 2}

    def look(frame: int) -> Picture:
        return Picture.WAITED_FOR if frame in late else Picture.DECODED

    player.play(0, FILM)
    assert player.advance(look) == 0
    clock.now += 1 / 12
    assert player.advance(look) is None
    assert player.dropped == 0  # it may still come
    clock.now += 1 / 12
    assert player.advance(look) is None
    assert player.dropped == 1
    late.clear()
    assert player.advance(look) == 2  # in its own time after all
    clock.now += 1 / 12
    assert player.advance(look) == 3
    assert player.dropped == 1


def test_a_stall_drops_what_it_skipped_but_not_what_is_not_rendered(
    player: Player, clock: Clock
) -> None:
    def look(frame: int) -> Picture:
        return Picture.MISSING if 5 <= frame < 8 else Picture.DECODED

    player.play(0, FILM)
    player.advance(look)
    clock.now += 10 / 12
    assert player.advance(look) == 10
    assert player.dropped == 6  # 1 to 4, 8 and 9


def test_what_is_not_rendered_is_held_and_not_counted(player: Player, clock: Clock) -> None:
    player.play(0, FILM)
    for _ in range(20):
        assert player.advance(lambda _: Picture.MISSING) is None
        clock.now += 1 / 12
    assert (player.due()[0], player.dropped) == (20, 0)


def test_the_count_begins_anew_with_play_not_with_shuttle(player: Player, clock: Clock) -> None:
    player.play(0, FILM)
    clock.now += 5 / 12
    player.advance(decoded)
    assert player.dropped == 5
    player.play(5, FILM, 2)
    assert player.dropped == 5
    player.stop()
    player.play(5, FILM)
    assert player.dropped == 0


def test_seek_and_change_go_on_from_there(player: Player, clock: Clock) -> None:
    player.play(0, FILM)
    clock.now += 1.0
    player.seek(40)
    clock.now += 2 / 12
    assert player.due() == (42, False)
    player.change(Range(0, 20, Fraction(24), looping=False), 42)
    assert player.due() == (20, False)
    player.seek(10)
    clock.now += 0.25
    assert player.due() == (16, False)


def test_ahead_is_what_is_due_next(player: Player, clock: Clock) -> None:
    player.play(45, FILM)
    assert player.ahead(5) == [45, 46, 47]
    player.play(12, Range(10, 13, Fraction(12), looping=True))
    assert player.ahead(3) == [12, 13, 10]
    assert player.ahead(99) == [12, 13, 10, 11]
    player.play(2, FILM, -2)
    clock.now += 1 / 24
    assert player.ahead(5) == [1, 0]
