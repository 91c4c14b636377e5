"""`imvar new --template`: films that are ready to render, with samples or one's own."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from imvar_studio.model.look import Picture
from imvar_studio.plan.templates import film_templates
from imvar_studio.store.places import bundled_folder
from imvar_studio.store.project_folder import ProjectFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = [entry.name for entry in film_templates()]
PICTURES = bundled_folder("resources") / "samples" / "pictures"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def texts(project: Path) -> list[str]:
    """All texts of a project's films, in the order they stand in its file."""
    return re.findall(
        r'"(?:text|origin|target)": "([^"]+)"', (project / "project.json").read_text()
    )


def test_each_template_is_listed_in_one_line(here):
    said = here("new", "--template", "list")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert [line.split()[0] for line in lines] == NAMES
    assert all(re.fullmatch(r"\S+ +[a-z].+ \(.*\d.*\)", line) for line in lines)
    assert max(map(len, lines)) <= 100


def test_for_programs_each_is_a_json_line(here):
    events = here("new", "--template", "list", "--json").events
    assert [event["name"] for event in events] == NAMES
    walk = next(event for event in events if event["name"] == "circular-walk")
    assert (walk["pictures"], walk["prompts"]) == ([1, 1], [1, 1])
    assert walk["options"] == ["loop", "negatives", "sampler"]


@pytest.mark.parametrize("name", NAMES)
def test_a_template_alone_makes_a_film_of_samples(here, place, name):
    said = here("new", "my.imvar", "--template", name, "--seed", 3)
    assert (said.code, said.err) == (0, "")
    first, *others = said.out.splitlines()
    assert first == f"Made my.imvar of {name}, seed 3."
    folder = ProjectFolder.open(place / "my.imvar")
    project = folder.load()
    both = name == "lerp-slerp"
    assert others == [
        f"Render with: imvar render my.imvar{f' --film {film.id}' if both else ''}"
        for film in project.films()
    ]
    assert len(project.films()) == (2 if both else 1)
    for film in project.films():
        assert film.model == "starter"
        assert (film.settings.seed, str(film.settings.size), film.settings.fps) == (
            3,
            "256x256",
            12,
        )
    for asset in project.assets:
        assert folder.asset_path(asset.sha).read_bytes() == (PICTURES / asset.name).read_bytes()


def test_own_pictures_and_options_are_taken(here, place, picture):
    said = here("new", "m.imvar", "--template", "morph", "--picture", picture,
                "--picture", PICTURES / "cat.jpg", "--picture", picture, "--seconds", "6s",
                "--loop", "--name", "Waves", "--fps", 8, "--size", 64, "--json")  # fmt: skip
    assert said.only("made")["films"] == ["film"]
    project = ProjectFolder.open(place / "m.imvar").load()
    (film,) = project.films()
    waves, cat = project.assets
    assert (waves.name, cat.name) == (picture.name, "cat.jpg")
    assert [key.time for key in film.timeline.keyframes] == [0.0, 2.0, 4.0]
    shown = [key.looks[0].look for key in film.timeline.keyframes]
    assert all(isinstance(look, Picture) for look in shown)
    assert [look.source.sha for look in shown] == [waves.sha, cat.sha, waves.sha]
    assert (film.name, film.timeline.loop, film.settings.fps) == ("Waves", True, 8)


def test_own_texts_are_taken(here, place):
    words = ["--template", "many-prompts"]
    for prompt, negative in (("an owl", "day"), ("a fox", "rain")):
        words += ["--prompt", prompt, "--negative", negative]
    assert here("new", "a.imvar", *words).code == 0
    assert texts(place / "a.imvar") == ["an owl", "day", "a fox", "rain"]
    words = ["--template", "edit-loop", "--picture", PICTURES / "cat.jpg", "--amount", "-0.5"]
    assert here("new", "b.imvar", *words, "--from", "day", "--to", "night").code == 0
    assert texts(place / "b.imvar") == ["day", "night"]
    (work,) = json.loads((place / "b.imvar/project.json").read_bytes())["project"]["works"]
    (track,) = work["timeline"]["tracks"]
    assert [point["value"] for point in track["curve"]["points"]] == [0, -0.5, 0]
    words = ["--template", "eta-ramp", "--prompt", "an owl", "--noise", "fresh"]
    assert here("new", "c.imvar", *words).code == 0
    (film,) = ProjectFolder.open(place / "c.imvar").load().films()
    assert film.settings.noise_motion == "fresh"


