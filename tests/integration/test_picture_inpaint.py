"""`imvar picture --inpaint`: the part a mask names is painted, the rest comes back to the bit."""

from __future__ import annotations

import hashlib
import signal

import numpy as np
import pytest
import torch
from PIL import Image

from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.inpainting import load_mask
from imvar_studio.media.image_io import read_picture
from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.source import Asset, Size
from tests.conftest import waves

FOX = ["--prompt", "a red fox"]


def far(one, other) -> float:
    """The mean distance of two pictures, of 255."""
    return float(np.abs(np.asarray(one, float) - other).mean())


def asset(path) -> Asset:
    return Asset(hashlib.sha256(path.read_bytes()).hexdigest())


def kept_and_painted(picture, mask, size):
    """The picture as it is framed (h, w, 3), and where it is painted (h, w)."""
    files = {asset(path).sha: path for path in (picture, mask)}
    colours = {"#ffffff": (255,) * 3, "#000000": (0,) * 3}

    def load(sha, background):
        return read_picture(files[sha], background=colours[background])

    inpaint = Inpaint(asset(picture), asset(mask))
    framed = load_framed(inpaint.source, size, load).mul(255).round().to(torch.uint8)
    return framed.permute(1, 2, 0).numpy(), load_mask(inpaint, size, load).numpy()


@pytest.mark.parametrize("kind", ["v_prediction", "text", "text_inpainting"])
@pytest.mark.parametrize(
    "more", [["--feather", 0], ["--feather", 5, "--strength", 0.7]], ids=["anew", "strength"]
)
def test_what_is_black_in_the_mask_comes_back_to_the_bit(
    paint, tiny_model, start, disc, kind, more
):
    mask = disc(64, 64)
    words = [*FOX, "--inpaint", start, "--mask", mask, *more]
    (made,) = paint(*words, "--seed", 1, "--size", 64, model=tiny_model(kind))
    white = np.asarray(Image.open(mask)) > 127
    own = waves(64, 64)
    assert np.array_equal(made.pixels[~white], own[~white])
    assert (made.pixels[white] != own[white]).any(-1).mean() > 0.7
    (again,) = paint("--recipe", made.path, model=tiny_model(kind))
    assert np.array_equal(again.pixels, made.pixels)
    assert again.record == made.record


@pytest.mark.parametrize("size", [[], ["--size", "64"], ["--size", "100x75"]])
def test_so_it_does_in_another_size_and_shape(paint, picture, disc, size):
    mask = disc(90, 70)
    words = [*FOX, "--inpaint", picture, "--mask", mask, "--feather", 2, "--seed", 1]
    (made,) = paint(*words, *size)
    height, width, _ = made.pixels.shape
    framed, painted = kept_and_painted(picture, mask, Size(width, height))
    assert 0.1 < painted.mean() < 0.5
    assert np.array_equal(made.pixels[~painted], framed[~painted])
    assert (made.pixels[painted] != framed[painted]).any(-1).mean() > 0.7


def test_a_mask_may_be_of_any_mode(paint, start, disc):
    words = [*FOX, "--inpaint", start, "--seed", 1, "--steps", 1]
    made = [
        paint(*words, "--mask", disc(64, 64, mode))[0]
        for mode in ("L", "1", "RGB", "RGBA", "P", "LA", "alpha")
    ]
    assert len({each.recipe["inpaint"]["mask"]["sha"] for each in made}) == len(made)
    assert all(np.array_equal(each.pixels, made[0].pixels) for each in made)


def test_the_recipe_says_what_was_painted(paint, start, disc, home):
    mask = disc(64, 64)
    words = [*FOX, "--inpaint", start, "--mask", mask]
    made = paint(*words, "--seed", 4, "--count", 2)
    recipe = made[1].recipe
    assert recipe["inpaint"]["source"]["sha"] == asset(start).sha
    assert recipe["inpaint"]["mask"]["sha"] == asset(mask).sha
    assert "feather" not in recipe["inpaint"]  # 8, as the model has it
    assert recipe["start"] == {"kind": "noise", "seed": 5}
    assert far(made[0].pixels, made[1].pixels) > 0.1
    kept = home / "pictures.imvar" / "assets"
    assert all((kept / f"{asset(path).sha}.png").is_file() for path in (start, mask))


def test_on_another_machine_both_pictures_are_given(
    paint, here, model, start, disc, tmp_path, monkeypatch
):
    mask = disc(64, 64)
    (made,) = paint(*FOX, "--inpaint", start, "--mask", mask, "--seed", 4)
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "other home"))
    words = ["picture", "--model", model, "--recipe", made.path, "--with", start]
    assert asset(mask).sha in here(*words).sentence
    (again,) = paint("--recipe", made.path, "--with", start, "--with", mask)
    assert np.array_equal(again.pixels, made.pixels)


def test_a_white_mask_paints_all(paint, start, tmp_path):
    Image.new("L", (64, 64), 255).save(tmp_path / "white.png")
    (made,) = paint(*FOX, "--inpaint", start, "--mask", tmp_path / "white.png", "--seed", 1)
    (plain,) = paint(*FOX, "--seed", 1)
    assert far(made.pixels, plain.pixels) == 0


def test_an_inpainting_model_is_told_with_what_it_paints(here, tiny_model, tmp_path):
    words = ["picture", "--model", tiny_model("text_inpainting"), *FOX, "--out", tmp_path / "out"]
    assert here(*words).sentence == (
        "model tiny-text-inpainting is an inpainting model, it needs a picture and a mask: "
        "choose another model, or paint with 'imvar picture --inpaint'"
    )


def test_stopped_the_parts_that_are_painted_are_kept(
    here, model, start, disc, tmp_path, monkeypatch
):
    from imvar_studio.worker import stills

    write = stills.write_atomic

    def press(path, data) -> None:
        write(path, data)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(stills, "write_atomic", press)
    words = ["picture", "--model", model, *FOX, "--inpaint", start, "--mask", disc(64, 64)]
    said = here(*words, "--seed", 1, "--count", 3, "--batch", 1, "--out", tmp_path / "out")
    assert said.code == 130
    assert said.out.endswith("Stopped. 1 of 3 pictures are written.\n")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a-red-fox-1.png"]
