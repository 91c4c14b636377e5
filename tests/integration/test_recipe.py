"""A recipe is a picture: the same bits again, elsewhere, from whatever carries it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from imvar_studio.media.image_io import read_png_text

FOX = ["--prompt", "a red fox", "--seed", 7]
SETTINGS = ["--negative", "the sea", "--sampler", "ddim", "--eta", 0.5, "--size", "70x66",
            "--guidance", 4.25, "--batch", 2]  # fmt: skip


def pixels(path):
    return np.asarray(Image.open(path), int)


@pytest.fixture
def owl(paint, picture):
    """A picture of everything that a recipe may hold."""
    return paint("--prompt", "an owl", "--seed", 3, "--mix", f"{picture}:0.5", *SETTINGS)[0]


def as_it_is(path, imvar):
    return path


def by_info(path, imvar):
    """As people redirect it."""
    said = imvar("info", path, cwd=path.parent)
    assert (said.code, said.err) == (0, "")
    path.with_name("said.json").write_text(said.out, "utf-8")
    return path.with_name("said.json")


def by_json_lines(path, imvar):
    path.with_name("line.json").write_text(imvar("info", path, "--json", cwd=path.parent).out)
    return path.with_name("line.json")


def through_exiftool(path, imvar):
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")
    words = ["exiftool", "-q", "-Artist=Somebody", "-XMP:Rating=4", "-o", "copy.png", path.name]
    subprocess.run(words, cwd=path.parent, check=True)
    copy = path.with_name("copy.png")
    assert copy.read_bytes() != path.read_bytes()
    return copy


def renamed(path, imvar):
    """And its name says nothing."""
    return shutil.copyfile(path, path.with_name("IMG 0001.dat"))


@pytest.mark.parametrize("way", [as_it_is, by_info, by_json_lines, through_exiftool, renamed])
def test_the_same_bits_in_a_fresh_process(owl, imvar, model, tmp_path, way):
    recipe = way(owl.path, imvar)
    words = ["picture", "--recipe", recipe, "--model", model, "--out", tmp_path / "again"]
    said = imvar(*words, "--json", cwd=tmp_path)
    assert (said.code, said.err) == (0, "")
    assert [each["event"] for each in said.events if each["event"] == "note"] == []
    (path,) = said.only("finished")["pictures"]
    assert said.only("finished")["seeds"] == [3]
    assert np.array_equal(pixels(path), owl.pixels)
    record = json.loads(read_png_text((tmp_path / path).read_bytes())["imvar"])
    assert record == owl.record


@pytest.mark.parametrize(
    "words",
    [["--ensemble", "a red fox:1", "--ensemble", "the sea:0.3", "--count", 3, "--seed", 1],
     ["--like", "{picture}", "--count", 3, "--seed", 1],
     [*FOX, "--count", 3, "--sampler", "euler-ancestral", "--steps", 5],
     [*FOX, "--count", 3, "--sampler", "lcm", "--batch", 1],
     [*FOX, "--count", 3, "--precision", "bf16"]],
    ids=["ensemble", "like", "ancestral", "lcm", "bf16"],
)  # fmt: skip
def test_any_of_many_is_made_alone(paint, picture, words):
    many = paint(*(str(word).format(picture=picture) for word in words))
    wanted = many[-1]
    (made,) = paint("--recipe", wanted.path)
    assert made.path != wanted.path
    assert made.path.name == f"{wanted.path.stem}-{wanted.seed}.png"
    assert made.record == wanted.record
    assert np.array_equal(made.pixels, wanted.pixels)


def test_another_seed_in_the_json_is_another_picture(paint, tmp_path):
    """The recipe is for people, too."""
    (seven,), (eight,) = paint(*FOX), paint("--prompt", "a red fox", "--seed", 8)
    record = seven.record
    record["recipe"]["start"]["seed"] = 8
    (tmp_path / "edited.json").write_text(json.dumps(record))
    (made,) = paint("--recipe", tmp_path / "edited.json")
    assert (made.seed, made.path.name) == (8, "edited-8.png")
    assert np.array_equal(made.pixels, eight.pixels)
    assert made.record == eight.record


# ---- of a film


def frame_of(film, number):
    name = film.plan["pictures"][film.plan["frames"][number]]["digest"]
    return film.project / "frames" / name[:2] / f"{name}.png"


@pytest.mark.parametrize("frame", [10, 15, 20], ids=["prompt", "between", "last"])
def test_a_films_frame_of_prompts_is_made_again(film, paint, frame):
    path = frame_of(film, frame)
    (made,) = paint("--recipe", path)
    assert np.array_equal(made.pixels, pixels(path))
    assert made.record["digest"] == path.stem


@pytest.fixture
def other_machine(monkeypatch, tmp_path):
    """Another user's home, which has no pictures yet."""
    home = tmp_path / "other home"
    monkeypatch.setenv("IMVAR_HOME", str(home))
    return home


