"""A process that is killed while it changes and saves a project loses nothing it wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.project import FilmWork, Project
from imvar_studio.store.project_folder import ProjectFolder, read_project
from imvar_studio.store.recovery import newer
from imvar_studio.store.versions import list_versions

if TYPE_CHECKING:
    from pathlib import Path

# says a number once it is on the disk; never ends by itself
CHANGES = """
import sys
from pathlib import Path
from imvar_studio.model.project import FilmWork, Project
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.recovery import Autosave

folder = ProjectFolder.open(Path(sys.argv[1]))
autosave, every = Autosave(folder), int(sys.argv[2])
number = 0
while True:
    number += 1
    project = Project((FilmWork("film", str(number)),))
    autosave.changed(project)
    autosave.write()
    print(number, flush=True)
    if every and number % every == 0:
        folder.save(project)
        autosave.saved(project)
"""


def killed(folder: ProjectFolder, every: int, after: int) -> int:
    """Let it change the project until it has said `after`; returns what it said last."""
    words = [sys.executable, "-c", CHANGES, str(folder.path), str(every)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= after:
                process.kill()  # in the middle of whatever comes next
                break
        rest = process.stdout.read().splitlines()
    return int(rest[-1]) if rest else after


def number(project: Project) -> int:
    return int(project.films()[0].name)


@pytest.mark.parametrize("after", [1, 2, 7, 30])
@pytest.mark.parametrize("every", [0, 1, 3])
def test_a_killed_process_leaves_the_newest_change(tmp_path: Path, every: int, after: int) -> None:
    folder = ProjectFolder.create(tmp_path / "p.imvar", Project((FilmWork("film", "0"),)))
    last = killed(folder, every, after)
    there = number(folder.load())
    assert every or there == 0
    unsaved = newer(folder)
    newest = max(there, number(unsaved.project) if unsaved else 0)
    assert last <= newest <= last + 1  # the one that was being written counts if it was
    versions = [number(read_project(version.path)) for version in list_versions(folder.versions)]
    assert versions == sorted(versions, reverse=True)
    if every == 1 and last > 1:
        # the save before the last one, unless that had not begun
        assert versions[0] in (there - 1, there)
