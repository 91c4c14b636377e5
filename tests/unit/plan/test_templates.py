"""Every template's film is what its name says, frame by frame."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Blend, Edit, Nothing, Picture, Prompt, Shift, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork, Project
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Asset
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.start import Between, Circle, Inverted, Noise
from imvar_studio.plan.film import film as plan_film
from imvar_studio.plan.template import OPTIONS, Wishes, make_films, with_samples
from imvar_studio.plan.templates import film_templates
from imvar_studio.store.places import bundled_folder

if TYPE_CHECKING:
    from imvar_studio.model.recipe import Recipe

SEED, RATE = 7, 6
A, B, C = (Asset(f"{n:064x}") for n in (1, 2, 3))
TEMPLATES = {entry.name: entry.content for entry in film_templates()}


def films(name: str, **wished: Any) -> tuple[FilmWork, ...]:
    settings = wished.pop("settings", FilmSettings(fps=Fraction(RATE), seed=SEED))
    return make_films(name, TEMPLATES[name], Wishes("Owls", "starter", settings, **wished))


def sampled(name: str, **wished: Any) -> tuple[FilmWork, ...]:
    """Films of a template's samples."""
    template = TEMPLATES[name]
    wishes = Wishes("Owls", "starter", FilmSettings(fps=Fraction(RATE), seed=SEED), **wished)
    pictures = (A, B)[: len(template.samples.pictures)]
    return make_films(name, template, with_samples(template, wishes, pictures))


def recipes(film: FilmWork) -> list[Recipe]:
    plan = plan_film(FilmSpec(film, ModelRef("starter", "ab" * 32)))
    return [plan.pictures[index].recipe for index in plan.frames]


def frames(name: str, **wished: Any) -> list[Recipe]:
    (film,) = films(name, **wished)
    return recipes(film)


def look(recipe: Recipe) -> Any:
    (part,) = recipe.looks
    return part.look


# ---- what holds for all


@pytest.mark.parametrize("name", TEMPLATES)
def test_samples_make_a_film_that_a_project_keeps(name: str) -> None:
    made = sampled(name)
    for film in made:
        assert len(recipes(film)) >= 2 * RATE
        assert (film.model, film.settings.seed, film.settings.fps) == ("starter", SEED, RATE)
    project = Project(made)
    assert decode(encode(project), Project) == project


@pytest.mark.parametrize("name", TEMPLATES)
def test_samples_are_there_and_the_starter_can_read_them(name: str) -> None:
    folder = bundled_folder("resources") / "samples" / "pictures"
    samples = TEMPLATES[name].samples
    assert samples.pictures or samples.prompts
    assert all((folder / picture).is_file() for picture in samples.pictures)
    assert set(TEMPLATES[name].options) <= set(OPTIONS)


def along(recipe: Recipe) -> float:
    """How far along its way a frame is, in [0, 1]."""
    if isinstance(recipe.start, (Between, Circle)):
        return recipe.start.u
    u: float = look(recipe).u
    return u


WALKS = [name for name in TEMPLATES if "loop" in TEMPLATES[name].options and name != "edit-loop"]


@pytest.mark.parametrize("name", WALKS)
def test_a_loop_ends_as_far_before_its_first_frame_as_the_second_is_after_it(name: str) -> None:
    for film in sampled(name, loop=True, seconds=6.0):
        made = recipes(film)
        assert len(made) == 6 * RATE
        assert made[-1] not in made[:-1]
        assert 0 < along(made[1]) < 0.1
        assert along(made[-1]) == pytest.approx(1 - along(made[1]), abs=1e-12)


@pytest.mark.parametrize("name", ["edit-loop", "circular-walk"])
def test_some_films_always_loop(name: str) -> None:
    assert sampled(name) == sampled(name, loop=True)


# ---- one by one


def test_an_edit_goes_there_and_back_on_the_inverted_picture() -> None:
    made = frames(
        "edit-loop", pictures=(A,), origin="day", target="night", amount=-0.8, seconds=2.0
    )
    assert len(made) == 12
    assert {(recipe.start, recipe.guidance, recipe.sampler, recipe.steps) for recipe in made} == {
        (Inverted(A), 1.0, "ddim", 25)
    }
    assert {replace(look(recipe), amount=0.0) for recipe in made} == {
        Edit(Picture(A), "day", "night", 0.0)
    }
    amounts = [look(recipe).amount for recipe in made]
    assert (amounts[0], amounts[6]) == (0.0, -0.8)
    assert amounts[1:6] == sorted(amounts[1:6], reverse=True)
    assert amounts[7:] == pytest.approx(amounts[5:0:-1])  # the last is as the second


