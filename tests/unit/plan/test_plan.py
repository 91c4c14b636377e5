"""The plan: equal pictures once, fixed chunks, and what an edit changes."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.curve import Easing, constant
from imvar_studio.model.keyframe_edits import place
from imvar_studio.model.look import Blend, Edit, Join, Mix, Nothing, Prompt, Weighted, token_count
from imvar_studio.model.recipe import ModelRef, Recipe, recipe_digest
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Inverted, Noise
from imvar_studio.model.timeline import Track, Transition
from imvar_studio.plan.film import film
from imvar_studio.plan.plan import Plan, batch_key, chunks, gather

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.specs import FilmSpec
    from imvar_studio.model.timeline import Keyframe

    Key = Callable[..., Keyframe]
    Spec = Callable[..., FilmSpec]

OWL, FOX = Prompt("an owl"), Prompt("a fox")
PLAIN = Recipe(ModelRef("m", "ab" * 32), (Weighted(OWL),), Noise(0), Size(64, 64))


def seeded(*seeds: int, **fields: Any) -> list[Recipe]:
    return [replace(PLAIN, start=Noise(seed), **fields) for seed in seeds]


def mixed_film(key: Key, spec: Spec) -> FilmSpec:
    """A film through all that chunks must keep apart: grids, eta, ensembles, inversions."""
    two = (Weighted(OWL), Weighted(FOX))
    return spec(
        key(0, "a"), key(1, "b"), key(2, "[c]"), key(3, "d"), key(4, two), key(5, "e"),
        loop=True, sampler="ddim", eta=0.5, noise_motion="fresh",
    )  # fmt: skip


def test_equal_pictures_are_made_once() -> None:
    plan = gather(seeded(1, 2, 1, 3, 2), Fraction(12), 4)
    assert plan.frames == (0, 1, 0, 2, 1)
    assert [picture.recipe for picture in plan.pictures] == seeded(1, 2, 3)
    names = [recipe_digest(recipe) for recipe in seeded(1, 2, 3)]
    assert [picture.digest for picture in plan.pictures] == names


def test_a_still_film_is_one_picture(key: Key, spec: Spec) -> None:
    plan = film(spec(key(0), duration=10))
    assert len(plan.frames) == 120
    assert len(plan.pictures) == 1


def test_what_is_the_same_on_the_way_is_made_once(key: Key, spec: Spec) -> None:
    hold = Transition(Easing("hold"))
    plan = film(spec(key(0, "a", transition=hold), key(1, "b", transition=hold), key(2, "a")))
    assert plan.frames == (0,) * 12 + (1,) * 12 + (0,)


def test_the_name_of_a_plan() -> None:
    plan = gather(seeded(1, 2, 1), Fraction(24000, 1001), 8)
    first, second = map(recipe_digest, seeded(1, 2))
    named = {"frames": [first, second, first], "fps": "24000/1001", "batch": 8}
    assert plan.digest == digest_data(named)
    others = [
        gather(seeded(1, 2, 1), Fraction(24), 8),
        gather(seeded(1, 2, 1), Fraction(24000, 1001), 4),
        gather(seeded(1, 1, 2), Fraction(24000, 1001), 8),
        gather(seeded(1, 2), Fraction(24000, 1001), 8),
    ]
    assert len({plan.digest, *(other.digest for other in others)}) == 5


def test_the_same_spec_is_the_same_plan(key: Key, spec: Spec) -> None:
    asked = mixed_film(key, spec)
    plan = film(asked)
    assert film(decode(json.loads(json.dumps(encode(asked))), type(asked))) == plan
    assert film(asked) == plan
    assert decode(json.loads(json.dumps(encode(plan))), Plan) == plan


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 7, 64])
def test_chunks_hold_all_pictures_in_order(key: Key, spec: Spec, batch: int) -> None:
    plan = film(replace(mixed_film(key, spec), batch=batch))
    made = chunks(plan)
    assert tuple(picture for chunk in made for picture in chunk) == plan.pictures
    assert max(map(len, made)) <= batch
    for chunk in made:
        assert len({batch_key(picture.recipe) for picture in chunk}) == 1
    for before, after in itertools.pairwise(made):
        # a chunk ends where it is full, or where the next picture is of another kind
        other = batch_key(before[0].recipe) != batch_key(after[0].recipe)
        assert other or len(before) == batch
    assert chunks(plan) == made


def test_chunks_of_one_kind_are_full() -> None:
    made = chunks(gather(seeded(*range(10)), Fraction(12), 4))
    assert [len(chunk) for chunk in made] == [4, 4, 2]


def test_a_chunk_ends_at_another_kind() -> None:
    recipes = seeded(1, 2, 3) + seeded(4, 5, steps=9) + seeded(6)
    made = chunks(gather(recipes, Fraction(12), 2))
    assert [len(chunk) for chunk in made] == [2, 1, 2, 1]


APART = {
    "model": {"model": ModelRef("m", "cd" * 32)},
    "size": {"size": Size(64, 128)},
    "steps": {"steps": 9},
    "sampler": {"sampler": "ddim"},
    "spacing": {"spacing": "leading"},
    "precision": {"precision": "bf16"},
    "eta": {"sampler": "ddim", "eta": 0.5, "variance": Noise(1)},
    "an inversion": {"start": Inverted(Asset("ab" * 32))},
    "an ensemble": {"looks": (Weighted(OWL), Weighted(FOX))},
    "more tokens": {"looks": (Weighted(Join((OWL, FOX))),)},
    "more tokens in the negative": {"negative": Join((OWL, FOX))},
}


@pytest.mark.parametrize("case", APART)
def test_what_is_not_rendered_in_one_batch(case: str) -> None:
    plain = replace(PLAIN, sampler="ddim") if case == "eta" else PLAIN
    assert batch_key(replace(plain, **APART[case])) != batch_key(plain)


@pytest.mark.parametrize(
    "fields",
    [
        {"start": Noise(9)},
        {"guidance": 1.5},
        {"looks": (Weighted(Edit(Blend(FOX, OWL, 0.5), "a", "b", 1), 5),)},
        {"negative": FOX},
    ],
    ids=str,
)
def test_what_is_rendered_in_one_batch(fields: dict[str, Any]) -> None:
    assert batch_key(replace(PLAIN, **fields)) == batch_key(PLAIN)


def test_counts_of_tokens() -> None:
    two, three = Join((OWL, FOX)), Join((OWL, FOX, Nothing()))
    cases = [
        (OWL, 1),
        (three, 3),
        (Join((two, three)), 5),
        (Blend(two, three, 0.5), 6),
        (Edit(two, "a", "b", 1), 2),
        (Mix((Weighted(three), Weighted(three))), 3),
    ]
    assert [token_count(look) for look, _ in cases] == [count for _, count in cases]


def test_moving_a_keyframe_changes_its_two_transitions_alone(key: Key, spec: Spec) -> None:
    names = ["a", "[b]", "c", "d", "[e]", "f"]
    times = [0, 4, 8, 12, 16, 239 / 12]
    before = spec(*(key(time, name) for time, name in zip(times, names, strict=True)))
    moved = replace(before.film.timeline.keyframes[2], time=9.0)
    timeline = place(before.film.timeline, moved)
    after = film(replace(before, film=replace(before.film, timeline=timeline)))
    plan = film(before)
    assert len(plan.frames) == len(after.frames) == 240
    names_before, names_after = ([p.pictures[i].digest for i in p.frames] for p in (plan, after))
    pairs = zip(names_before, names_after, strict=True)
    changed = {index for index, (one, other) in enumerate(pairs) if one != other}
    assert changed == set(range(49, 144))
    assert len(set(names_after) - set(names_before)) <= 95


def test_one_keyframes_look_changes_its_two_transitions_alone(key: Key, spec: Spec) -> None:
    looks = ["a", "b", "c", "d"]
    keys = [key(time, look) for time, look in enumerate(looks)]
    track = (Track("guidance", constant(4)),)
    one = film(spec(*keys, tracks=track))
    keys[2] = key(2, "other")
    other = film(spec(*keys, tracks=track))
    new = {picture.digest for picture in other.pictures}
    kept = [index for index, i in enumerate(one.frames) if one.pictures[i].digest in new]
    assert kept == [*range(13), 36]


def test_planning_loads_no_heavy_module() -> None:
    code = (
        "import sys; import imvar_studio.plan.film; import imvar_studio.model.document; "
        "import imvar_studio.model.clipboard; import imvar_studio.model.track_edits; "
        "print([n for n in ('torch', 'numpy', 'PIL', 'PySide6') if n in sys.modules])"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], env=dict(os.environ), check=True, capture_output=True
    )
    assert made.stdout.strip() == b"[]"
