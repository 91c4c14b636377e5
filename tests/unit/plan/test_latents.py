"""Where the frames of a transition start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.curve import Easing
from imvar_studio.model.look import Crop, Picture, Prompt, Weighted
from imvar_studio.model.source import Asset, Framing
from imvar_studio.model.start import Between, Circle, InversionSpec, Inverted, Noise
from imvar_studio.model.timeline import Transition
from imvar_studio.plan.dip import own_start

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.recipe import Recipe
    from imvar_studio.model.start import Start
    from imvar_studio.model.timeline import Keyframe

    Key = Callable[..., Keyframe]
    Frames = Callable[..., list[Recipe]]

ASSET = Asset("ab" * 32, Framing("fit"))
HOLD, CIRCLE = Transition(latent="hold"), Transition(latent="circle")


def test_a_keyframe_starts_from_its_picture_or_the_seed(key: Key) -> None:
    noise = Noise(7)
    cases = [
        ("an owl", noise),
        (Picture(ASSET), Inverted(ASSET)),
        (Crop(ASSET), noise),  # not the whole picture
        ((Weighted(Picture(ASSET)), Weighted(Prompt("an owl"))), noise),
    ]
    for look, expected in cases:
        assert own_start(key(0, look), 7) == expected
    for start in (Noise(8), Inverted(ASSET, InversionSpec(steps=9))):
        assert own_start(key(0, Picture(ASSET), start=start), 7) == start


@pytest.mark.parametrize("path", ["slerp", "lerp"])
@pytest.mark.parametrize("shape", ["linear", "cubic-out", "back-in"])
def test_latents_move_with_eased_progress(key: Key, frames: Frames, path: str, shape: str) -> None:
    way = Transition(Easing(shape), latent=path)
    made = frames(key(0, start=Noise(1), transition=way), key(1, start=Noise(2)))
    assert [made[0].start, made[12].start] == [Noise(1), Noise(2)]
    for index in range(1, 12):
        u = Easing(shape)(index / 12)
        assert made[index].start == Between(Noise(1), Noise(2), u, path)


def test_equal_starts_stay(key: Key, frames: Frames) -> None:
    made = frames(key(0, "a", start=Noise(4)), key(1, "b"), key(2, "c"), seed=4)
    assert {recipe.start for recipe in made} == {Noise(4)}


def test_hold_stays_and_the_next_inherits(key: Key, frames: Frames) -> None:
    made = frames(
        key(0, "a", start=Noise(9), transition=HOLD), key(1, "b"), key(2, "c", start=Noise(2))
    )
    assert {recipe.start for recipe in made[:13]} == {Noise(9)}
    assert made[18].start == Between(Noise(9), Noise(2), 0.5)
    assert made[24].start == Noise(2)


def test_inheriting_goes_on(key: Key, frames: Frames) -> None:
    made = frames(
        key(0, start=Noise(9), transition=HOLD),
        key(1, "b", transition=CIRCLE),
        key(2, "c", transition=HOLD),
        key(3, "d"),
    )
    assert {made[index].start for index in (0, 6, 12, 24, 30, 36)} == {Noise(9)}


@pytest.mark.parametrize("way", [HOLD, CIRCLE], ids=["hold", "circle"])
def test_a_start_of_its_own_is_not_inherited_over(
    key: Key, frames: Frames, way: Transition
) -> None:
    made = frames(
        key(0, "a", start=Noise(1), transition=way), key(1, "b", start=Noise(2)), key(2, "c")
    )
    assert made[12].start == Noise(2)
    assert made[18].start == Between(Noise(2), Noise(0), 0.5)
    last = frames(key(0, "a", start=Noise(1), transition=way), key(1, "b", start=Noise(2)))[-1]
    assert (last.start, last.looks) == (Noise(2), (Weighted(Prompt("b")),))


def test_a_picture_after_hold_starts_from_itself(key: Key, frames: Frames) -> None:
    made = frames(key(0, "a", transition=HOLD), key(1, Picture(ASSET)), key(2, "b"))
    assert made[11].start == Noise(0)
    assert made[12].start == Inverted(ASSET)


def test_a_circle_returns(key: Key, frames: Frames) -> None:
    way = Transition(Easing("sine-in-out"), latent="circle", circle_seed=40)
    made = frames(key(0, "a", start=Noise(1), transition=way), key(1, "b"))
    assert [made[0].start, made[12].start] == [Noise(1), Noise(1)]
    for index in range(1, 12):
        u = Easing("sine-in-out")(index / 12)
        assert made[index].start == Circle(Noise(1), Noise(40), u)


@pytest.mark.parametrize(
    ("first", "second", "through"),
    [
        (Noise(1), Noise(2), Noise(2)),  # the next keyframe's
        (None, None, Noise(8)),  # both the film's: the seed after it
        (Noise(1), None, Noise(8)),  # inherited, so both the same
        (Noise(2), Noise(2), Noise(8)),
    ],
)
def test_what_a_circle_goes_through(
    key: Key, frames: Frames, first: Start | None, second: Start | None, through: Start
) -> None:
    made = frames(key(0, "a", start=first, transition=CIRCLE), key(1, "b", start=second), seed=7)
    assert made[6].start == Circle(first or Noise(7), through, 0.5)


def test_a_circle_goes_through_the_next_picture(key: Key, frames: Frames) -> None:
    made = frames(key(0, "a", transition=CIRCLE), key(1, Picture(ASSET)))
    assert made[6].start == Circle(Noise(0), Inverted(ASSET), 0.5)


def test_the_seed_after_the_last(key: Key, frames: Frames) -> None:
    last = 2**63 - 1
    made = frames(key(0, "a", transition=CIRCLE), key(1, "b"), seed=last)
    assert made[6].start == Circle(Noise(last), Noise(0), 0.5)


def test_a_circular_walk_of_one_keyframe(key: Key, frames: Frames) -> None:
    made = frames(key(0, "an owl", transition=CIRCLE), duration=2, loop=True)
    assert len(made) == 24
    assert made[0].start == Noise(0)
    assert [recipe.start for recipe in made[1:]] == [
        Circle(Noise(0), Noise(1), index / 24) for index in range(1, 24)
    ]
    assert {recipe.looks for recipe in made} == {(Weighted(Prompt("an owl")),)}