@pytest.mark.parametrize("frame", [0, 5])
def test_a_films_frame_of_a_picture_is_made_again_with_the_picture(
    film, paint, picture, frame, other_machine
):
    path = frame_of(film, frame)
    (made,) = paint("--recipe", path, "--with", picture)
    assert np.array_equal(made.pixels, pixels(path))
    assert made.seed == 0  # it begins with no noise


def test_on_another_machine_the_picture_is_asked_for(
    paint, here, model, picture, tmp_path, other_machine, files, monkeypatch
):
    (made,) = paint("--like", picture, "--seed", 5)
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "third home"))
    before = files(tmp_path / "out")
    words = ["picture", "--model", model, "--recipe", made.path, "--out", tmp_path / "out"]
    sha = hashlib.sha256(picture.read_bytes()).hexdigest()
    said = here(*words)
    assert said.code == 2
    assert said.sentence == (
        f"{made.path} needs a picture that this machine lacks, its SHA-256 is {sha}: "
        "give that very file with --with PICTURE"
    )
    copied = tmp_path / "Bild 1.PNG"
    shutil.copyfile(picture, copied)
    # the same pixels in another file are another picture to the eye of a hash
    Image.open(picture).save(tmp_path / "saved.png", compress_level=1)
    said = here(*words, "--with", tmp_path / "saved.png")
    assert said.code == 2
    assert said.sentence == (
        f"{tmp_path}/saved.png is none of the pictures that {made.path} was made from: "
        "give the file as it was then"
    )
    assert files(tmp_path / "out") == before
    (again,) = paint("--recipe", made.path, "--with", copied)
    assert np.array_equal(again.pixels, made.pixels)
    (third,) = paint("--recipe", made.path)  # it was taken in
    assert np.array_equal(third.pixels, made.pixels)
    kept = tmp_path / "third home" / "pictures.imvar" / "assets" / f"{sha}.png"
    kept.write_bytes(kept.read_bytes()[:-1])
    assert "needs a picture that this machine lacks" in here(*words).sentence
    (fourth,) = paint("--recipe", made.path, "--with", copied)  # the damaged one is replaced
    assert np.array_equal(fourth.pixels, made.pixels)


# ---- refused


