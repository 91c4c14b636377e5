"""Adding pictures to a project: files that were dropped or chosen, images that were pasted.

Files are read and copied in a lane; the session hears of them in its own thread. Without Qt.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model.edits import add_asset
from imvar_studio.model.errors import StoreError, UserError
from imvar_studio.model.signal import Signal
from imvar_studio.ui.dropped import Refused
from imvar_studio.ui.library.entries import shown_name
from imvar_studio.ui.messages import Message
from imvar_studio.ui.placing import placed
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from PySide6.QtGui import QImage

    from imvar_studio.model.project import AssetEntry, Project
    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.ui.session import Session

LANE = "import"


class Adding:
    """Pictures on their way into a project, copied one after the other in a lane.

    Attributes:
        progress: (done, in all), also at the end.
    """

    def __init__(
        self,
        session: Session,
        at: float | None,
        done: Callable[[tuple[str, ...]], None] | None,
    ) -> None:
        self.progress: Signal[int, int] = Signal()
        self._session = session
        self._film = session.film.id
        self._at = at
        self._done = done
        self._entries: dict[str, AssetEntry] = {}
        self._refused: list[Refused] = []
        self._count = self._total = 0
        self._cancelled = False

    def start(self, works: Sequence[Callable[[], AssetEntry | Refused]]) -> None:
        """Do the copying; each work gives an entry, or why there is none."""
        if self._session.read_only:
            self._session.tell(Message(self._session.read_only, "warning"))
            return
        self._total = len(works)
        for work in works:
            self._session.lanes.run(LANE, self._unless_cancelled(work), self._next, self._fail)

    def cancel(self) -> None:
        """Copy no more; what is copied already is added."""
        self._cancelled = True

    def _unless_cancelled(
        self, work: Callable[[], AssetEntry | Refused]
    ) -> Callable[[], AssetEntry | Refused | None]:
        return lambda: None if self._cancelled else work()

    def _fail(self, error: Exception) -> None:
        self._session.fail(error)
        self._next(None)

    def _next(self, found: AssetEntry | Refused | None) -> None:
        self._count += 1
        if isinstance(found, Refused):
            self._refused.append(found)
        elif found is not None:
            self._entries.setdefault(found.sha, found)
        self.progress.emit(self._count, self._total)
        if self._count == self._total:
            self._finish()

    def _finish(self) -> None:
        session, entries = self._session, tuple(self._entries.values())
        new = [each for each in entries if session.project.asset(each.sha) is None]
        ids: tuple[str, ...] = ()

        def change(project: Project) -> Project:
            nonlocal ids
            for entry in entries:
                project = add_asset(project, entry)
            if self._at is not None and any(f.id == self._film for f in project.films()):
                project, ids = placed(project, self._film, list(self._entries), self._at)
            return project

        added = bool(entries) and session.edit_project(_step_name(len(new or entries)), change)
        if added and ids and session.film.id == self._film:
            session.selection.set(Selection.of_keyframes(*ids))
        tell_refused(session, self._refused, self._total)
        if added and not new and self._at is None and not self._refused:
            kept = [session.project.asset(each.sha) or each for each in entries]
            session.tell(Message(_known_already(kept)))
        if self._done is not None:
            self._done(tuple(self._entries) if added else ())


def add_pictures(
    session: Session,
    paths: Iterable[Path | str],
    at: float | None = None,
    done: Callable[[tuple[str, ...]], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Adding:
    """Copy picture files into the project, checked whole, and add them as one step.

    Those that are no good are told in one message; the same bytes are kept once.

    Args:
        session: whose project.
        paths: the files.
        at: seconds where the first becomes a keyframe of the film that is shown, the others
            2 s apart; None makes no keyframes.
        done: called at the end with the SHA-256 of those that are in the project.
        progress: called with (done, in all).

    Returns:
        What is under way.
    """
    folder = session.folder
    adding = Adding(session, at, done)
    if progress is not None:
        adding.progress.connect(progress)
    files = list(dict.fromkeys(map(Path, paths)))
    adding.start([lambda path=path: _copied(folder, path) for path in files])  # type: ignore[misc]
    return adding


def add_image(
    session: Session,
    image: QImage,
    at: float | None = None,
    done: Callable[[tuple[str, ...]], None] | None = None,
) -> Adding:
    """Add an image that was pasted or dropped without a file; as `add_pictures`."""
    name = _pasted_name(session.project)
    folder = session.folder

    def work() -> AssetEntry | Refused:
        with tempfile.TemporaryDirectory(prefix="imvar-") as place:
            path = Path(place) / f"{name}.png"
            if image.isNull() or not image.save(str(path)):
                error = StoreError("the pasted picture cannot be kept", "copy it again")
                return Refused(path, error)
            return _copied(folder, path)

    adding = Adding(session, at, done)
    adding.start([work])
    return adding


def tell_refused(session: Session, refused: Sequence[Refused], total: int) -> None:
    """Tell of files that nothing was done with, in one message; nothing where there are none."""
    if not refused:
        return
    first = refused[0].error
    sentences = [f"{each.error}." for each in refused]
    if len(refused) == 1:
        session.fail(first)
        return
    told = {"bad": len(refused), "total": total, "name": refused[0].path.name}
    text = say("{bad} of {total} files are no good, such as {name}.", **told)
    session.tell(Message(text, "warning", details="\n".join(sentences)))


def _copied(folder: ProjectFolder, path: Path) -> AssetEntry | Refused:
    from imvar_studio.media.image_io import read_picture

    try:
        read_picture(path)  # all of it: a damaged file is refused now, not by a render
        return folder.add_asset(path)
    except UserError as error:
        return Refused(path, error)


def _step_name(count: int) -> str:
    return say("Add picture") if count == 1 else say("Add {n} pictures", n=count)


def _known_already(entries: Sequence[AssetEntry]) -> str:
    if len(entries) == 1:
        return say("{name} is in the library already.", name=shown_name(entries[0]))
    return say("These {n} pictures are in the library already.", n=len(entries))


def _pasted_name(project: Project) -> str:
    names = {shown_name(entry) for entry in project.assets}
    numbers = range(1, len(names) + 2)
    return next(n for n in (say("Pasted picture {n}", n=i) for i in numbers) if n not in names)
