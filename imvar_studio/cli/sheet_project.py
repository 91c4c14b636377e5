"""Where sheets of the command line are kept: a project, so that they go on where they stopped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from imvar_studio.model.edits import add_asset, put_work
from imvar_studio.model.project import Project
from imvar_studio.model.sheet_text import sheet_of
from imvar_studio.model.source import Asset
from imvar_studio.store.locks import writer
from imvar_studio.store.project_folder import PROJECT_FILE, ProjectFolder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from imvar_studio.model.sheet import SheetWork

_SHORTLY = 10.0  # seconds to wait for another program that writes


def sheets_project(
    path: Path, tables: Sequence[dict[str, Any]], beside: Path
) -> tuple[ProjectFolder, tuple[SheetWork, ...]]:
    """Return a project with the sheets that tables describe; all are made where they are new.

    Args:
        path: of the project.
        tables: as in `sheet_of`, each with its name.
        beside: the folder that paths in the tables begin at.

    Raises:
        UserError: for a table or a picture that cannot be read, a project that another writes.
    """

    @cache
    def checked(text: str) -> Asset:
        return Asset(_checked(beside / text))

    for table in tables:  # all is checked before anything is made
        sheet_of(table, checked)
    new = not (path / PROJECT_FILE).is_file()
    folder = ProjectFolder.create(path, Project()) if new else ProjectFolder.open(path)
    with writer(folder, "imvar sheet", _SHORTLY):
        project = folder.load()
        found = []

        @cache
        def take_in(text: str) -> Asset:
            nonlocal project
            entry = folder.add_asset(beside / text)
            project = add_asset(project, entry)
            return Asset(entry.sha)

        for table in tables:
            sheet = sheet_of(table, take_in)
            project = put_work(project, sheet)
            found.append(sheet)
        folder.save(project)
    return folder, tuple(found)


def _checked(path: Path) -> str:
    from imvar_studio.media.image_io import read_picture
    from imvar_studio.store.hashing import sha256_of_file

    read_picture(path)  # whole and readable, before it is taken in
    return sha256_of_file(path)
