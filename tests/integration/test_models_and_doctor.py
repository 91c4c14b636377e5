"""`imvar models` and `imvar doctor`: what there is on this machine, and what is wrong with it."""

from __future__ import annotations

import json
import os
import shutil
import struct

import psutil
import pytest

import imvar_studio


def safetensors(path, names, *, missing: int = 0, notes=None):
    """A file of tensors of zeros, whole or cut short."""
    header, end = ({"__metadata__": notes} if notes else {}), 0
    for name in names:
        header[name] = {"dtype": "F16", "shape": [2, 2], "data_offsets": [end, end + 8]}
        end += 8
    text = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(end - missing))
    return path


UNET, VAE = "model.diffusion_model.out.0.weight", "first_stage_model.decoder.conv_in.weight"


@pytest.fixture
def own(monkeypatch, tmp_path):
    """A home of its own."""
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def tree(model, tmp_path):
    """A folder as people have them: one model of ours, junk, and a broken download."""
    root = tmp_path / "stuff"
    shutil.copytree(model, root / "good" / "tiny-fox")
    safetensors(root / "bad.safetensors", [UNET, VAE], missing=3)
    safetensors(root / "lora.safetensors", ["lora_unet_down.lora_up.weight"])
    (root / "notes.txt").write_text("hello")
    (root / "deep" / "er").mkdir(parents=True)
    (root / "deep" / "picture.png").write_bytes(b"\x89PNG")
    (root / "empty model").mkdir()
    (root / "empty model" / "model_index.json").write_text("{}")
    (root / "circle").symlink_to(root)
    return root


def test_the_starter_is_listed_with_what_people_ask(here, own):
    said = here("models")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "starter"
    assert lines[1] == "    Imvar starter, image-variation, 256x256 px, 104 MB, Apache-2.0"
    assert lines[2].endswith("/resources/models/starter")
    assert lines[-1] == f"Folders in {own}/models are found by their names."
    (row,) = here("models", "--json").only("models")["models"]
    assert (row["id"], row["family"], row["licence"]) == ("starter", "image-variation",
                                                          "Apache-2.0")  # fmt: skip
    assert 100e6 < row["bytes"] < 110e6


def test_a_scan_tells_models_from_what_is_none(here, own, tree):
    rows = here("models", "--scan", tree, "--json").only("models")["models"]
    found = {row["path"].removeprefix(f"{tree}/"): row for row in rows}
    assert set(found) == {"good/tiny-fox", "bad.safetensors", "lora.safetensors", "empty model"}
    good = found["good/tiny-fox"]
    assert (good["family"], good["native"], good["licence"]) == ("image-variation", "64x64", "")
    assert "problem" not in good
    assert found["bad.safetensors"]["problem"].startswith(
        f"{tree}/bad.safetensors is damaged, 3 bytes are missing: "
    )
    assert " is a LoRA, a change to a model and no model: " in found["lora.safetensors"]["problem"]
    assert found["empty model"]["problem"]
    said = here("models", "--scan", tree).out
    assert f"{tree}/lora.safetensors\n    cannot be used: {tree}/lora.safetensors is a LoRA" in said
    assert f"{tree}/good/tiny-fox\n    tiny-fox, image-variation, 64x64 px, " in said
    assert "licence not stated" in said
    assert [row["id"] for row in here("models", "--json").only("models")["models"]] == ["starter"]


@pytest.mark.parametrize("place", ["models/checkpoints", "models/Stable-diffusion", "diffusers"])
def test_of_other_programs_only_the_places_of_models_are_scanned(here, own, tmp_path, model, place):
    root = tmp_path / "program"
    shutil.copytree(model, root / place / "tiny-fox")
    safetensors(root / "models" / "loras" / "a.safetensors", ["x.lora_up.weight"])
    safetensors(root / "models" / "upscale_models" / "b.safetensors", ["conv.weight"])
    rows = here("models", "--scan", root, "--json").only("models")["models"]
    assert [row["path"] for row in rows] == [str(root / place / "tiny-fox")]


def test_an_added_folders_models_are_found_by_id(here, own, tree, tmp_path, files):
    before = files(tree)
    assert here("models", "--add", tree).code == 0
    rows = here("models", "--add", tree, "--json").only("models")["models"]  # twice does no harm
    assert [row["id"] for row in rows].count("tiny-fox") == 1
    assert json.loads((own / "model-folders.json").read_bytes()) == [str(tree)]
    words = ["picture", "--model", "tiny-fox", "--prompt", "a fox", "--seed", 1, "--steps", 1]
    assert here(*words, "--out", tmp_path).code == 0
    recipe = tmp_path / "a-fox-1.png"
    assert here("picture", "--recipe", recipe, "--out", tmp_path).code == 0  # and again by its id
    assert files(tree) == before
    shutil.rmtree(tree)  # an unplugged disk is no fault
    assert [row["id"] for row in here("models", "--json").only("models")["models"]] == ["starter"]
    assert here(*words).sentence.startswith("there is no model called 'tiny-fox', the known ids ")


