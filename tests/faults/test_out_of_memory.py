"""Memory that is used up at each stage, of a GPU and of the machine: the film gets done.

The program runs as a process of its own; only the calls that would use up the memory are made to
fail, with the errors torch raises, for as long as they ask for more than there "is".
"""

from __future__ import annotations

import collections
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.program import Said

if TYPE_CHECKING:
    from pathlib import Path

FRAMES = 12
OPTIONS = ["--frames-per-transition", "11", "--steps", "3", "--batch", "4", "--precision", "fp32"]
CUDA = 'torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")'
CPU = 'RuntimeError("DefaultCPUAllocator: can\'t allocate memory: you tried to allocate 9 bytes.")'

# stage -> a condition on a call of that module at which the memory is used up
UNET, VAE = "diffusers.UNet2DConditionModel", "diffusers.models.autoencoders.vae."
STAGES = {
    "denoise": (UNET, "forward", "len(args[0]) > 4"),
    "decode": (VAE + "Decoder", "forward", "len(args[0]) > 1"),
    "decode one": (VAE + "Decoder", "forward", "len(args[0]) > 1 or args[0][0, 0].numel() > 64"),
    "encode": (VAE + "Encoder", "forward", "args[0][0, 0].numel() > 4096"),
    # in the middle of the film
    "later": (VAE + "Decoder", "forward", "len(args[0]) > 2 and frames() >= 8"),
}
ENDS = {  # numerics of the frames, and what is said
    "denoise": ({"batch-2": 12}, ["2 pictures at once"]),
    "decode": ({"batch-1": 12}, ["2 pictures at once", "1 picture at once"]),
    "decode one": ({"batch-1 tiled": 12}, ["2 pictures", "1 picture", "in tiles"]),
    "encode": ({"batch-4 tiled-encode": 12}, ["in tiles"]),
    "later": ({"batch-4": 8, "batch-2": 4}, ["2 pictures at once"]),
}
PROGRAM = """
import importlib, pathlib, sys, torch
from imvar_studio import app
name = {place!r}
module, _, cls = name.rpartition(".")
owner = getattr(importlib.import_module(module), cls)
frames = lambda: len(list(pathlib.Path(sys.argv[2]).glob("frames/*/*.png")))
before = getattr(owner, {method!r})
def short(self, *args, **kwargs):
    args = args or (kwargs.pop("sample", None),)
    if {condition}:
        raise {error}
    return before(self, *args, **kwargs)
setattr(owner, {method!r}, short)
sys.argv = ["imvar", *sys.argv[1:]]
app.main()
"""


def render(stage: str, error: str, project: Path, *options: str) -> Said:
    place, method, condition = STAGES[stage]
    program = PROGRAM.format(place=place, method=method, condition=condition, error=error)
    out = project.parent / "a.mp4"
    words = ["render", project, "--out", out, "--overwrite", *OPTIONS, *options, "--json"]
    ended = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        check=False, capture_output=True, text=True, env=os.environ, timeout=120,
    )  # fmt: skip
    return Said(ended.returncode, ended.stdout, ended.stderr)


def numerics(project: Path) -> dict[str, int]:
    """How many frames each fingerprint made, without what is the machine's."""
    (journal,) = project.glob("takes/*/journal.jsonl")
    last = {}
    for line in journal.read_text("utf-8").splitlines():
        record = json.loads(line)
        words = record["fingerprint"].split()
        last[record["recipe"]] = " ".join(w for w in words if w.startswith(("batch", "tiled")))
    return dict(collections.Counter(last.values()))


@pytest.mark.parametrize(
    ("stage", "error"),
    [("denoise", CUDA), ("decode", CPU), ("decode one", CUDA), ("encode", CPU)],
    ids=["denoise-cuda", "decode-cpu", "decode-one-cuda", "encode-cpu"],
)
def test_it_falls_back_says_so_and_finishes(project, stage, error):
    size = ["--size", "128"] if stage in ("decode one", "encode") else []
    said = render(stage, error, project, *size)
    assert (said.code, said.err) == (0, "")
    fingerprints, notes = ENDS[stage]
    assert numerics(project) == fingerprints
    told = [note["text"] for note in said.events if note["event"] == "note"]
    falls = [text for text in told if "The memory was used up" in text]
    assert [word in text for word, text in zip(notes, falls, strict=True)] == [True] * len(notes)
    assert len(list(project.glob("frames/*/*.png"))) == FRAMES
    assert said.only("finished")["frames"] == FRAMES


def test_a_take_of_mixed_numerics_says_so_and_is_put_right(project, imvar, tmp_path):
    said = render("later", CPU, project)
    assert (said.code, said.err) == (0, "")
    assert numerics(project) == {"batch-4": 8, "batch-2": 4}
    told = [note["text"] for note in said.events if note["event"] == "note"]
    (mixed,) = [text for text in told if "--redo-odd" in text]
    assert mixed.startswith("4 of 12 pictures were made with other numerics than the rest")
    frames = {path: path.read_bytes() for path in project.glob("frames/*/*.png")}
    words = ["render", project, "--out", tmp_path / "b.mp4", *OPTIONS, "--json"]
    again = imvar(*words, "--redo-odd", cwd=tmp_path)
    made = [each["path"] for each in again.events if each["event"] == "made"]
    assert len(made) == 4
    assert numerics(project) == {"batch-4": 12}
    changed = {str(path) for path, data in frames.items() if path.read_bytes() != data}
    assert changed <= set(made)
    assert not [note for note in again.events if "--redo-odd" in note.get("text", "")]


@pytest.mark.parametrize("error", [CUDA, CPU], ids=["cuda", "cpu"])
def test_a_model_that_does_not_fit_has_a_remedy(project, monkeypatch, error):
    monkeypatch.setitem(STAGES, "load", ("diffusers.UNet2DConditionModel", "to", "True"))
    said = render("load", error, project)
    assert said.code == 2
    assert said.sentence.startswith("the memory does not hold the model tiny-v-prediction: close ")


def test_when_nothing_helps_there_is_a_remedy(project, monkeypatch):
    always = ("diffusers.models.autoencoders.vae.Decoder", "forward", "True")
    monkeypatch.setitem(STAGES, "never", always)
    said = render("never", CUDA, project)
    assert said.code == 2
    assert "not even in tiles: choose a smaller size" in said.sentence
