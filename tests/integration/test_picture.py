"""`imvar picture`: what each option does to the picture, told by its pixels and its recipe."""

from __future__ import annotations

import hashlib
import itertools
import json
import signal

import numpy as np
import pytest
from PIL import Image

from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.samplers import built_in_samplers
from imvar_studio.media.image_io import read_picture
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Noise

FOX = ["--prompt", "a red fox", "--seed", 7]


def far(one, other) -> float:
    """The mean distance of two pictures, of 255."""
    return float(np.abs(one.pixels - other.pixels).mean())


def most(one, other) -> int:
    """The largest distance of two pictures' values, of 255."""
    return int(np.abs(one.pixels - other.pixels).max())


@pytest.fixture
def second(tmp_path, pictures):
    """Another picture than `picture`: other waves, upside down."""
    path = tmp_path / "other.png"
    Image.fromarray(pictures(pictures.asset("waves 64x64").sha, "")[::-1, :, ::-1]).save(path)
    return path


@pytest.mark.parametrize("look", ["prompt", "like"])
def test_the_picture_is_the_engines(paint, load_model, picture, look):
    """The same recipe, written by hand."""
    words = FOX if look == "prompt" else ["--like", picture, "--seed", 7]
    (made,) = paint(*words, "--guidance", 2.5, "--device", "cpu", "--batch", 4)
    bundle = load_model("v_prediction", "fp32")
    asset = Asset(hashlib.sha256(picture.read_bytes()).hexdigest())
    recipe = Recipe(
        model=bundle.card.ref,
        looks=(Weighted(Prompt("a red fox") if look == "prompt" else Picture(asset)),),
        start=Noise(7),
        size=Size(64, 64),
        steps=3,
        guidance=2.5,
        sampler="ddim",
    )
    load = Renderer(bundle, lambda sha, background: read_picture(picture))
    (wanted,) = load.render([recipe], 4, [0])
    assert np.array_equal(made.pixels, wanted)
    assert np.std(made.pixels) > 5


def test_a_picture_is_taken_in_so_that_it_can_be_found_again(paint, picture, second, home):
    (made,) = paint("--like", picture, "--seed", 1)
    sha = hashlib.sha256(picture.read_bytes()).hexdigest()
    source = {"kind": "asset", "sha": sha}
    assert made.recipe["looks"] == [{"look": {"kind": "picture", "source": source}}]
    kept = home / "pictures.imvar" / "assets" / f"{sha}.png"
    assert kept.read_bytes() == picture.read_bytes()
    assert made.path.name == "waves-1.png"
    (other,) = paint("--like", second, "--seed", 1)
    assert far(made, other) > 1


def test_mixed_embeddings_are_weighted(paint, picture, second):
    ours, theirs = (paint("--like", each, "--seed", 1)[0] for each in (picture, second))

    def mixed(weight: str):
        (made,) = paint("--like", picture, "--mix", f"{second}{weight}", "--seed", 1)
        (part,) = made.recipe["looks"]
        found = [each.get("weight", 1.0) for each in part["look"]["parts"]]
        assert found == [1.0, float(weight[1:] or 1)]
        return made

    assert most(mixed(":0"), ours) == 0
    half = mixed("")
    assert most(half, mixed(":1")) == 0
    distances = [far(mixed(weight), theirs) for weight in (":0", ":0.5", ":1", ":4", ":100")]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 0.1 * distances[0]
    assert far(half, ours) > 1


def test_mix_with_a_prompt_and_several_pictures(paint, picture, second):
    (fox,) = paint(*FOX)
    words = [*FOX, "--mix", f"{picture}:0.5", "--mix", second]
    (made,) = paint(*words)
    (part,) = made.recipe["looks"]
    kinds = [each["look"]["kind"] for each in part["look"]["parts"]]
    assert kinds == ["prompt", "picture", "picture"]
    assert far(made, fox) > 1
    assert made.path.name == "a-red-fox-7.png" or made.path.name == "a-red-fox-7-2.png"


def test_the_negative_prompt_takes_the_place_of_nothing(paint):
    (plain,) = paint(*FOX)
    (negative,) = paint(*FOX, "--negative", "the sea")
    assert negative.recipe["negative"] == {"kind": "prompt", "text": "the sea"}
    assert far(plain, negative) > 1
    # at guidance 1 it falls out: eps_u + 1 (eps - eps_u)
    (one,) = paint(*FOX, "--guidance", 1)
    assert most(one, paint(*FOX, "--guidance", 1, "--negative", "the sea")[0]) <= 1
    # at guidance 0 it is the picture
    (zero,) = paint(*FOX, "--guidance", 0, "--negative", "the sea")
    assert most(zero, paint("--prompt", "the sea", "--seed", 7, "--guidance", 1)[0]) <= 1
    assert most(plain, paint(*FOX, "--negative", " ")[0]) == 0