@pytest.fixture
def refused(here, model, tmp_path, files, monkeypatch):
    """Ask for a recipe that cannot be followed; returns the sentence. Nothing is written."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)

    def run(*words: object, model=model) -> str:
        said = here("picture", "--model", model, *words)
        assert (said.code, said.out) == (2, "")
        assert list(place.iterdir()) == []
        return said.sentence

    return run


DECIDED = {
    "prompt": "a fox", "like": "a.png", "ensemble": "a", "mix": "a.png", "negative": "a",
    "seed": 1, "count": 1, "steps": 3, "guidance": 3, "eta": 0, "sampler": "ddim", "size": 64,
    "precision": "fp32",
}  # fmt: skip


@pytest.mark.parametrize("option", DECIDED)
def test_what_the_recipe_decides_is_not_asked_twice(paint, refused, option):
    (made,) = paint(*FOX)
    says = f"--recipe decides --{option} already: leave it out"
    assert refused("--recipe", made.path, f"--{option}", DECIDED[option]) == says


@pytest.mark.parametrize("batch", [0, 65])
def test_a_batch_out_of_range(paint, refused, batch):
    (made,) = paint(*FOX)
    says = f"batch must be in [1, 64], got {batch}"
    assert refused("--recipe", made.path, "--batch", batch) == says


def test_a_model_whose_weights_changed_is_another_model(paint, refused, model, tmp_path):
    (made,) = paint(*FOX)
    changed = tmp_path / model.name
    shutil.copytree(model, changed)
    (again,) = paint("--recipe", made.path, model=changed)  # wherever it lies
    assert np.array_equal(again.pixels, made.pixels)
    weights = changed / "unet" / "diffusion_pytorch_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert refused("--recipe", made.path, model=changed) == (
        f"model {model.name} has other weights than the one {made.path} was made with: "
        "give the model that made it with --model"
    )
    assert refused("--recipe", made.path, model="starter").startswith("model starter has other")


def test_a_model_that_is_not_here_is_named(paint, here, tmp_path):
    (made,) = paint(*FOX)
    said = here("picture", "--recipe", made.path, "--out", tmp_path)
    assert said.code == 2
    assert said.sentence.startswith("there is no model called 'tiny-v-prediction', the known ids ")


def changed(record, **fields):
    return json.dumps(record | fields)


SPOILT = {
    "newer": (lambda r: changed(r, version=2), r"was made by a newer version: update Imvar Studio"),
    "no version": (lambda r: changed(r, version="1"), r"was made by a newer version: update "),
    "epoch": (lambda r: changed(r, epoch=0), r"was made by an engine of epoch 0, this one is of "
              r"epoch 1 and would make another picture: use the version that made it"),
    "other": (lambda r: changed(r, format="other"), r"carries no recipe: give a file that Imvar"),
    "none": (lambda r: "{}", r"carries no recipe: "),
    "cut": (lambda r: json.dumps(r)[:-20], r"carries no recipe: "),
    "empty": (lambda r: "", r"carries no recipe: "),
    "list": (lambda r: " [1]", r"carries no recipe: "),
    "deep": (lambda r: '{"a":' * 50_000, r"carries no recipe: "),
    "steps": (lambda r: changed(r, recipe=r["recipe"] | {"steps": 0}),
              r"has a recipe that is not readable, .*steps must be in \[1, 1000\], got 0"),
    "field": (lambda r: changed(r, recipe=r["recipe"] | {"hat": 1}),
              r"has a recipe that is not readable, .*hat"),
    "null": (lambda r: changed(r, recipe=None), r"carries no recipe: "),
    "hidden": (lambda r: changed(r, prompts="left out"),
               r"was exported without its prompts, so it cannot be made again"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILT)
def test_recipes_that_cannot_be_followed(paint, refused, tmp_path, case):
    (made,) = paint(*FOX)
    spoil, says = SPOILT[case]
    path = tmp_path / "spoilt.json"
    path.write_text(spoil(made.record))
    assert re.match(rf"{re.escape(str(path))} {says}", refused("--recipe", path))


@pytest.mark.parametrize("batch", [10**6, 0, "4", True, 2.5])
def test_a_batch_that_no_render_had(paint, refused, tmp_path, batch):
    (made,) = paint(*FOX)
    (tmp_path / "a.json").write_text(changed(made.record, batch=batch))
    assert refused("--recipe", tmp_path / "a.json").startswith("batch must be ")


def test_a_lora_is_never_left_out_silently(paint, refused, tmp_path):
    (made,) = paint(*FOX)
    record = made.record
    record["recipe"]["model"]["loras"] = [{"weights": "0" * 64}]
    (tmp_path / "a.json").write_text(json.dumps(record))
    assert " has other weights than the one " in refused("--recipe", tmp_path / "a.json")


def test_a_precision_that_the_device_lacks(paint, refused, tmp_path):
    (made,) = paint(*FOX)
    record = made.record
    record["recipe"]["precision"] = "fp16"
    (tmp_path / "a.json").write_text(json.dumps(record))
    assert refused("--recipe", tmp_path / "a.json", "--device", "cpu") == (
        f"{tmp_path}/a.json was rendered in fp16, which this device does not compute in: "
        "make it on a GPU"
    )
    says = refused("--recipe", tmp_path / "a.json", "--device", "abacus")
    assert says.startswith("device must be one of ")


def test_a_film_is_no_picture(film, refused):
    says = f"{film.out} is a film: give a picture, or one of the film's frames"
    assert refused("--recipe", film.out) == says


def test_files_that_carry_nothing(refused, picture, tmp_path):
    assert refused("--recipe", picture).startswith(f"{picture} carries no recipe: ")
    (tmp_path / "a.txt").write_text("a fox\n")
    assert refused("--recipe", tmp_path / "a.txt").startswith(f"{tmp_path}/a.txt carries no recipe")
    gone = refused("--recipe", tmp_path / "gone.png")
    assert gone.startswith(f"cannot read {tmp_path}/gone.png, there is no such file or folder: ")
    assert refused("--recipe", tmp_path).startswith(f"{tmp_path} carries no recipe: ")


def test_pictures_are_given_to_recipes_only_that_ask_for_them(paint, refused, picture):
    (made,) = paint(*FOX)
    assert refused("--recipe", made.path, "--with", picture) == (
        f"{picture} is none of the pictures that {made.path} was made from: leave it out"
    )
    assert refused("--recipe", made.path, "--with", "gone.png").startswith("there is no file 'gon")
    assert refused(*FOX, "--with", picture) == "--with goes with --recipe: use --like or --mix"


def test_other_arithmetic_is_said(paint, here, model, tmp_path):
    (made,) = paint(*FOX)
    words = ["picture", "--model", model, "--out", tmp_path / "out"]
    said = here(*words, "--recipe", made.path, "--batch", 3)
    assert (
        f"The picture was rendered with other arithmetic ({made.record['numerics']}): this one "
        "will be alike, not equal to the bit.\n"
    ) in said.out
    (tmp_path / "a.json").write_text(changed(made.record, numerics="cuda fp16"))
    said = here(*words, "--recipe", tmp_path / "a.json", "--json")
    assert "with other arithmetic (cuda fp16)" in said.only("note")["text"]
    assert said.only("finished")
