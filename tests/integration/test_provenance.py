"""Every file says what it was made from and that a model made it; texts stay private if asked."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import zlib

import pytest

from imvar_studio.media.image_io import read_picture, read_png_text
from imvar_studio.media.video import read_frames, read_video_metadata

GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
SECRET = "a zebrafinch wearing mittens"
WORDS = [b"zebrafinch", b"mittens", b"walrus", b"marzipan"]

exiftool = pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")


def tags(path) -> dict[str, object]:
    """What exiftool, which knows nothing of us, reads in a file."""
    words = ["exiftool", "-j", "-n", "-G1", "-validate", "-warning", "-all", str(path)]
    said = subprocess.run(words, capture_output=True, check=True).stdout
    (found,) = json.loads(said)
    return found


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    """The outermost boxes of an MP4, which must fill it exactly."""
    found, at = [], 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        assert size >= 8
        assert at + size <= len(data)
        found.append((kind, data[at + 8 : at + size]))
        at += size
    return found


def readable(path) -> bytes:
    """A file's bytes, with all that PNG's compressed chunks hold behind them."""
    data = path.read_bytes()
    found = [data]
    at = 8
    while data.startswith(b"\x89PNG") and at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        if kind in (b"iTXt", b"zTXt"):
            for start in range(len(body)):
                if body[start : start + 1] == b"\x78":
                    try:
                        found.append(zlib.decompressobj().decompress(body[start:]))
                    except zlib.error:
                        continue
        at += size + 12
    return b"".join(found).lower()


@pytest.fixture
def secret(here, model, tmp_path):
    """A film whose keyframes say what nobody else should read."""
    project = tmp_path / "film.imvar"
    here("new", project, "--model", model, "--fps", 2)
    here("add", project, "--prompt", SECRET)
    here("add", project, "--prompt", "walrus made of marzipan", "--at", "1s")

    def render(name: str, *words: object):
        out = tmp_path / name
        said = here("render", project, "--out", out, "--steps", 1, *words)
        assert said.code == 0, said
        return out

    return render


@exiftool
def test_pictures_say_that_a_model_made_them(paint):
    (made,) = paint("--prompt", "a red fox", "--seed", 7)
    found = tags(made.path)
    assert found["XMP-iptcExt:DigitalSourceType"] == GENERATED
    assert found["XMP-xmp:CreatorTool"].startswith("Imvar Studio ")
    assert found["PNG:Software"].startswith("Imvar Studio ")
    assert "ExifTool:Warning" not in found
    assert json.loads(found["PNG:Imvar"])["recipe"]["start"] == {"kind": "noise", "seed": 7}


@exiftool
def test_a_films_frames_say_it_too(film):
    frame = next(film.project.glob("frames/*/*.png"))
    assert tags(frame)["XMP-iptcExt:DigitalSourceType"] == GENERATED


@exiftool
def test_films_say_that_a_model_made_them(film):
    found = tags(film.out)
    assert found["XMP-iptcExt:DigitalSourceType"] == GENERATED
    assert "ExifTool:Warning" not in found
    assert json.loads(found["ItemList:Comment"])["format"] == "imvar-film"


def test_the_box_stands_behind_a_film_that_is_whole(film):
    found = boxes(film.out.read_bytes())
    kinds = [kind for kind, _ in found]
    assert kinds[0] == b"ftyp"
    assert kinds.count(b"moov") == kinds.count(b"mdat") == kinds.count(b"uuid") == 1
    assert kinds[-1] == b"uuid"
    body = found[-1][1]
    assert body[:16] == bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
    assert GENERATED.encode() in body
    assert len(list(read_frames(film.out))) == 21


def test_the_picture_carries_its_recipe_and_reads_as_any_png(paint):
    (made,) = paint("--prompt", SECRET, "--seed", 7, "--batch", 4)
    text = read_png_text(made.path.read_bytes())
    assert set(text) == {"imvar", "Software", "XML:com.adobe.xmp"}
    record = json.loads(text["imvar"])
    assert (record["format"], record["version"], record["batch"]) == ("imvar-recipe", 1, 4)
    assert record["recipe"]["looks"][0]["look"]["text"] == SECRET
    assert "batch-4" in record["numerics"]
    assert read_picture(made.path).shape == (64, 64, 3)


@pytest.mark.parametrize("name", ["a.mp4", "a.gif"])
def test_a_film_carries_what_it_was_planned_from(secret, here, name):
    out = secret(name)
    record = json.loads(read_video_metadata(out)["comment"])
    assert record["format"] == "imvar-film"
    keys = record["spec"]["film"]["timeline"]["keyframes"]
    assert keys[0]["looks"][0]["look"] == {"kind": "prompt", "text": SECRET}
    said = here("info", out, "--json")
    assert said.only("info") == {"event": "info", **record}
    assert len(list(read_frames(out))) == 3


def test_a_gif_says_it_in_its_comment(secret):
    data = secret("a.gif").read_bytes()
    assert data.count(b"!\xfe") >= 1
    at = data.index(b"!\xfe") + 2
    text = b""
    while size := data[at]:
        text += data[at + 1 : at + 1 + size]
        at += 1 + size
    assert json.loads(text)["format"] == "imvar-film"


def test_no_prompts_leaves_every_text_out_of_a_picture(paint, here, picture):
    words = ["--prompt", SECRET, "--negative", "a walrus", "--seed", 7]
    (open_,) = paint(*words)
    assert all(word in readable(open_.path) for word in WORDS[:3])  # they would be found
    (made,) = paint(*words, "--no-prompts")
    assert not any(word in readable(made.path) for word in WORDS)
    assert made.path.name == "picture-7.png"
    assert (made.pixels == open_.pixels).all()
    said = here("info", made.path)
    assert '"prompts": "left out"' in said.out
    assert json.loads(said.out)["recipe"]["start"]["seed"] == 7
    again = here("picture", "--recipe", made.path)
    assert again.sentence == (
        f"{made.path} was exported without its prompts, so it cannot be made again"
    )


def test_no_prompts_of_an_ensemble_and_a_mix(paint, picture):
    parts = ["--ensemble", f"{SECRET}:2", "--ensemble", "walrus made of marzipan"]
    (made,) = paint(*parts, "--seed", 7, "--no-prompts")
    assert not any(word in readable(made.path) for word in WORDS)
    assert [each.get("weight", 1) for each in made.recipe["looks"]] == [2, 1]
    (mixed,) = paint("--prompt", SECRET, "--mix", picture, "--seed", 7, "--no-prompts")
    assert not any(word in readable(mixed.path) for word in WORDS)


@pytest.mark.parametrize("name", ["a.mp4", "a.gif"])
def test_no_prompts_leaves_every_text_out_of_a_film(secret, here, name):
    out = secret(name)
    assert all(word in readable(out) for word in WORDS)
    hidden = secret(f"b{out.suffix}", "--no-prompts")
    assert not any(word in readable(hidden) for word in WORDS)
    assert [(a == b).all() for a, b in zip(read_frames(out), read_frames(hidden), strict=True)] == [
        True, True, True,
    ]  # fmt: skip
    said = here("info", hidden)
    assert '"prompts": "left out"' in said.out
    again = secret(f"c{out.suffix}")  # and the take's film is not mistaken for the other
    assert all(word in readable(again) for word in WORDS)