def test_an_ensemble_averages_predictions_with_its_weights(paint):
    def ensemble(*parts: str):
        words = [word for part in parts for word in ("--ensemble", part)]
        (made,) = paint(*words, "--seed", 7)
        return made

    (fox,) = paint(*FOX)
    both = ensemble("a red fox:1", "the sea:1")
    found = [(each["look"]["text"], each.get("weight", 1.0)) for each in both.recipe["looks"]]
    assert found == [("a red fox", 1.0), ("the sea", 1.0)]
    assert both.path.name == "ensemble-7.png"
    assert most(both, ensemble("a red fox:3", "the sea:3")) == 0
    assert most(both, ensemble("a red fox", "the sea")) == 0
    assert most(ensemble("a red fox:2", "the sea:0"), fox) <= 1
    (sea,) = paint("--prompt", "the sea", "--seed", 7)
    parts = [ensemble(f"a red fox:{weight}", "the sea:1") for weight in ("9", "1", "0.1")]
    distances = [far(each, sea) for each in parts]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 0.5 * distances[0]


def test_a_text_with_a_colon_is_a_text(paint):
    (made,) = paint("--ensemble", "scene: a fox", "--ensemble", "C:the sea:0.25", "--seed", 1)
    found = [(each["look"]["text"], each.get("weight", 1.0)) for each in made.recipe["looks"]]
    assert found == [("scene: a fox", 1.0), ("C:the sea", 0.25)]


def test_each_picture_has_a_seed_which_its_name_and_its_recipe_say(paint):
    made = paint(*FOX, "--count", 5, "--batch", 2)
    assert [each.path.name for each in made] == [f"a-red-fox-{n}.png" for n in range(7, 12)]
    assert [each.seed for each in made] == [*range(7, 12)]
    assert [each.recipe["start"] for each in made] == [
        {"kind": "noise", "seed": seed} for seed in range(7, 12)
    ]
    assert all(far(a, b) > 1 for a, b in itertools.combinations(made, 2))


def test_bits_do_not_depend_on_the_count(paint):
    many = paint(*FOX, "--count", 5, "--batch", 4)
    for wanted in many[1::3]:
        (alone,) = paint("--prompt", "a red fox", "--seed", wanted.seed, "--batch", 4)
        assert most(wanted, alone) == 0
        assert alone.record == wanted.record


def test_seeds_that_are_drawn_are_told_and_never_the_same(paint):
    words = ["--prompt", "a red fox", "--count", 2]
    first, second = paint(*words), paint(*words)
    seeds = [each.seed for each in (*first, *second)]
    assert len(set(seeds)) == 4
    assert seeds == [each.recipe["start"]["seed"] for each in (*first, *second)]
    assert first[1].seed == first[0].seed + 1
    (again,) = paint(*words[:2], "--seed", second[1].seed)
    assert most(again, second[1]) == 0


def test_nothing_is_overwritten(paint, files, tmp_path):
    first = paint(*FOX, "--count", 2)
    before = files(tmp_path / "out")
    second, third = paint(*FOX, "--count", 2), paint(*FOX, "--guidance", 1)
    assert [each.path.name for each in second] == ["a-red-fox-7-2.png", "a-red-fox-8-2.png"]
    assert third[0].path.name == "a-red-fox-7-3.png"
    after = files(tmp_path / "out")
    assert {name: after[name] for name in before} == before
    assert len(after) == 5
    assert [most(*each) for each in zip(first, second, strict=True)] == [0, 0]


def test_eta_draws_noise_of_its_own_from_the_seed(paint):
    words = ["--prompt", "a red fox", "--seed", 7, "--sampler", "ddim"]
    plain, some, full = (paint(*words, "--eta", eta)[0] for eta in (0, 0.5, 1))
    assert "variance" not in plain.recipe
    assert (some.recipe["eta"], some.recipe["variance"]) == (0.5, {"kind": "noise", "seed": 7})
    assert far(plain, full) > far(plain, some) > 1
    assert most(some, paint(*words, "--eta", 0.5)[0]) == 0


def test_eta_alone_takes_ddim_whatever_the_model_ships(paint, tiny_model, tmp_path):
    model = tmp_path / "euler"
    model.mkdir()
    for part in tiny_model("epsilon").iterdir():
        (model / part.name).symlink_to(part)
    (model / "scheduler").unlink()
    (model / "scheduler").mkdir()
    found = tiny_model("epsilon") / "scheduler" / "scheduler_config.json"
    config = json.loads(found.read_bytes()) | {"_class_name": "EulerDiscreteScheduler"}
    (model / "scheduler" / found.name).write_text(json.dumps(config))
    (own,) = paint(*FOX, model=model)
    assert own.recipe["sampler"] == "euler"
    (made,) = paint(*FOX, "--eta", 0.5, model=model)
    assert (made.recipe["sampler"], made.recipe["eta"]) == ("ddim", 0.5)


