"""`imvar sheet` over a constant that is added to the embedding or to the latents at the start."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from imvar_studio.jobs.provenance import read_record, recipe_of


def pixels(path):
    return np.asarray(Image.open(path))


@pytest.mark.parametrize("parameter", ["shift", "latent-shift"])
def test_it_moves_the_picture_and_none_leaves_it(
    here, picture, model, tmp_path, monkeypatch, parameter
):
    monkeypatch.chdir(tmp_path)
    words = ["sheet", "--like", picture, "--model", model, "--precision", "fp32", "--seed", 4,
             "--start", "inverted", "--guidance", 2]  # fmt: skip
    for name, columns in (("moved", f"{parameter}=-0.3,0,0.3"), ("plain", "seed=4")):
        said = here(*words, "--columns", columns, "--name", name)
        assert said.code == 0, said
    low, none, high = sorted((tmp_path / "moved").iterdir())
    (plain,) = (tmp_path / "plain").iterdir()
    assert high.name == f"1-3-{parameter}-0.3-seed-4.png"
    assert recipe_of(read_record(none), none) == recipe_of(read_record(plain), plain)
    assert np.array_equal(pixels(none), pixels(plain))
    for one, other in ((low, none), (high, none), (low, high)):
        assert not np.array_equal(pixels(one), pixels(other))
    # a moved picture is made again from its recipe, to the bit
    again = ["picture", "--recipe", high, "--model", model, "--with", picture]
    assert here(*again, "--out", tmp_path / "again").code == 0
    (made,) = (tmp_path / "again").glob("*.png")
    assert np.array_equal(pixels(made), pixels(high))