@pytest.mark.parametrize("noise", ["", "held", "walk", "fresh"])
def test_eta_rises_over_a_prompt(noise: str) -> None:
    made = frames("eta-ramp", prompts=("an owl",), negatives=("sketch",), noise=noise, seconds=2.0)
    assert [recipe.eta for recipe in made] == pytest.approx([i / 12 for i in range(13)])
    assert {(look(r), r.negative, r.start, r.guidance, r.sampler) for r in made} == {
        (Prompt("an owl"), Prompt("sketch"), Noise(SEED), 3.0, "ddim")
    }
    motions = {
        "held": Noise(SEED),
        "walk": Between(Noise(SEED), Noise(SEED + 1), 0.5),
        "fresh": Noise(SEED + 6),
    }
    assert made[0].variance is None
    assert made[6].variance == motions[noise or "held"]


def test_eta_leaves_a_picture_as_it_rises() -> None:
    made = frames("eta-ramp", pictures=(A,), seconds=2.0)
    assert {(recipe.start, look(recipe), recipe.sampler, recipe.steps) for recipe in made} == {
        (Inverted(A), Picture(A), "ddim", 25)
    }
    assert [recipe.eta for recipe in made] == pytest.approx([i / 12 for i in range(13)])
    assert [r.guidance for r in made] == pytest.approx([1 + 2 * i / 12 for i in range(13)])


