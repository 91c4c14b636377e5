"""Exported films and pictures, read back as what they were made from."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from imvar_studio.jobs.provenance import film_spec_of, read_record, recipe_of
from imvar_studio.media.film_formats import FORMATS
from imvar_studio.media.png import write_png
from imvar_studio.media.video import VideoOptions, write_video
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import FormatError
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Size
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.plan.film import film
from imvar_studio.worker.provenance import film_record, picture_text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def spec() -> FilmSpec:
    keys = tuple(Keyframe(f"k{i}", float(i), (Weighted(Prompt(f"owl {i}")),)) for i in range(3))
    settings = FilmSettings(size=Size(64, 64), fps=Fraction(24000, 1001), seed=7, steps=3)
    work = FilmWork("film", "Eulen", timeline=Timeline(keys), settings=settings)
    return FilmSpec(work, ModelRef("tiny", "ab" * 32), "bf16", 2)


def record(spec: FilmSpec, **options: Any) -> str:
    return film_record(film(spec).digest, encode(spec, rounded=True), **options)


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: f"{kind.codec}{kind.ending}")
def test_a_film_of_every_kind_opens_as_the_spec_it_was_planned_from(tmp_path, spec, kind):
    path = tmp_path / f"x{kind.ending}"
    write_video(
        lambda: iter([np.zeros((64, 64, 3), np.uint8)] * 2), path, fps=Fraction(12),
        metadata={"comment": record(spec), "title": "Eulen", "software": "Imvar Studio"},
        options=VideoOptions(codec=kind.codec), xmp="<x/>",
    )  # fmt: skip
    found = film_spec_of(read_record(path), path)
    assert found == spec
    assert film(found).digest == film(spec).digest


def test_a_part_of_a_film_says_which(tmp_path, spec):
    data = json.loads(record(spec, part=(3, 9)))
    assert data["frames"] == [3, 9]
    assert film_spec_of(data, tmp_path) == spec
    assert "frames" not in json.loads(record(spec))


def test_a_picture_is_no_film_and_a_film_no_picture(tmp_path, spec):
    path = tmp_path / "frame.png"
    picture = film(spec).pictures[0]
    text = picture_text(picture, "numerics", 2)
    path.write_bytes(write_png(np.zeros((64, 64, 3), np.uint8), text=text))
    found = read_record(path)
    assert recipe_of(found, path) == picture.recipe
    with pytest.raises(FormatError) as caught:
        film_spec_of(found, path)
    assert str(caught.value) == f"{path} is a picture: give a film"
    with pytest.raises(FormatError, match="is a film: give a picture"):
        recipe_of(json.loads(record(spec)), path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: data.pop("spec"), "x.json carries no recipe: give a file that"),
        (lambda data: data.update(spec=7), "x.json carries no recipe: give a file that"),
        (lambda data: data["spec"].pop("film"),
         "x.json has a recipe that is not readable, spec lacks the field 'film'"),
        (lambda data: data["spec"].update(batch=900),
         r"x.json has a recipe that is not readable, spec: batch must be in \[1, 64\], got 900"),
        (lambda data: data["spec"].update(odd=1),
         "x.json has a recipe that is not readable, spec has a field 'odd' that is not known"),
        (lambda data: data.update(version=2), "x.json was made by a newer version: update Imvar"),
        (lambda data: data.update(version="1"), "x.json was made by a newer version"),
        (lambda data: data.update(format="poem"), "x.json carries no recipe"),
    ],
    ids=range(8),
)  # fmt: skip
def test_what_is_damaged_or_newer_is_refused_in_one_sentence(tmp_path, spec, change, sentence):
    data = json.loads(record(spec))
    change(data)
    path = tmp_path / "x.json"
    path.write_text(json.dumps(data))
    with pytest.raises(FormatError, match=sentence) as caught:
        film_spec_of(read_record(path), path)
    assert "\n" not in str(caught.value)


def test_a_film_without_its_prompts_cannot_be_made_again(tmp_path, spec):
    path = tmp_path / "x.json"
    path.write_text(record(spec, keep_prompts=False))
    assert "owl" not in path.read_text()
    with pytest.raises(FormatError) as caught:
        film_spec_of(read_record(path), path)
    assert str(caught.value) == (
        f"{path} was exported without its prompts, so it cannot be made again"
    )


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\x89PNG", b"RIFF", b"\0" * 64])
def test_other_files_carry_no_recipe(tmp_path: Path, data: bytes):
    path = tmp_path / "x.mov"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"x\.mov carries no recipe: give a file"):
        read_record(path)


def test_reading_back_loads_neither_torch_nor_numpy_before_it_must():
    program = (
        "import sys, imvar_studio.jobs.provenance, imvar_studio.jobs.natural\n"
        "assert not {'torch', 'numpy'} & set(sys.modules), 'loaded'"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
