"""A session: the project that is open, and what the window shows of it.

Panels read it and call its verbs; whatever they show is the document's or the session's state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.edits import edit_timeline, film_of, put_work
from imvar_studio.model.errors import UserError
from imvar_studio.model.signal import Signal
from imvar_studio.model.snapping import snap_to_frame
from imvar_studio.plan.timing import frame_count, nearest_frame
from imvar_studio.ui.frames import Frames
from imvar_studio.ui.messages import Message, message_of
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.state import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.document import Change, Document
    from imvar_studio.model.project import FilmWork, Project
    from imvar_studio.model.timeline import Timeline
    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.ui.background import Lanes


class Session:
    """One open project in one window. It belongs to the window's thread and knows no widgets.

    Args:
        folder: the project on disk.
        document: its value with its history.
        lanes: where slow work goes.
        read_only: why nothing can be changed, "" where it can.

    Attributes:
        film_changed: the film that is shown became another value, or another film is shown.
        playhead: seconds, always on a frame.
        selection: what is selected.
        marks: (in, out) frames, both included; None is the whole film.
        frames: which frames are rendered.
        looping: whether playback starts again at its end.
        snapping: whether drags snap.
        messages: what the user should read.
    """

    def __init__(
        self, folder: ProjectFolder, document: Document, lanes: Lanes, read_only: str = ""
    ) -> None:
        self.folder = folder
        self.document = document
        self.lanes = lanes
        self.read_only = read_only
        self.film_changed: Signal[FilmWork] = Signal()
        self.messages: Signal[Message] = Signal()
        self.playhead: State[float] = State(0.0)
        self.selection: State[Selection] = State(Selection())
        self.marks: State[tuple[int, int] | None] = State(None)
        self.looping: State[bool] = State(True)
        self.snapping: State[bool] = State(True)
        self.frames = Frames()
        self._film_id = document.project.films()[0].id
        self._closed = False
        document.changed.connect(self._follow)

    @property
    def project(self) -> Project:
        """The project as it stands."""
        return self.document.project

    @property
    def film(self) -> FilmWork:
        """The film that is shown."""
        return film_of(self.document.project, self._film_id)

    @property
    def timeline(self) -> Timeline:
        """The timeline of the film that is shown."""
        return self.film.timeline

    @property
    def frame_count(self) -> int:
        """Frames of the film; 0 where it has no keyframes."""
        return frame_count(self.film.timeline, self.film.settings.fps)

    @property
    def duration(self) -> float:
        """Seconds of the film."""
        return float(self.frame_count / self.film.settings.fps)

    @property
    def frame(self) -> int:
        """The frame at the playhead."""
        return nearest_frame(self.playhead.value, self.film.settings.fps)

    def time_of(self, frame: int) -> float:
        """Return the time of a frame in seconds."""
        return float(frame / self.film.settings.fps)

    def show_film(self, film_id: str) -> None:
        """Show another film of the project."""
        film_of(self.document.project, film_id)
        if film_id != self._film_id:
            self._film_id = film_id
            self._begin_film()

    def seek(self, time: float) -> None:
        """Put the playhead on the frame nearest to `time`, in the film."""
        last = max(self.frame_count - 1, 0)
        fps = self.film.settings.fps
        self.playhead.set(min(snap_to_frame(max(time, 0.0), fps), self.time_of(last)))

    def seek_frame(self, frame: int) -> None:
        """Put the playhead on a frame."""
        self.seek(self.time_of(frame))

    def edit(
        self, name: str, change: Callable[[Timeline], Timeline], merge_key: object = None
    ) -> bool:
        """Change the film's timeline, as a step that can be undone.

        Args:
            name: of the step, as menus show it.
            change: a pure function; what it refuses becomes a message.
            merge_key: as in `Document.apply`.

        Returns:
            Whether it was done (an edit that changes nothing counts).
        """
        return self.edit_project(
            name, lambda project: edit_timeline(project, self._film_id, change), merge_key
        )

    def edit_film(
        self, name: str, change: Callable[[FilmWork], FilmWork], merge_key: object = None
    ) -> bool:
        """Change the film; as `edit`."""
        return self.edit_project(
            name, lambda project: put_work(project, change(self.film)), merge_key
        )

    def edit_project(
        self, name: str, change: Callable[[Project], Project], merge_key: object = None
    ) -> bool:
        """Change the project; as `edit`."""
        if self._closed:
            return False
        if self.read_only:
            self.tell(Message(self.read_only, "warning"))
            return False
        try:
            self.document.apply(name, change(self.document.project), merge_key)
        except UserError as error:
            self.fail(error)
            return False
        return True

    def close(self) -> None:
        """Change nothing from now on: the project is being left."""
        self._closed = True

    def reopen(self) -> None:
        """Go on: the project could not be left."""
        self._closed = False

    def tell(self, message: Message) -> None:
        """Show a message."""
        self.messages.emit(message)

    def fail(self, error: Exception) -> None:
        """Show what went wrong."""
        self.tell(message_of(error))

    def _follow(self, change: Change) -> None:
        ids = [film.id for film in change.after.films()]
        if self._film_id not in ids:
            if not ids:
                return
            self._film_id = ids[0]
            self._begin_film()
            return
        if not change.touches(self._film_id):
            return
        self.selection.set(self.selection.value.within(self.timeline))
        self.film_changed.emit(self.film)
        self.seek(self.playhead.value)
        self._clip_marks()

    def _begin_film(self) -> None:
        """Show a film from its start, without the pictures of the one before."""
        self.frames.forget()
        self.selection.set(Selection())
        self.marks.set(None)
        self.playhead.set(0.0)
        self.film_changed.emit(self.film)

    def _clip_marks(self) -> None:
        marks, last = self.marks.value, self.frame_count - 1
        if marks is not None:
            first, end = marks[0], min(marks[1], last)
            self.marks.set((first, end) if first < end else None)
