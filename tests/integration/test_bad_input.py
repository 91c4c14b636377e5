"""What people get wrong: one sentence, exit code 2, and nothing that was saved is touched."""

from __future__ import annotations

import json
import re
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
import torch
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUICK = ["--steps", "1", "--batch", "1"]


# ---- pictures


def png(width: int, height: int, rows: int) -> bytes:
    """A grey PNG of that size by its header, with some of its rows."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packer = zlib.compressobj()
    data = b"".join(packer.compress(bytes(width + 1)) for _ in range(rows)) + packer.flush()
    chunks = [(b"IHDR", header), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def half_of_a_picture(picture: Path) -> bytes:
    whole = picture.read_bytes()
    return whole[: len(whole) // 2]


PICTURES: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "truncated": (half_of_a_picture, r"'bad\.png' is damaged"),
    "text": (lambda _: b"I am a picture.\n", r"'bad\.png' is "),
    "empty": (lambda _: b"", r"'bad\.png' is empty: "),
    "giant": (lambda _: png(60_000, 60_000, 0), r"'bad\.png' is 60000 x 60000 pixels, the most"),
    "bomb": (lambda _: png(60_000, 60_000, 600), r"'bad\.png' is 60000 x 60000 pixels, the most"),
    "cut short": (lambda _: png(500, 500, 20), r"'bad\.png' is damaged"),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_that_are_none(refused, project, picture, kind):
    content, says = PICTURES[kind]
    (project.parent / "bad.png").write_bytes(content(picture))
    assert re.match(says, refused("add", "p.imvar", "bad.png"))


@pytest.mark.parametrize(
    ("name", "says"),
    [("gone.png", "there is no file 'gone.png': "), (".", "'.' is a folder: "),
     ("/dev/zero", "'/dev/zero' is not a file: "), ("x" * 300 + ".png", "'xxx"),
     ("p.imvar/project.json", "'p.imvar/project.json' is ")],
)  # fmt: skip
def test_paths_that_are_no_pictures(refused, name, says):
    assert refused("add", "p.imvar", name).startswith(says)


def test_a_picture_whose_time_is_taken_is_not_copied(refused, project, pictures):
    other = pictures(pictures.asset("waves 64x64").sha, "")
    Image.fromarray(other).save(project.parent / "other.png")
    says = "there is a keyframe at 2 s already: choose another time"
    assert refused("add", "p.imvar", "other.png", "--at", "2s") == says


# ---- options

OPTIONS = {
    "size 0": (["--size", "0"], r"width must be in \[64, 8192\], got 0"),
    "size 7": (["--size", "7"], r"width must be in \[64, 8192\], got 7"),
    "size 100000": (["--size", "100000"], r"width must be in \[64, 8192\], got 100000"),
    "size 64x1": (["--size", "64x1"], r"height must be in \[64, 8192\], got 1"),
    "size abc": (["--size", "abc"], r"size must be like 256 or 320x240, got 'abc'"),
    "size -64": (["--size", "-64"], r"size must be like 256 or 320x240, got '-64'"),
    "fps 0": (["--fps", "0"], r"fps must be in \[0.1, 240\], got 0"),
    "fps 1/0": (["--fps", "1/0"], r"fps must be like 12, 23.976 or 24000/1001, got '1/0'"),
    "fps abc": (["--fps", "abc"], r"fps must be like 12, 23.976 or 24000/1001, got 'abc'"),
    "fps 1000": (["--fps", "999.5"], r"fps must be in \[0.1, 240\], got 1999/2"),
    "fps nan": (["--fps", "nan"], r"fps must be like .*, got 'nan'"),
    "steps 0": (["--steps", "0"], r"steps must be in \[1, 1000\], got 0"),
    "steps 2.5": (["--steps", "2.5"], r"steps must be a whole number, got '2.5'"),
    "steps 1001": (["--steps", "1001"], r"steps must be in \[1, 1000\], got 1001"),
    "guidance nan": (["--guidance", "nan"], r"guidance must be in \[0, 50\], got nan"),
    "guidance -1": (["--guidance", "-1"], r"guidance must be in \[0, 50\], got -1.0"),
    "guidance 99": (["--guidance", "99"], r"guidance must be in \[0, 50\], got 99.0"),
    "guidance x": (["--guidance", "x"], r"guidance must be a number, got 'x'"),
    "seed -1": (["--seed", "-1"], r"seed must be in \[0, 9223372036854775807\], got -1"),
    "seed 2**64": (["--seed", str(2**64)], r"seed must be in \[0, \d+\], got 184467440737"),
    "seed long": (["--seed", "9" * 5000], r"seed must be a whole number, got '9{37}\.\.\.'"),
    "batch 0": (["--batch", "0"], r"batch must be in \[1, 64\], got 0"),
    "batch 65": (["--batch", "65"], r"batch must be in \[1, 64\], got 65"),
    "transition 0": (["--frames-per-transition", "0"], r"frames per transition must be in \[1, "),
    "precision": (["--precision", "fp8"], r"precision must be one of fp32, bf16, fp16, got 'fp8'"),
    "fp16": (["--device", "cpu", "--precision", "fp16"], r"the CPU has no fp16 arithmetic: choose"),
    "device": (["--device", "abacus"], r"device must be one of .*cpu, got 'abacus'"),
    "model": (["--model", "none"], r"there is no model called 'none', the known ids are "),
    "model path": (["--model", "./none"], r"there is nothing at /\S+/none: check the path"),
    "no model": (["--model", "p.imvar"], r"\S+p.imvar is not a model in diffusers layout, it "),
    "a file": (["--model", "p.imvar/project.json"], r"\S+project.json is not a model's folder"),
    "out": (["--out", "film.xyz"], r"a film cannot be written to 'film.xyz', which has '.xyz': "),
    "no ending": (["--out", "film"], r"a film cannot be written to 'film', which has no ending: "),
    "no folder": (["--out", "no/a.mp4"], r"cannot write no/a.mp4, there is no such file or "),
    "proc": (["--out", "/proc/x.mp4"], r"cannot write /proc/x.mp4, "),
    "long": (["--out", "x" * 300 + ".mp4"], r"cannot write xxx\S+.mp4, the name is too long: "),
    "both": (["--fps", "2", "--frames-per-transition", "2"], r"--fran?\S+ and --fps exclude each"),
    "gif rate": (["--out", "a.gif", "--fps", "60"], r"a looping GIF has at most 50 frames a"),
    "value": (["--out"], r"--out needs a value: see 'imvar render --help'"),
    "unknown": (["--output", "a.mp4"], r"there is no option --output: see 'imvar render --help'"),
    "short": (["--over"], r"there is no option --over: see 'imvar render --help'"),
    "too much": (["b.imvar"], r"it is not clear what b.imvar is for: see 'imvar render --help'"),
    "switch": (["--overwrite=yes"], r"--overwrite takes no value: see 'imvar render --help'"),
}  # fmt: skip


@pytest.mark.parametrize("case", OPTIONS)
def test_options_out_of_range_end_before_anything_is_made(refused, case):
    words, says = OPTIONS[case]
    assert re.match(says, refused("render", "p.imvar", *words))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there(refused):
    assert refused("render", "p.imvar", "--device", "cuda").startswith("device must be one of ")


def test_a_folder_in_the_films_place(refused, project):
    (project.parent / "a.mp4").mkdir()
    says = "a.mp4 is a folder: give the film another name"
    assert refused("render", "p.imvar", "--out", "a.mp4", "--overwrite") == says


NEW = {
    "fps": (
        ["--fps", "23.1234567"],
        r"fps must be like 12, 23.976 or 24000/1001, got '23.1234567'",
    ),
    "size": (["--size", "63"], r"width must be in "),
    "seed": (["--seed", "1e3"], r"seed must be a whole number, got '1e3'"),
    "model": (["--model", "none"], r"there is no model called 'none'"),
    "name": (["--name", "x" * 201], r"work name must have at most 200 characters, got 201"),
    "bell": (["--name", "a\x07b"], r"work name must not hold control characters"),
}


@pytest.mark.parametrize("case", NEW)
def test_new_with_bad_options_makes_nothing(refused, case):
    words, says = NEW[case]
    assert re.match(says, refused("new", "fresh.imvar", *words))


@pytest.mark.parametrize(
    ("name", "says"),
    [("p.imvar", r"/\S+/p.imvar is a project already: open it, or choose another name"),
     (".", r"/\S+ holds other files: choose another name"),
     ("p.imvar/project.json", r"/\S+/project.json is a file: choose another name"),
     ("p.imvar/project.json/x", r"cannot make /\S+, a part of the path is not a folder: check"),
     ("/proc/x", r"cannot make /proc/x, ")],
)  # fmt: skip
def test_new_where_something_is(refused, name, says):
    assert re.match(says, refused("new", name))


ADD = {
    "nothing": ([], r"there is nothing to add to p.imvar: give DIR and PICTURE, or "),
    "both": (["a.png", "--prompt", "a fox"], r"a keyframe is a picture or a prompt, not both: "),
    "empty": (["--prompt", " "], r"the prompt is empty: say what to show"),
    "control": (["--prompt", "a\x1b[31mfox"], r"prompt must not hold control characters"),
    "long": (["--prompt", "fox " * 3000], r"prompt must have at most 10000 characters, "),
    "tokens": (["--prompt", "fox " * 40], r"prompt 'fox (fox )+f?\.\.\.' has \d+ tokens, model \S+ "
               r"reads at most 30: shorten it"),
    "emoji": (["--prompt", "🦊🌊" * 30], r"prompt '🦊\S+' has \d+ tokens, model "),
    "seed": (["a.png", "--seed", "3"], r"a picture has no seed: leave --seed out, or "),
    "time": (["--prompt", "a", "--at", "noon"], r"time must be like 2s, 1500ms or 1:30, got "),
    "negative": (["--prompt", "a", "--at", "-1"], r"time must be like 2s, 1500ms or 1:30, "),
    "mixed": (["--prompt", "a", "--at", "1:30ms"], r"time must be like 2s, 1500ms or 1:30, got "),
    "late": (["--prompt", "a", "--at", "90000"], r"keyframe time must be in \[0, 86400\], got"),
    "easing": (["--prompt", "a", "--easing", "x"], r"--easing must be one of linear, .*, got x: "),
    "words": (["a", "red", "fox"], r"it is not clear what red fox is for: see 'imvar add --help'"),
}  # fmt: skip


@pytest.mark.parametrize("case", ADD)
def test_add_that_adds_nothing(refused, case):
    words, says = ADD[case]
    assert re.match(says, refused("add", "p.imvar", *words))


# ---- the program itself


@pytest.mark.parametrize(
    ("words", "says"),
    [([], "COMMAND is missing: see 'imvar --help'"),
     (["paint"], "there is no command paint, choose from new, add, render, picture, sheet, "
      "gallery, queue, info, versions, takes, pack, unpack, models, settings, doctor: "
      "see 'imvar --help'"),
     (["new"], "DIR is missing: see 'imvar new --help'"),
     (["--fast", "new", "a"], "there is no option --fast: see 'imvar --help'")],
)  # fmt: skip
def test_commands_that_are_none(refused, words, says):
    assert refused(*words) == says


def test_errors_are_json_lines_too(here, project):
    said = here("add", "p.imvar", "--prompt", "", "--json")
    error = {"event": "error", "message": "the prompt is empty", "remedy": "say what to show"}
    assert (said.code, said.events) == (2, [error])
    assert said.sentence == "the prompt is empty: say what to show"


def test_any_text_can_be_a_prompt(here, project):
    """Emoji, marks that combine, other scripts: kept in one form, whatever the terminal shows."""
    for text in ("🦊 on a 🏔️", "e\u0301le\u0301gance", "梟の夜", "שָׁלוֹם"):
        assert here("add", "p.imvar", "--prompt", text).code == 0
    data = json.loads((project / "project.json").read_bytes())
    keys = data["project"]["works"][0]["timeline"]["keyframes"]
    texts = [key["looks"][0]["look"].get("text") for key in keys]
    assert texts[3] == "\u00e9l\u00e9gance"
    assert here("render", "p.imvar", "--estimate", *QUICK).code == 0


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_lacks_the_letters_stops_nothing(imvar, project, encoding):
    env = {"PYTHONIOENCODING": encoding}
    words = ["add", "p.imvar", "--prompt", "🦊"]
    said = imvar(*words, cwd=project.parent, env=env)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith('Added "\\U0001f98a" at 4 s (3 keyframes).\n')
    made = imvar("new", "🦊.imvar", "--json", cwd=project.parent, env=env).only("made")
    assert made["project"] == str(project.parent / "🦊.imvar")


def test_as_a_process_it_is_the_same(imvar, project, files):
    before = files(project)
    for words in (["render", "p.imvar", "--out", "x.avi"], ["add", "p.imvar", "x.png"], []):
        said = imvar(*words, cwd=project.parent)
        assert (said.code, said.out) == (2, "")
        assert said.sentence
    assert files(project) == before
