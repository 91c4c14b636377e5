"""Recent projects as the start page lists them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model.contents import parts
from imvar_studio.model.errors import UserError
from imvar_studio.model.source import Asset
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.recent import Recent, recent_projects
from imvar_studio.store.take_frames import newest_frames
from imvar_studio.ui.library.entries import pictures
from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.model.project import Project


@dataclass(frozen=True, slots=True)
class RecentRow:
    """A project that was opened, and what it looks like.

    Args:
        recent: the project.
        is_missing: whether its folder is gone.
        picture: a file that shows what it is about, None where there is none.
    """

    recent: Recent
    is_missing: bool
    picture: Path | None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.recent.name or self.recent.path.stem

    @property
    def place(self) -> str:
        """The folder it lies in, from the user's own on where it is below that."""
        parent = self.recent.path.parent
        try:
            below = parent.relative_to(Path.home())
        except (ValueError, RuntimeError):
            return str(parent)
        return str(Path("~") / below) if below.parts else say("Home")


def recent_rows() -> tuple[RecentRow, ...]:
    """Return the recent projects, the last first. Slow: it looks into each."""
    return tuple(_row(recent) for recent in recent_projects())


def _row(recent: Recent) -> RecentRow:
    if recent.is_missing:
        return RecentRow(recent, True, None)
    try:
        folder = ProjectFolder.open(recent.path)
        picture = picture_of(folder, folder.load())
    except (UserError, OSError):
        picture = None  # opening it says what is wrong
    return RecentRow(recent, False, picture)


def picture_of(folder: ProjectFolder, project: Project) -> Path | None:
    """Return what a project looks like: its first film's first frame, else its first picture.

    Raises:
        UserError: if its takes cannot be read.
    """
    for film in project.films()[:1]:
        frames = newest_frames(folder, film.name)
        if frames is not None:
            return folder.frames.path(next(filter(None, frames.digests)))
    for sha in _media(project):
        found = next((folder.path / "assets").glob(f"{sha}.*"), None)
        if found is not None:
            return found
    return None


def _media(project: Project) -> Iterator[str]:
    listed = {entry.sha for entry in pictures(project)}
    for film in project.films():
        for part in parts(film.timeline.keyframes):
            if isinstance(part, Asset) and part.sha in listed:
                yield part.sha
    yield from listed
