"""Where sheets of the command line are kept: a project, so that they go on where they stopped."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from imvar_studio.model.edits import add_asset, put_work
from imvar_studio.model.project import Project
from imvar_studio.model.sheet import SheetWork
from imvar_studio.model.sheet_text import sheet_of
from imvar_studio.model.source import Asset
from imvar_studio.store.locks import writer
from imvar_studio.store.prior_looks import with_priors
from imvar_studio.store.project_folder import PROJECT_FILE, ProjectFolder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SHORTLY = 10.0  # seconds to wait for another program that writes
_MOST = 60  # characters of an id, before its number


def checked_sheets(tables: Sequence[dict[str, Any]], beside: Path) -> tuple[SheetWork, ...]:
    """Return the sheets that tables describe, their pictures read; nothing is made.

    Args:
        tables: as in `sheet_of`, each with its name.
        beside: the folder that paths in the tables begin at.

    Raises:
        UserError: for a table or a picture that cannot be read.
    """

    @cache
    def checked(text: str) -> Asset:
        return Asset(_checked(beside / text))

    return tuple(sheet_of(table, checked) for table in tables)


def kept_sheets(
    path: Path, tables: Sequence[dict[str, Any]], beside: Path
) -> tuple[ProjectFolder, tuple[SheetWork, ...]]:
    """Return a project that keeps sheets, and the sheets with the priors that are there.

    It is made where it is new.

    A sheet that is there already, but for its words, is gone on with; one of its id that shows
    something else stays, and the new one gets another id.

    Args:
        path: of the project.
        tables, beside: as in `checked_sheets`, which was called before.

    Raises:
        UserError: for a project that another writes, or that cannot be written.
    """
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
            sheet = _with_free_id(project, sheet_of(table, take_in))
            project = put_work(project, sheet)
            found.append(sheet)
        folder.save(project)
    return folder, with_priors(tuple(found))


def _with_free_id(project: Project, sheet: SheetWork) -> SheetWork:
    """Return a sheet with the first id of its own that is free, or has the same sheet already."""
    there = {work.id: work for work in project.works}
    stem = sheet.id[:_MOST]
    for name in itertools.chain([sheet.id], (f"{stem}-{n}" for n in itertools.count(2))):
        own, other = replace(sheet, id=name), there.get(name)
        if other is None:
            return own
        if isinstance(other, SheetWork) and _shown(other) == _shown(own):
            return own
    raise AssertionError  # the numbers do not end


def _shown(sheet: SheetWork) -> SheetWork:
    return replace(sheet, name="", caption="", likeness=False)


def _checked(path: Path) -> str:
    from imvar_studio.media.image_io import read_picture
    from imvar_studio.store.hashing import sha256_of_file

    read_picture(path)  # whole and readable, before it is taken in
    return sha256_of_file(path)