def test_a_prompt_and_its_negative_walk_away_alike() -> None:
    made = frames("walk-away", prompts=("an owl",), negatives=("sketch",), amount=0.25)
    owl, sketch = Prompt("an owl"), Prompt("sketch")
    assert {recipe.start for recipe in made} == {Noise(SEED)}
    assert (look(made[0]), made[0].negative) == (Shift(owl, 0.0), Shift(sketch, 0.0))
    assert (look(made[-1]), made[-1].negative) == (Shift(owl, 0.25), Shift(sketch, 0.25))
    middle = made[len(made) // 2]
    assert look(middle) == Blend(Shift(owl, 0.0), Shift(owl, 0.25), 0.5)
    assert middle.negative == Blend(Shift(sketch, 0.0), Shift(sketch, 0.25), 0.5)


@pytest.mark.parametrize(("origin", "begins"), [("", "an owl"), ("day", "day")])
def test_a_walk_away_has_a_direction(origin: str, begins: str) -> None:
    made = frames("walk-away", prompts=("an owl",), origin=origin, target="night")
    for recipe, amount in ((made[0], 0.0), (made[-1], 1.0)):
        assert look(recipe) == Edit(Prompt("an owl"), begins, "night", amount)
        assert recipe.negative == Edit(Nothing(), begins, "night", amount)


def test_a_prompt_and_its_negative_change_places() -> None:
    made = frames("positive-negative", prompts=("an owl", "sketch"), seconds=2.0)
    owl, sketch = Prompt("an owl"), Prompt("sketch")
    assert (look(made[0]), made[0].negative) == (owl, sketch)
    assert (look(made[-1]), made[-1].negative) == (sketch, owl)
    assert (look(made[3]), made[3].negative) == (
        Blend(owl, sketch, 0.25),
        Blend(sketch, owl, 0.25),
    )
    assert {recipe.start for recipe in made} == {Noise(SEED)}


def test_a_latent_walk_changes_the_seeds_alone() -> None:
    made = frames("latent-walk", prompts=("an owl",), seconds=2.0)
    assert {(recipe.looks, recipe.negative, recipe.guidance) for recipe in made} == {
        ((Weighted(Prompt("an owl")),), Nothing(), 3.0)
    }
    assert [made[i].start for i in (0, 6, 12)] == [Noise(SEED + i) for i in range(3)]
    assert made[3].start == Between(Noise(SEED), Noise(SEED + 1), 0.5, "slerp")


def test_many_prompts_are_slerped_with_their_negatives() -> None:
    made = frames("many-prompts", prompts=("a", "b", "c"), negatives=("x", "y", "z"), seconds=2.0)
    assert {recipe.start for recipe in made} == {Noise(SEED)}
    for index, (prompt, negative) in enumerate((("a", "x"), ("b", "y"), ("c", "z"))):
        recipe = made[6 * index]
        assert (look(recipe), recipe.negative) == (Prompt(prompt), Prompt(negative))
    assert look(made[9]) == Blend(Prompt("b"), Prompt("c"), 0.5, "slerp")
    assert made[9].negative == Blend(Prompt("y"), Prompt("z"), 0.5, "slerp")


@pytest.mark.parametrize(("given", "wanted"), [((), Nothing()), (("x",), Prompt("x"))])
def test_one_negative_is_for_all(given: tuple[str, ...], wanted: Any) -> None:
    made = frames("many-prompts", prompts=("a", "b", "c"), negatives=given)
    assert {recipe.negative for recipe in made} == {wanted}


def test_lerp_and_slerp_differ_in_nothing_else() -> None:
    both = films("lerp-slerp", prompts=("a", "b"), seconds=2.0)
    assert [(film.id, film.name) for film in both] == [
        ("lerp", "Owls lerp"),
        ("slerp", "Owls slerp"),
    ]
    lerp, slerp = map(recipes, both)
    assert len(lerp) == len(slerp) == 13
    assert (lerp[0], lerp[-1]) == (slerp[0], slerp[-1])
    for path, recipe in (("lerp", lerp[3]), ("slerp", slerp[3])):
        assert look(recipe) == Blend(Prompt("a"), Prompt("b"), 0.25, path)
        assert recipe.start == Between(Noise(SEED), Noise(SEED + 1), 0.25, path)


def test_lerp_and_slerp_of_one_prompt_move_its_latents() -> None:
    for film in films("lerp-slerp", prompts=("a",)):
        made = recipes(film)
        assert {look(recipe) for recipe in made} == {Prompt("a")}
        assert (made[0].start, made[-1].start) == (Noise(SEED), Noise(SEED + 1))


@pytest.mark.parametrize("sampler", ["", "ddim", "lms"])
@pytest.mark.parametrize("shown", ["prompt", "picture"])
def test_a_circular_walk_goes_around_once(sampler: str, shown: str) -> None:
    wished: dict[str, Any] = {"prompts": ("an owl",)} if shown == "prompt" else {"pictures": (A,)}
    made = frames("circular-walk", sampler=sampler, seconds=2.0, **wished)
    expected = Prompt("an owl") if shown == "prompt" else Picture(A)
    assert {(look(recipe), recipe.sampler, recipe.guidance) for recipe in made} == {
        (expected, sampler or "ddim", 3.0)
    }
    assert made[0].start == Noise(SEED)
    assert [recipe.start for recipe in made[1:]] == [
        Circle(Noise(SEED), Noise(SEED + 1), index / 12) for index in range(1, 12)
    ]


def test_a_morph_passes_through_its_pictures() -> None:
    made = frames("morph", pictures=(A, B, C), seconds=2.0)
    for index, picture in enumerate((A, B, C)):
        recipe = made[6 * index]
        assert (look(recipe), recipe.start, recipe.guidance) == (
            Picture(picture),
            Inverted(picture),
            1.0,
        )
    assert made[3].start == Between(Inverted(A), Inverted(B), 0.5)
    assert look(made[3]) == Blend(Picture(A), Picture(B), 0.5)
    assert made[3].guidance == pytest.approx(3.0)


# ---- what they refuse

REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "one picture": ("morph", {"pictures": (A,)}, "takes 2 or more pictures, got 1 picture: give"),
    "none": ("morph", {}, "the template morph takes 2 or more pictures, got none: give"),
    "both": ("circular-walk", {"pictures": (A,), "prompts": ("a",)},
             "takes 1 picture or 1 prompt, got 1 picture and 1 prompt"),
    "prompts": ("edit-loop", {"prompts": ("a",)}, "takes 1 picture, got 1 prompt"),
    "three": ("positive-negative", {"prompts": ("a", "b", "c")}, "takes 2 prompts, got 3 prompts"),
    "empty": ("walk-away", {"prompts": (" ",)}, "a prompt is empty: say what to show"),
    "negatives": ("many-prompts", {"prompts": ("a", "b", "c"), "negatives": ("x", "y")},
                  "2 negative prompts cannot be shared among 3 prompts: give one for all"),
    "no direction": ("edit-loop", {"pictures": (A,)}, "an edit leads from one text to another"),
    "half": ("edit-loop", {"pictures": (A,), "target": "x"}, "an edit leads from one text to"),
    "nowhere": ("walk-away", {"prompts": ("a",), "origin": "x"}, "a direction leads from one"),
    "amount": ("morph", {"pictures": (A, B), "amount": 1.0}, "the template morph takes no amount"),
    "far": ("walk-away", {"prompts": ("a",), "amount": 1.5}, "shift must be in [-1, 1]"),
    "noise": ("morph", {"pictures": (A, B), "noise": "held"}, "takes no motion of noise: leave"),
    "loop": ("eta-ramp", {"prompts": ("a",), "loop": True}, "the template eta-ramp takes no loop"),
    "sampler": ("circular-walk", {"prompts": ("a",), "sampler": "euler"},
                "sampler of a circular walk must be one of ddim, lms, got 'euler'"),
    "no time": ("latent-walk", {"prompts": ("a",), "seconds": 0.0}, "seconds must be in (0, 86"),
    "a day": ("circular-walk", {"prompts": ("a",), "seconds": 1e6}, "seconds must be in (0, 864"),
    "short": ("latent-walk", {"prompts": ("a",), "seconds": 0.1}, "a film of 0.1 s at 6 fps is"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_template_cannot_be_made_of(case: str) -> None:
    name, wished, says = REFUSED[case]
    with pytest.raises(SpecError) as caught:
        films(name, **wished)
    assert says in str(caught.value)


def test_a_name_that_is_none_lists_those_that_are() -> None:
    with pytest.raises(SpecError, match=r"template must be one of edit-loop, .*, got 'walk'"):
        film_templates()["walk"]
