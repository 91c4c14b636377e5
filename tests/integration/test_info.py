"""`imvar info`: what a file was made from, or what a project holds."""

from __future__ import annotations

import json
import os
import shutil

import pytest


def test_of_a_picture_it_is_the_record(paint, here):
    (made,) = paint("--prompt", "a red fox", "--seed", 7)
    said = here("info", made.path)
    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out) == made.record
    line = here("info", made.path, "--json").only("info")
    assert line == {"event": "info", **made.record}


def test_any_text_is_readable_in_it(paint, here):
    (made,) = paint("--prompt", "梟 \U0001f98a", "--seed", 7)
    assert '"text": "梟 \U0001f98a"' in here("info", made.path).out
    assert made.record["recipe"]["looks"][0]["look"]["text"] == "梟 \U0001f98a"


def test_of_a_film_it_is_the_plans_spec(film, here):
    record = json.loads(here("info", film.out).out)
    (path,) = film.project.glob("takes/*/plan.json")
    assert record["format"] == "imvar-film"
    assert record["spec"]["film"]["name"] == "waves"
    assert len(record["spec"]["film"]["timeline"]["keyframes"]) == 3
    assert record["spec"]["batch"] == 2
    assert json.loads(path.read_bytes())["spec"]["film"]["id"] == record["spec"]["film"]["id"]


def test_of_a_frame_and_of_json_it_is_the_record(film, here, tmp_path):
    frame = next(film.project.glob("frames/*/*.png"))
    record = json.loads(here("info", frame).out)
    assert record["digest"] == frame.stem
    (tmp_path / "a.json").write_text(json.dumps(record | {"event": "film", "self": 1}))
    line = here("info", tmp_path / "a.json", "--json").only("info")
    assert line == {"event": "info", **record, "self": 1}


def test_of_a_project_it_is_its_films(film, here, files):
    before = files(film.project)
    said = here("info", film.project)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == f"{film.project}: 1 work(s), 1 media file(s)"
    for line in ("waves: 64x64 px, 10 fps, model ", "      0.00 s  waves.png\n",
                 '      2.00 s  "a red fox"\n', '      4.00 s  "the sea"\n'):  # fmt: skip
        assert line in said.out
    (found,) = here("info", film.project, "--json").only("info")["films"]
    assert (found["name"], found["size"], found["fps"], found["loop"]) == (
        "waves", "64x64", "10", False,
    )  # fmt: skip
    shows = [(key["time"], key["shows"]) for key in found["keyframes"]]
    assert shows == [(0.0, "waves.png"), (2.0, '"a red fox"'), (4.0, '"the sea"')]
    assert files(film.project) == before


def test_of_an_empty_project_and_of_works_from_the_future(film, here, model, tmp_path):
    here("new", tmp_path / "empty.imvar", "--model", model, "--loop")
    said = here("info", tmp_path / "empty.imvar")
    assert "a loop" in said.out
    assert said.out.endswith("  no keyframes yet\n")
    project = film.copy(tmp_path / "p.imvar")
    data = json.loads((project / "project.json").read_bytes())
    data["project"]["works"].append({"kind": "hologram", "id": "holo", "depth": 3})
    (project / "project.json").write_text(json.dumps(data))
    said = here("info", project)
    assert "\nholo: of a kind this version does not know, kept as it is\n" in said.out
    assert here("info", project, "--json").only("info")["locked"] == ["holo"]


FOREIGN = {
    "a picture": lambda folder, picture: shutil.copyfile(picture, folder / "a.png"),
    "a text": lambda folder, picture: (folder / "a.txt").write_text("A fox.\nAnd a hen.\n"),
    "blanks": lambda folder, picture: (folder / "a.txt").write_text("\n\n \n"),
    "json": lambda folder, picture: (folder / "a.json").write_text('{"format": "imvar"}'),
    "half json": lambda folder, picture: (folder / "a.json").write_text('{"format": "imvar-rec'),
    "empty": lambda folder, picture: (folder / "a.png").write_bytes(b""),
    "half a png": lambda folder, picture: (folder / "a.png").write_bytes(
        picture.read_bytes()[:200]
    ),
    "a gif": lambda folder, picture: (folder / "a.gif").write_bytes(b"GIF89a" + bytes(50)),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_of_others_carries_nothing(here, picture, tmp_path, kind):
    FOREIGN[kind](tmp_path, picture)
    (path,) = tmp_path.iterdir()
    said = here("info", path)
    assert (said.code, said.out) == (2, "")
    assert said.sentence == f"{path} carries no recipe: give a file that Imvar Studio exported"


def test_a_half_copied_picture_of_ours_tells_what_is_there(paint, here, tmp_path):
    """The recipe stands before the pixels."""
    (made,) = paint("--prompt", "a red fox", "--seed", 7)
    half = tmp_path / "half.png"
    half.write_bytes(made.path.read_bytes()[:-500])
    assert json.loads(here("info", half).out) == made.record


def test_what_is_not_there_or_no_file(here, tmp_path):
    said = here("info", tmp_path / "gone.png")
    assert (said.code, said.out) == (2, "")
    assert said.sentence == (
        f"cannot read {tmp_path}/gone.png, there is no such file or folder: "
        "check the path, or make the folder first"
    )
    assert here("info", tmp_path).sentence.startswith(f"{tmp_path} is not a project, it holds no ")
    error = here("info", tmp_path / "gone.png", "--json").only("error")
    assert error["message"].startswith("cannot read ")
    assert here("info").sentence == "FILE is missing: see 'imvar info --help'"


def test_a_device_or_a_pipe_is_not_waited_for(imvar, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        said = imvar("info", path, cwd=tmp_path)
        assert said.code == 2
        assert said.sentence.startswith(f"{path} carries no recipe")


def test_letters_that_steer_a_terminal_are_shown_and_not_sent(here, tmp_path):
    record = {"format": "imvar-recipe", "version": 1, "note": "a\x1b[2Jb\x9b2Jc\u202ed"}
    (tmp_path / "a.json").write_text(json.dumps(record))
    out = here("info", tmp_path / "a.json").out
    assert not any(char in out for char in "\x1b\x9b\u202e")
    assert json.loads(out) == record
