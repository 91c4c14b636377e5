"""What `imvar picture` begins with, of its options."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from PIL import Image

from imvar_studio.cli.picture_start import Begun, add_start_options, begun
from imvar_studio.cli.picture_task import seed_of
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.shot import INVERSIONS
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Encode, Inverted, Noise, Shifted


@pytest.fixture
def start(tmp_path):
    path = tmp_path / "start.png"
    Image.new("RGB", (30, 20), "red").save(path)
    return path


def options(*words, like=None, steps=None):
    parser = argparse.ArgumentParser()
    add_start_options(parser)
    return parser.parse_args([*map(str, words)], argparse.Namespace(like=like, steps=steps))


def test_nothing_said_is_noise(start):
    assert begun(options()) == begun(options(like=start)) == Begun()
    assert begun(options("--start", "noise", like=start)) == Begun()
    assert isinstance(Begun().start, Noise)
    assert Begun().inversion is None


def test_the_exact_inversion_is_sampled_on_its_own_grid(start):
    words = ["--from", start, "--start", "inverted"]
    plain, some = begun(options(*words)), begun(options(*words, steps=7))
    assert plain.inversion == INVERSIONS["fixed-point"]
    assert plain.steps == plain.inversion.steps
    assert some.inversion.steps == some.steps == 7
    assert plain.taken == (start,) == (plain.shape,)
    with pytest.raises(SpecError, match=r"^inversion steps must be in \[1, 500\], got 501"):
        begun(options(*words, steps=501))


def test_the_classic_inversion_has_steps_of_its_own(start):
    words = ["--start", "inverted", "--inversion", "classic"]
    for steps in (None, 20):
        found = begun(options(*words, like=start, steps=steps))
        assert found.inversion == INVERSIONS["classic"]
        assert found.steps == 50


def test_the_picture_of_from_comes_before_that_of_like(start):
    found = begun(options("--from", start, like=Path("gone.png")))
    assert found.taken == (start,)
    assert (found.start.strength, found.start.continuous) == (0.75, False)


@pytest.mark.parametrize(
    ("own", "size"),
    [((512, 512), (256, 256)), ((4000, 3000), (296, 222)), ((30, 40), (222, 296)),
     ((256, 256), (256, 256)), ((9000, 100), (5760, 64)), ((200, 20_000), (64, 6400)),
     ((1, 300), (64, 8192))],
)  # fmt: skip
def test_any_shape_gets_a_size(tmp_path, own, size):
    path = tmp_path / "start.png"
    Image.new("1", own).save(path)
    assert Begun(shape=path).size(Size(256, 256)) == Size(*size)
    assert Begun().size(Size(256, 320)) == Size(256, 320)


def test_the_seed_is_the_noises():
    source = Asset("cd" * 32)
    for start, seed in (
        (Noise(3), 3),
        (Encode(source, 0.5, 4), 4),
        (Inverted(source), 0),
        (Shifted(Noise(5), 1), 5),
    ):
        looks = (Weighted(Prompt("a fox")),)
        assert seed_of(Recipe(ModelRef("m", "ab" * 32), looks, start, Size(64, 64))) == seed