def test_a_model_that_broke_is_listed_with_its_problem(here, own, model):
    (own / "models").mkdir(parents=True)
    shutil.copytree(model, own / "models" / "mine")
    weights = own / "models" / "mine" / "vae" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    said = here("models")
    assert said.code == 0
    assert f"mine\n    cannot be used: {weights} is damaged, 10 bytes are missing: " in said.out


def test_folders_that_are_none(here, own, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for option in ("--scan", "--add"):
        for path in (tmp_path / "gone", tmp_path / "file"):
            said = here("models", option, path)
            assert (said.code, said.out) == (2, "")
            assert said.sentence.startswith(f"{path} is not a folder: give the folder that ")
    assert not (own / "model-folders.json").exists()
    said = here("models", "--add", tmp_path, "--scan", tmp_path)
    assert said.sentence == "--scan and --add exclude each other: see 'imvar models --help'"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert here("models", "--scan", empty).out == "No models there.\n"


# ---- doctor


@pytest.fixture
def well(monkeypatch):
    """A machine that has enough of everything, whatever this one has just now."""
    from collections import namedtuple

    memory = namedtuple("Memory", "available total")(8e9, 16e9)
    disk = namedtuple("Disk", "free total")(90e9, 100e9)
    monkeypatch.setattr("imvar_studio.cli.doctor.psutil.virtual_memory", lambda: memory)
    monkeypatch.setattr("imvar_studio.cli.doctor.shutil.disk_usage", lambda _: disk)
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "nvidia-smi" else which(name))


def test_where_nothing_is_missing(here, own, well):
    said = here("doctor")
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith("\n\nNothing is missing.\n")
    lines = dict(line.split(":", 1) for line in said.out.splitlines()[:7])
    assert lines["Imvar Studio"].strip().startswith(f"{imvar_studio.__version__}, Python 3.")
    assert " torch 2." in lines["packages"]
    assert "bf16" in lines["device"] or "fp32" in lines["device"] or "fp16" in lines["device"]
    assert lines["memory"].strip() == "8.0 GB of 16.0 GB free; disk 90.0 GB of 100.0 GB free"
    assert "libx264" in lines["ffmpeg"]
    assert "104 MB, whole" in lines["starter"]
    assert lines["data folder"].strip() == str(own)
    found = here("doctor", "--json").only("doctor")
    assert found["problems"] == []
    assert {name: text.strip() for name, text in lines.items()} == found["found"]


def test_an_ffmpeg_that_is_not_there(here, own, well, monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nonsense/ffmpeg")
    said = here("doctor")
    assert said.code == 0
    assert "ffmpeg:        missing\n" in said.out
    assert "To mend:\n- the ffmpeg program /nonsense/ffmpeg does not start (No such" in said.out
    assert "mend IMAGEIO_FFMPEG_EXE.\n" in said.out
    found = here("doctor", "--json").only("doctor")
    assert found["found"]["ffmpeg"] == "missing"
    assert len(found["problems"]) == 1


def test_an_ffmpeg_without_encoders(here, own, well, monkeypatch, tmp_path):
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\necho ' V..... libx264 H.264'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(fake))
    (problem,) = here("doctor", "--json").only("doctor")["problems"]
    assert problem.startswith("ffmpeg lacks libx265, libsvtav1, ")


def test_a_starter_that_is_damaged(here, own, well, monkeypatch, tmp_path, model):
    places = tmp_path / "resources"
    shutil.copytree(model, places / "models" / "starter")
    (places / "models" / "starter" / "vae" / "config.json").unlink()
    monkeypatch.setattr("imvar_studio.store.model_places.bundled_folder", lambda _: places)
    found = here("doctor", "--json").only("doctor")
    assert found["found"]["starter"] == "missing"
    assert len(found["problems"]) == 1
    assert "vae/config.json" in found["problems"][0]


def test_too_little_memory_and_disk(here, own, well, monkeypatch):
    memory = psutil.virtual_memory()._replace(available=1.5e9, total=16e9)
    monkeypatch.setattr("imvar_studio.cli.doctor.psutil.virtual_memory", lambda: memory)
    (problem,) = here("doctor", "--json").only("doctor")["problems"]
    assert problem == "less than 2 GB of memory is free: close other programs."


def test_a_package_that_is_not_installed(here, own, well, monkeypatch):
    monkeypatch.setattr("imvar_studio.cli.doctor._PACKAGES", ("torch", "no-such-package"))
    (problem,) = here("doctor", "--json").only("doctor")["problems"]
    assert problem.startswith("no-such-package is not installed: run ")


def test_a_home_that_cannot_be_written(here, well, monkeypatch, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "file"))
    problems = here("doctor", "--json").only("doctor")["problems"]
    assert problems
    assert all(each.startswith(f"{tmp_path}/file") for each in problems)
    assert all(each.endswith(": mend its permissions.") for each in problems)


def test_as_a_process_it_ends_well_whatever_it_finds(imvar, tmp_path):
    said = imvar("doctor", cwd=tmp_path, env={"IMAGEIO_FFMPEG_EXE": os.devnull})
    assert (said.code, said.err) == (0, "")
    assert "does not start" in said.out
    assert list(tmp_path.iterdir()) == []
