"""`imvar picture` from a picture: img2img and inversion, and what of it cannot be."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PIL import Image

from imvar_studio.engine.renderer import Renderer
from imvar_studio.jobs.provenance import recipe_of
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.shot import INVERSIONS
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Encode, InversionSpec, Inverted
from tests.conftest import waves

FOX = ["--prompt", "a red fox"]
SQUARE = Size(64, 64)


def far(one, other) -> float:
    """The mean distance of two pictures, of 255."""
    return float(np.abs(np.asarray(one, float) - other).mean())


def asset(path) -> Asset:
    return Asset(hashlib.sha256(path.read_bytes()).hexdigest())


# ---- img2img


@pytest.mark.parametrize("strength", [0.2, 0.9])
def test_it_is_the_engines_img2img(paint, load_model, start, strength):
    words = [*FOX, "--seed", 7, "--from", start, "--strength", strength, "--steps", 6]
    (made,) = paint(*words, "--sampler", "ddim", "--device", "cpu", "--batch", 4)
    recipe = Recipe(
        model=load_model("v_prediction", "fp32").card.ref,
        looks=(Weighted(Prompt("a red fox")),),
        start=Encode(asset(start), strength, 7),
        size=SQUARE,
        steps=6,
        sampler="ddim",
    )
    load = Renderer(load_model("v_prediction", "fp32"), lambda sha, background: waves(64, 64))
    (wanted,) = load.render([recipe], 4, [0])
    assert np.array_equal(made.pixels, wanted)
    assert (made.seed, made.path.name) == (7, "a-red-fox-7.png")


def test_what_is_not_said_is_what_users_know(paint, start):
    (made,) = paint(*FOX, "--from", start, "--seed", 1, "--steps", 4)
    source = {"kind": "asset", "sha": asset(start).sha}
    assert made.recipe["start"] == {"kind": "encode", "source": source, "strength": 0.75, "seed": 1}
    assert "inpaint" not in made.recipe


def test_the_picture_of_like_can_be_the_start(paint, start):
    """In the words of `imvar sheet`."""
    (made,) = paint("--like", start, "--start", "picture", "--seed", 1)
    (same,) = paint("--like", start, "--from", start, "--seed", 1)
    assert made.record == same.record
    (noise,) = paint("--like", start, "--start", "noise", "--seed", 1)
    assert noise.recipe["start"] == {"kind": "noise", "seed": 1}


def test_each_has_a_seed_and_any_is_made_alone(paint, start):
    many = paint(*FOX, "--from", start, "--seed", 5, "--count", 3, "--batch", 2)
    assert [each.seed for each in many] == [5, 6, 7]
    assert [each.recipe["start"]["seed"] for each in many] == [5, 6, 7]
    assert far(many[0].pixels, many[1].pixels) > 0.1
    (again,) = paint("--recipe", many[2].path)
    assert again.record == many[2].record
    assert again.seed == 7
    assert np.array_equal(again.pixels, many[2].pixels)


def test_the_pictures_shape_stays(paint, picture):
    """90 x 70 pixels; the model's own 64 x 64 are no less than a picture's least side."""
    (made,) = paint(*FOX, "--from", picture, "--seed", 1)
    assert made.pixels.shape == (64, 82, 3)
    (asked,) = paint(*FOX, "--from", picture, "--seed", 1, "--size", "64x96")
    assert asked.pixels.shape == (96, 64, 3)


# ---- inverted


def test_it_is_the_engines_inversion(paint, load_model, start):
    words = ["--like", start, "--start", "inverted", "--guidance", 1, "--steps", 10]
    (made,) = paint(*words, "--device", "cpu", "--batch", 4)
    bundle = load_model("v_prediction", "fp32")
    recipe = Recipe(
        model=bundle.card.ref,
        looks=(Weighted(Picture(asset(start))),),
        start=Inverted(asset(start), InversionSpec(steps=10)),
        size=SQUARE,
        steps=10,
        guidance=1.0,
        sampler="ddim",
    )
    (wanted,) = Renderer(bundle, lambda sha, background: waves(64, 64)).render([recipe], 4, [0])
    assert np.array_equal(made.pixels, wanted)
    assert (made.seed, made.path.name) == (0, "start-0.png")  # it begins with no noise
    (again,) = paint("--recipe", made.path)
    assert np.array_equal(again.pixels, made.pixels)
    assert again.record == made.record


def test_few_steps_lead_back_at_guidance_1_where_nothing_else_is_said(paint, start):
    words = ["--like", start, "--start", "inverted"]
    (few,) = paint(*words, "--inversion", "few-steps", "--steps", 3)
    (other,) = paint(*words, "--inversion", "few-steps", "--guidance", 2, "--steps", 3)
    (exact,) = paint(*words, "--steps", 4)
    recipes = [recipe_of(made.record, made.path) for made in (few, other, exact)]
    assert [recipe.guidance for recipe in recipes] == [1.0, 2.0, 3.0]
    assert recipes[0].start.spec == INVERSIONS["few-steps"]


def test_noise_of_eta_gives_an_inverted_start_seeds(paint, start):
    words = [*FOX, "--from", start, "--start", "inverted", "--steps", 4, "--eta", 0.5]
    made = paint(*words, "--seed", 3, "--count", 2)
    assert [each.seed for each in made] == [3, 4]
    assert far(made[0].pixels, made[1].pixels) > 0.1


# ---- refused


MASKED = ["--inpaint", "start.png", "--mask", "mask.png"]
WRONG = {
    "mask": (["--mask", "mask.png"], "--mask goes with --inpaint: give the picture with --inpaint"),
    "feather": (["--feather", "3"], "--feather goes with --inpaint: give the picture with "),
    "no mask": (MASKED[:2], "--inpaint needs a mask: give --mask, a picture of the same size"),
    "strength": (["--strength", "0.5"], "--strength goes with --from or --inpaint: give the "),
    "both": ([*MASKED, "--from", "start.png"], "--inpaint starts from its own picture: leave --f"),
    "started": ([*MASKED, "--start", "picture"], "--inpaint starts from its own picture: leave "),
    "noise": (["--from", "start.png", "--start", "noise"], "--start noise takes no picture: leave"),
    "of what": (["--start", "inverted"], "--start inverted needs a picture: give one with --from"),
    "zero": (["--from", "start.png", "--strength", "0"], "strength must be in (0, 1], got 0.0"),
    "much": ([*MASKED, "--strength", "1.01"], "strength must be in (0, 1], got 1.01"),
    "nan": (["--from", "start.png", "--strength", "nan"], "strength must be in (0, 1], got nan"),
    "wide": ([*MASKED, "--feather", "257"], "feather must be in [0, 256], got 257.0"),
    "text": (["--from", "bad.png"], "'bad.png' is not a picture in a known format: choose "),
    "bad mask": ([*MASKED[:3], "bad.png"], "'bad.png' is not a picture in a known format: "),
    "gone": (["--inpaint", "gone.png", *MASKED[2:]], "there is no file 'gone.png': check its "),
    "small": ([*MASKED[:3], "small.png"], "the mask has 64x32 pixels, its picture 64x64: give a "),
    "black": ([*MASKED[:3], "black.png"], "the mask paints nothing of the picture as it is "),
    "inversion": (["--from", "start.png", "--inversion", "classic"], "--inversion goes with "),
    "led back": (["--from", "start.png", "--start", "inverted", "--strength", "0.5"],
                 "--start inverted has no strength: leave --strength out"),
    "seed": (["--from", "start.png", "--start", "inverted", "--seed", "1"],
             "an inverted start is the same for every seed: leave --seed out, or draw noise with"),
    "count": (["--from", "start.png", "--start", "inverted", "--count", "2"],
              "an inverted start is the same for every seed: leave --count out, or draw noise "),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_said_before_anything_is_made_or_kept(
    here, model, start, disc, tmp_path, monkeypatch, case
):
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "no home"))
    monkeypatch.chdir(tmp_path)
    disc(64, 64).rename(tmp_path / "mask.png")
    disc(64, 32).rename(tmp_path / "small.png")
    Image.new("1", (64, 64)).save(tmp_path / "black.png")
    (tmp_path / "bad.png").write_text("I am a picture.\n")
    before = {*tmp_path.rglob("*")}
    words, says = WRONG[case]
    said = here("picture", "--model", model, *FOX, *words, "--out", "out")
    assert said.code == 2
    assert said.sentence.startswith(says)
    assert said.out == ""
    more = [path for path in {*tmp_path.rglob("*")} - before if path.is_file()]
    assert all("cache/hashes" in path.as_posix() for path in more)  # the model's, for next time
    assert not (tmp_path / "out").exists()


def test_a_huge_picture_is_refused_from_its_header(here, model, start, disc, tmp_path):
    path = tmp_path / "huge.png"
    Image.new("1", (20_000, 20_000)).save(path)
    for words in (["--from", path], ["--inpaint", path, "--mask", disc(64, 64)]):
        said = here("picture", "--model", model, *FOX, *words, "--out", tmp_path / "out")
        assert "is 20000 x 20000 pixels, the most is 250 megapixels" in said.sentence
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words",
    [["--from", "{}"], ["--start", "picture"], ["--strength", 0.5], ["--inversion", "classic"],
     ["--inpaint", "{}"], ["--mask", "{}"], ["--feather", 2]],
    ids=lambda words: words[0],
)  # fmt: skip
def test_a_recipe_decides_them_all(paint, here, model, start, words):
    (made,) = paint(*FOX, "--seed", 1)
    words = [str(word).format(start) for word in words]
    said = here("picture", "--model", model, "--recipe", made.path, *words)
    assert said.sentence == f"--recipe decides {words[0]} already: leave it out"
