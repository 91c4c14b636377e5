"""Looks that a prior makes: by command, in sheets, again from recipes, and what cannot be."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imvar_studio.engine.device import choose_compute
from imvar_studio.engine.interruptible import interruptible
from imvar_studio.engine.priors import load_prior, prior_of
from imvar_studio.engine.towers import Towers
from imvar_studio.jobs.provenance import read_record, recipe_of
from imvar_studio.model.errors import Cancelled, ModelError
from imvar_studio.model.look import Prior
from imvar_studio.store.places import user_models_folder
from imvar_studio.store.priors import find_prior
from tests.priors import make_prior

WIDTH = 32  # of the tiny model's conditions


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module", autouse=True)
def installed(own_home):
    """Two priors among the user's models, by the ids tiny-prior and wide-prior."""
    made = [
        make_prior(user_models_folder() / "tiny-prior", WIDTH),
        make_prior(user_models_folder() / "wide-prior", 2 * WIDTH),
    ]
    yield
    for path in made:
        shutil.rmtree(path)


def test_a_picture_of_a_text_through_a_prior(paint):
    words = ["--prompt", "an owl", "--seed", 7]
    (plain,) = paint(*words)
    (led,) = paint(*words, "--prior", "tiny-prior", "--out", "led")
    (other,) = paint(*words, "--prior", "tiny-prior", "--prior-seed", 1, "--out", "other")
    assert not np.array_equal(plain.pixels, led.pixels)
    assert not np.array_equal(other.pixels, led.pixels)
    assert led.recipe["looks"][0]["look"] == {
        "kind": "prior",
        "text": "an owl",
        "model": "tiny-prior",
        "weights": find_prior("tiny-prior").weights,
    }
    assert other.recipe["looks"][0]["look"]["seed"] == 1


def test_its_recipe_makes_it_again(paint):
    (made,) = paint("--prompt", "an owl", "--seed", 7, "--prior", "tiny-prior")
    (again,) = paint("--recipe", made.path, "--out", "again")
    assert np.array_equal(made.pixels, again.pixels)
    assert again.record["digest"] == made.record["digest"]


def test_the_embedding_is_the_condition_as_it_is(load_model):
    bundle = replace(load_model("v_prediction", "fp32"), find_prior=find_prior)
    look = Prior("an owl", "tiny-prior", 3, 4)
    own = load_prior(find_prior("tiny-prior"), choose_compute("cpu", "fp32")).embed(look)
    assert np.array_equal(Towers(bundle, None, None).prior(look), own)


def test_it_stops_within_a_layer(load_model):
    bundle = replace(load_model("v_prediction", "fp32"), find_prior=find_prior)
    look = Prior("an owl", "tiny-prior", 3, 4)
    calls = 0

    def check():
        nonlocal calls
        calls += 1
        if calls == 40:
            raise Cancelled

    with pytest.raises(Cancelled), interruptible(bundle, check):
        Towers(bundle, None, None).prior(look)
    parts = (bundle.held_prior.prior, bundle.held_prior.text_tower)
    assert not [layer for part in parts for layer in part.modules() if layer._forward_pre_hooks]


def test_a_sheet_with_looks_of_a_prior(here, model, tmp_path):
    (tmp_path / "led.toml").write_text(
        f'''
        model = "{model}"
        steps = 2
        columns = {{ seed = [1, 2] }}
        rows.look = [
          {{ label = "prompt", text = "an owl" }},
          {{ label = "prior", prior = "an owl", model = "tiny-prior", steps = 4, guidance = 2 }},
        ]
        '''
    )
    said = here("sheet", "led.toml", "--precision", "fp32", "--json")
    assert said.code == 0, said
    files = [Path(each) for each in said.only("finished")["files"][1:]]
    looks = [recipe_of(read_record(file), file).looks[0].look for file in files]
    assert (
        looks[2:]
        == [Prior("an owl", "tiny-prior", 0, 4, 2.0, find_prior("tiny-prior").weights)] * 2
    )
    pixels = [np.asarray(Image.open(file)) for file in files]
    assert not np.array_equal(pixels[0], pixels[2])


LONG = "owl " * 40


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--prior", "karlo"],
         "there is no prior called 'karlo', the known ids are tiny-prior, wide-prior"),
        (["--prior", "wide-prior"],
         "prior wide-prior makes embeddings of 64 numbers, model tiny-v-prediction takes 32: "),
        (["--prior", "tiny-prior", "--prompt", LONG],
         "prior tiny-prior reads at most 30: shorten it"),
        (["--prior-seed", "3"], "--prior-seed goes with --prior"),
    ],
)  # fmt: skip
def test_what_is_refused(here, model, tmp_path, words, sentence):
    said = here(
        "picture", "--model", model, "--prompt", "an owl", *words, "--out", tmp_path / "out"
    )
    assert said.code == 2
    assert sentence in said.err
    assert not list(tmp_path.glob("out/*"))


def test_a_model_that_takes_prompts_takes_no_prior(here, tiny_model, tmp_path):
    said = here("picture", "--model", tiny_model("text"), "--prompt", "an owl", "--prior",
                "tiny-prior", "--out", tmp_path / "out")  # fmt: skip
    assert said.code == 2
    assert "takes prompts only, a picture cannot be its look" in said.err


def test_another_prior_of_the_name_is_not_taken_for_the_first(load_model):
    bundle = replace(load_model("v_prediction", "fp32"), find_prior=find_prior)
    look = Prior("an owl", "tiny-prior", weights="ab" * 32)
    with pytest.raises(ModelError, match="prior tiny-prior has other weights than when the look"):
        prior_of(bundle, look)
