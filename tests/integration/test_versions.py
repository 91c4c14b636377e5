"""Earlier versions of a project, and changes that a crash left, on the command line."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imvar_studio.store.locks import writer
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.recovery import Autosave

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.model.project import Project

ROW = r"(\d{8}-\d{6}-\d{6})  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  (.+)"


def prompts(project: Path) -> list[str]:
    film = ProjectFolder.open(project).load().films()[0]
    looks = [key.looks[0].look for key in film.timeline.keyframes]
    return [getattr(look, "text", "a picture") for look in looks]


def rows(text: str) -> list[tuple[str, str]]:
    return re.findall(f"^{ROW}$", text, re.MULTILINE)


def test_an_earlier_version_is_put_back_and_the_present_one_kept(project, here):
    before = (project / "project.json").read_bytes()
    assert here("add", "p.imvar", "--prompt", "a mistake").code == 0
    said = here("versions", "p.imvar")
    newest, first, made = rows(said.out)
    assert [newest[1], first[1], made[1]] == [
        "1 work, 2 keyframes", "1 work, 1 keyframe", "1 work, 0 keyframes"]  # fmt: skip
    assert said.out.endswith("\nPut one back with: imvar versions p.imvar --restore ID\n")
    said = here("versions", "p.imvar", "--restore", newest[0])
    assert said.out == (
        f"Put back version {newest[0]}; what {project} was before is among its versions.\n"
    )
    assert (project / "project.json").read_bytes() == before
    mistake = rows(here("versions", "p.imvar").out)[0]
    assert mistake[1] == "1 work, 3 keyframes"
    here("versions", "p.imvar", "--restore", mistake[0])
    assert prompts(project) == ["a picture", "a fox", "a mistake"]


def test_for_programs(project, here):
    told = here("versions", "p.imvar", "--json").only("versions")
    assert (told["project"], told["recovery"]) == (str(project), None)
    assert [version["holds"] for version in told["versions"]] == [
        "1 work, 1 keyframe", "1 work, 0 keyframes"]  # fmt: skip
    chosen = told["versions"][1]["id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\S+\+00:00", told["versions"][1]["saved"])
    said = here("versions", "p.imvar", "--restore", chosen, "--json")
    assert said.only("restored") == {"event": "restored", "project": str(project),
                                     "version": chosen}  # fmt: skip
    assert prompts(project) == []


def test_a_project_without_versions(here, model, tmp_path):
    here("new", tmp_path / "a.imvar", "--model", model)
    assert here("versions", tmp_path / "a.imvar").out == "No earlier versions yet.\n"


def renamed(project: Path, name: str) -> Project:
    found = ProjectFolder.open(project).load()
    return replace(found, works=(replace(found.films()[0], name=name),))


def crash(project: Path, name: str) -> None:
    autosave = Autosave(ProjectFolder.open(project))
    autosave.changed(renamed(project, name))
    autosave.close()


def test_what_a_crash_left_is_shown_and_put_back(project, here):
    crash(project, "lost")
    first = here("versions", "p.imvar").out.splitlines()[0]
    assert re.fullmatch(r"recovery {14}  [-\d]{10} [:\d]{8}  1 work, 2 keyframes, not saved", first)
    told = here("versions", "p.imvar", "--json").only("versions")
    assert told["recovery"]["continues"] is True
    said = here("versions", "p.imvar", "--restore", "recovery")
    assert said.out == (
        "Put back the changes that were not saved; "
        f"what {project} was before is among its versions.\n"
    )
    assert ProjectFolder.open(project).load().films()[0].name == "lost"
    assert not (project / "recovery.json").exists()
    assert len(rows(here("versions", "p.imvar").out)) == 3


def test_the_next_command_offers_what_a_crash_left(project, here):
    crash(project, "lost")
    offer = "They are kept; put them back with: imvar versions p.imvar --restore recovery\n"
    for words in (["info", "p.imvar"], ["add", "p.imvar", "--prompt", "a sea"]):
        assert offer in here(*words).out
    told = here("info", "p.imvar", "--json").only("recovery")
    assert told["project"] == str(project)
    with writer(ProjectFolder.open(project), "the window"):  # who has it open is no crash
        assert offer not in here("info", "p.imvar").out
    assert here("versions", "p.imvar", "--restore", "recovery").code == 0
    assert offer not in here("info", "p.imvar").out


def test_a_crash_before_another_save_says_so(project, here):
    crash(project, "lost")
    here("add", "p.imvar", "--prompt", "later")
    assert "    the project was saved since\n" in here("versions", "p.imvar").out


def test_a_damaged_project_is_put_right(refused, project, here):
    path = project / "project.json"
    path.write_bytes(path.read_bytes()[:-100])
    assert "or see 'imvar versions DIR', nothing was changed" in refused("info", "p.imvar")
    newest = rows(here("versions", "p.imvar").out)[0][0]
    assert here("versions", "p.imvar", "--restore", newest).code == 0
    assert prompts(project) == ["a picture"]
    damaged = here("versions", "p.imvar").out.splitlines()[0]
    assert re.search(r"  cannot be read, \S+\.json line \d+ is not JSON", damaged)


@pytest.mark.parametrize(
    ("name", "says"),
    [("recovery", r"\S+p.imvar has no unsaved changes to restore: see 'imvar versions DIR'"),
     ("1999", r"\S+p.imvar has no version called '1999': give the whole id that"),
     ("2", r"\S+p.imvar has 2 versions called '2': give the whole id"),
     ("../../x", r"\S+p.imvar has no version called '../../x'")],
)  # fmt: skip
def test_what_cannot_be_put_back(refused, name, says):
    assert re.match(says, refused("versions", "p.imvar", "--restore", name))


def test_a_damaged_version_is_shown_and_not_put_back(refused, project, here):
    (newest, *_) = sorted((project / "versions").iterdir(), reverse=True)
    newest.write_bytes(b"{")
    said = here("versions", "p.imvar")
    assert said.out.startswith(f"{newest.stem}  ")
    assert "cannot be read, " in said.out.splitlines()[0]
    assert "is not JSON" in refused("versions", "p.imvar", "--restore", newest.stem)


def test_nothing_is_put_back_while_another_writes(project, here):
    before = (project / "project.json").read_bytes()
    version = rows(here("versions", "p.imvar").out)[0][0]
    with writer(ProjectFolder.open(project), "the window"):
        assert here("versions", "p.imvar").code == 0
        said = here("versions", "p.imvar", "--restore", version)
    assert said.code == 2
    assert f"is open for writing by the window (process {os.getpid()} on " in said.sentence
    assert (project / "project.json").read_bytes() == before


def test_as_a_process_of_its_own(imvar, project):
    crash(project, "lost")
    said = imvar("versions", "p.imvar", "--restore", "recovery", cwd=project.parent)
    assert (said.code, said.err) == (0, "")
    assert ProjectFolder.open(project).load().films()[0].name == "lost"
