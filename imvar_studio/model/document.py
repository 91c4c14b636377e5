"""The document: a project that is edited, with its history as whole values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model.project import Project
from imvar_studio.model.signal import Signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.model.project import Work

MOST_UNDO = 500  # values that can be gone back to, beside the one that is shown


@dataclass(frozen=True, slots=True)
class Step:
    """A value of the history, and the name of the edit that led to it ("" for the first)."""

    name: str
    project: Project


@dataclass(frozen=True, slots=True)
class Change:
    """The project before and after a step; what an edit left alone is the same object (`is`)."""

    before: Project
    after: Project

    def touches(self, work_id: str) -> bool:
        """Tell whether a work came, went or became another value."""
        return _work(self.before, work_id) is not _work(self.after, work_id)


class Document:
    """A project that is edited in steps that can be undone.

    It belongs to one thread. Slots of its signals read it; they must not edit it.

    Args:
        project: the value to begin with.
        saved: the value on disk; None where there is none yet.

    Attributes:
        changed: after every step, undo and redo.
        saved_changed: whenever `is_saved` becomes another, with it.
    """

    def __init__(self, project: Project, saved: Project | None = None) -> None:
        self.changed: Signal[Change] = Signal()
        self.saved_changed: Signal[bool] = Signal()
        self._steps = [Step("", project)]
        self._at = 0
        self._saved = saved
        self._was_saved = self.is_saved
        self._merge_key: object = None  # of the gesture that the last step belongs to
        self._telling = False

    @property
    def project(self) -> Project:
        """The value as it stands."""
        return self._steps[self._at].project

    @property
    def steps(self) -> tuple[Step, ...]:
        """The history, the oldest first: what can be undone, the present, what can be redone."""
        return tuple(self._steps)

    @property
    def step(self) -> int:
        """The index of the present value in `steps`."""
        return self._at

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return self._at + 1 < len(self._steps)

    @property
    def undo_name(self) -> str:
        """The name of the step that `undo` takes back; "" where there is none."""
        return self._steps[self._at].name if self.can_undo else ""

    @property
    def redo_name(self) -> str:
        """The name of the step that `redo` does again; "" where there is none."""
        return self._steps[self._at + 1].name if self.can_redo else ""

    @property
    def is_saved(self) -> bool:
        """Whether the value as it stands is the one on disk."""
        return self.project == self._saved

    def values(self) -> Iterator[Project]:
        """Yield every value that undo and redo can reach: what they refer to must be kept."""
        return (step.project for step in self._steps)

    def apply(self, name: str, project: Project, merge_key: object = None) -> None:
        """Make `project` the present value, as a step; an equal value makes none.

        What could be redone is dropped. At most `MOST_UNDO` values are kept to go back to.

        Args:
            name: of the edit, as menus show it.
            project: the next value.
            merge_key: names a gesture, such as the drag of a slider: a step whose key equals
                that of the step just made becomes one with it, until `end_merge` or another
                edit, undo or redo. A gesture that ends where it began leaves no step.
        """
        before = self.project
        if project == before:
            return
        self._check_not_telling()
        merges = merge_key is not None and merge_key == self._merge_key
        del self._steps[self._at + 1 :]
        if merges:
            self._steps.pop()
        if merges and project == self._steps[-1].project:  # back where the gesture began
            self._merge_key = None
        else:
            self._steps.append(Step(name, project))
            self._merge_key = merge_key
        del self._steps[: -(MOST_UNDO + 1)]
        self._at = len(self._steps) - 1
        self._tell(before)

    def end_merge(self) -> None:
        """End the gesture: the next edit is a step of its own, whatever its key."""
        self._merge_key = None

    def undo(self) -> None:
        """Take the last step back; nothing where there is none."""
        self.go_to(max(self._at - 1, 0))

    def redo(self) -> None:
        """Do the step that was undone again; nothing where there is none."""
        self.go_to(min(self._at + 1, len(self._steps) - 1))

    def go_to(self, step: int) -> None:
        """Make the value of `steps[step]` the present one.

        Raises:
            IndexError: if there is no such step.
        """
        if not 0 <= step < len(self._steps):
            raise IndexError(f"step must be in [0, {len(self._steps) - 1}], got {step}")
        self._check_not_telling()
        self.end_merge()
        if step != self._at:
            before, self._at = self.project, step
            self._tell(before)

    def saved(self, project: Project) -> None:
        """Note that `project`, the present value or an earlier one, is on disk now."""
        self._saved = project
        self._tell_saved()

    def _check_not_telling(self) -> None:
        if self._telling:
            raise RuntimeError("a slot that hears of a change must not make another")

    def _tell(self, before: Project) -> None:
        self._telling = True
        try:
            self.changed.emit(Change(before, self.project))
        finally:
            self._telling = False
            self._tell_saved()

    def _tell_saved(self) -> None:
        now = self.is_saved
        if now != self._was_saved:
            self._was_saved = now
            self.saved_changed.emit(now)


def _work(project: Project, work_id: str) -> Work | None:
    return next((work for work in project.works if work.id == work_id), None)