def test_every_sampler_makes_pictures_by_either_name(paint):
    made = {}
    for number, entry in enumerate(built_in_samplers()):
        option = ("--sampler", "--scheduler")[number % 2]
        (each,) = paint(*FOX, "--steps", 6, option, entry.name)
        assert each.recipe.get("sampler", "dpmpp-2m") == entry.name
        made[entry.name] = each
    assert len(made) == 8
    assert min(np.std(each.pixels) for each in made.values()) > 5
    for name in ("dpmpp-2m", "unipc", "euler-ancestral", "lcm"):
        others = [far(made[name], each) for other, each in made.items() if other != name]
        assert min(others) > 0.05, (name, others)
    assert far(made["euler"], made["ddim"]) < 1  # the same step, written twice


def test_sizes_the_model_does_not_have_are_cut_out_of_the_next_it_has(paint):
    (whole,) = paint(*FOX, "--size", "80x112")
    assert whole.pixels.shape == (112, 80, 3)
    (cut,) = paint(*FOX, "--size", "65x100")
    assert cut.pixels.shape == (100, 65, 3)
    top, left = (112 - 100) // 2, (80 - 65) // 2
    middle = whole.pixels[top : top + 100, left : left + 65]
    assert np.array_equal(cut.pixels, middle)
    (square,) = paint(*FOX, "--size", "96")
    assert square.pixels.shape == (96, 96, 3)
    (native,) = paint(*FOX)
    assert native.pixels.shape == (64, 64, 3)


def test_out_is_made_and_a_name_is_found_for_any_text(paint, tmp_path, monkeypatch):
    deep = tmp_path / "a" / "b c"
    (made,) = paint("--prompt", "梟の夜", "--seed", 1, "--out", deep)
    assert made.path == deep / "picture-1.png"
    (long,) = paint("--prompt", "../A Fox, in the snow & ice; at night... ", "--seed", 1)
    assert long.path == tmp_path / "out" / "a-fox-in-the-snow-ice-at-night-1.png"
    assert long.recipe["looks"][0]["look"]["text"] == "../A Fox, in the snow & ice; at night... "
    monkeypatch.chdir(tmp_path)
    (here,) = paint(*FOX, "--out", ".")
    assert (tmp_path / "a-red-fox-7.png").is_file()
    assert here.path.name == "a-red-fox-7.png"


def test_people_are_told_where_each_picture_is(here, model, tmp_path):
    words = ["picture", "--model", model, *FOX, "--steps", 1, "--count", 2, "--out", tmp_path]
    said = here(*words)
    assert said.code == 0
    made = said.out.removeprefix("Loading the model.\n")
    assert made == "".join(f"Made {tmp_path}/a-red-fox-{n}.png.\n" for n in (7, 8))


def test_stopped_after_a_chunk_the_pictures_made_are_kept(here, model, tmp_path, monkeypatch):
    from imvar_studio.worker import stills

    write = stills.write_atomic

    def press(path, data) -> None:
        write(path, data)
        if path.name.endswith("-8.png"):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(stills, "write_atomic", press)
    words = ["picture", "--model", model, *FOX, "--steps", 2, "--count", 6, "--batch", 2]
    said = here(*words, "--out", tmp_path / "out")
    assert said.code == 130
    assert said.out.endswith("Stopped. 2 of 6 pictures are written.\n")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a-red-fox-7.png", "a-red-fox-8.png",
    ]  # fmt: skip


def test_memory_that_does_not_suffice_has_a_remedy(here, model, tmp_path, monkeypatch):
    def too_large(*_: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")

    monkeypatch.setattr("imvar_studio.engine.renderer.Renderer.render", too_large)
    said = here("picture", "--model", model, *FOX, "--out", tmp_path, "--batch", 2)
    assert said.code == 2
    assert said.sentence == (
        "the memory does not hold one picture of 64x64, not even in tiles: "
        "choose a smaller size, or close other programs"
    )
    assert "going on with 1 picture at once" in said.out
    assert "going on in tiles" in said.out
    assert list(tmp_path.iterdir()) == []


def test_without_words_it_is_the_starter_and_its_own_settings(imvar, tmp_path):
    """As a process, with all but the steps left to the program."""
    said = imvar("picture", "--prompt", "a frog", "--steps", 2, "--json", cwd=tmp_path)
    assert (said.code, said.err) == (0, "")
    (name,) = said.only("finished")["pictures"]
    (seed,) = said.only("finished")["seeds"]
    assert name == f"a-frog-{seed}.png"
    with Image.open(tmp_path / name) as made:
        assert made.size == (256, 256)
        recipe = json.loads(made.text["imvar"])["recipe"]
    assert recipe["model"]["id"] == "starter"
    assert (recipe.get("sampler", "dpmpp-2m"), recipe.get("guidance", 3.0)) == ("dpmpp-2m", 3.0)