BAD: dict[str, tuple[list[Any], str]] = {
    "name": (["walk"], r"template must be one of edit-loop, eta-ramp, .*, got 'walk'"),
    "few": (["morph", "--picture", "p.png"], r"the template morph takes 2 or more pictures, got "
            r"1 picture: give it that many, or none to see it with samples"),
    "prompts": (["positive-negative", "--prompt", "a"], r".* takes 2 prompts, got 1 prompt: "),
    "gone": (["eta-ramp", "--picture", "gone.png"], r"there is no file 'gone.png': check its "),
    "no picture": (["eta-ramp", "--picture", "text.png"], r"'text.png' .*"),
    "option": (["morph", "--noise", "held"], r"the template morph takes no motion of noise: leave"),
    "motion": (["eta-ramp", "--noise", "wild"], r"--noise must be one of held, walk, fresh, got "),
    "sampler": (["circular-walk", "--sampler", "euler"], r"sampler of a circular walk must be "),
    "amount": (["walk-away", "--amount", "much"], r"amount must be a number, got 'much'"),
    "far": (["edit-loop", "--amount", "3"], r"track edit-amount must be in \[-2, 2\], got 3"),
    "time": (["latent-walk", "--seconds", "soon"], r"time must be like 2s, 1500ms or 1:30, got "),
    "short": (["latent-walk", "--seconds", "0.1"], r"a film of 0.1 s at 12 fps is too short for "),
    "tokens": (["walk-away", "--prompt", "fox " * 40], r"prompt 'fox .* has \d+ tokens, model "),
    "control": (["walk-away", "--prompt", "a\x1b[31m"], r"prompt must not hold control character"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_made_makes_nothing(refused, project, picture, case):
    words, says = BAD[case]
    (project.parent / "p.png").write_bytes(picture.read_bytes())
    (project.parent / "text.png").write_text("no picture")
    assert re.match(says, refused("new", "fresh.imvar", "--template", *words))


@pytest.mark.parametrize("option", ["--picture", "--prompt", "--seconds", "--from", "--sampler"])
def test_what_only_templates_take_needs_one(refused, option):
    says = f"{option} goes with --template: see 'imvar new --template list', or add "
    assert refused("new", "fresh.imvar", option, "x").startswith(says)


def test_a_model_of_prompts_gets_no_pictures(refused, tiny_model):
    says = r"model tiny-text takes prompts only, the template morph got pictures: give a --prompt"
    words = ["--template", "morph", "--model", tiny_model("text")]
    assert re.match(says, refused("new", "fresh.imvar", *words))


def test_a_place_that_is_taken_gets_no_pictures(refused):
    assert "is a project already" in refused("new", "p.imvar", "--template", "morph")


def test_a_film_is_chosen_by_its_id_or_name(here, place, model):
    words = ["--template", "lerp-slerp", "--name", "Owls", "--model", model]
    assert here("new", "both.imvar", *words).code == 0
    for name in ("slerp", "Owls slerp"):
        assert here("render", "both.imvar", "--film", name, "--estimate").code == 0
    said = here("render", "both.imvar", "--film", "nlerp")
    assert said.code == 2
    says = "both.imvar has no film 'nlerp', its films are lerp, slerp: give one of them"
    assert said.sentence == says


# ---- rendered by the starter, as small and short as can be


def rendered(here: Callable[..., Any], place: Path, name: str, *options: object) -> list[Any]:
    """The frames' pictures, (h, w, 3) float, in order."""
    words = ["--template", name, "--size", 64, "--fps", 2, "--seed", 5, *options]
    assert here("new", "f.imvar", *words).code == 0
    said = here("render", "f.imvar", "--out", "f.mp4", "--steps", 3, "--precision", "fp32")
    assert (said.code, said.err) == (0, "")
    (path,) = (place / "f.imvar").glob("takes/*/plan.json")
    plan = json.loads(path.read_bytes())["plan"]
    digests = [plan["pictures"][index]["digest"] for index in plan["frames"]]
    files = [place / "f.imvar" / "frames" / each[:2] / f"{each}.png" for each in digests]
    return [np.asarray(Image.open(file), float) for file in files]


def far(a: Any, b: Any) -> float:
    return float(np.abs(a - b).mean())


def test_the_starters_edit_leaves_its_picture_and_comes_back(here, place):
    made = rendered(here, place, "edit-loop", "--seconds", 2)
    assert len(made) == 4
    picture = Image.open(PICTURES / "turtle-in-a-meadow.jpg").convert("RGB").resize((64, 64))
    distances = [far(each, np.asarray(picture, float)) for each in made]
    assert distances[0] < 15
    assert distances[0] < distances[1] < distances[2]
    assert (made[1] == made[3]).all()


def test_the_starters_circular_walk_closes(here, place):
    made = rendered(here, place, "circular-walk", "--seconds", 4, "--sampler", "lms")
    assert len(made) == 8
    steps = [far(made[index - 1], made[index]) for index in range(8)]
    across = [far(made[index - 4], made[index]) for index in range(4)]
    assert min(steps) > 0.5
    assert steps[0] < 1.5 * max(steps[1:])  # from the last to the first
    assert np.mean(steps) < np.mean(across)
