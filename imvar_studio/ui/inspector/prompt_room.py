"""Says beneath prompts how much they take of what the film's model reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from imvar_studio.model.prompt_windows import MOST_WINDOWS
from imvar_studio.store.prompt_tokens import prompt_reader

if TYPE_CHECKING:
    from imvar_studio.store.prompt_tokens import PromptReader
    from imvar_studio.store.prompt_tokens import PromptRoom as Room
    from imvar_studio.ui.inspector.edits import Edits
    from imvar_studio.ui.session import Session
    from imvar_studio.ui.widgets.prompt_edit import PromptEdit

_LANE = "prompts"
_SHORT = 20  # bytes, which are no more tokens than that: any window holds them


class PromptRoom(QObject):
    """Counts the tokens of prompts in the background, the latest texts before others.

    Args:
        session: whose film names the model.
        edits: tell whether the project is still open.
        fields: with the prompts.
        parent: the section they lie in.
    """

    def __init__(
        self, session: Session, edits: Edits, fields: tuple[PromptEdit, ...], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._edits, self._fields = session, edits, fields
        self._readers: dict[str, PromptReader | None] = {}  # the lane's
        self._seen: tuple[str, tuple[str, ...]] | None = None
        self._busy = False
        for field in fields:
            field.textChanged.connect(self.look)

    def look(self) -> None:
        """Look at the prompts and the film's model as they are now."""
        now = self._session.film.model, tuple(field.text() for field in self._fields)
        if now == self._seen or self._busy:
            return
        self._seen = now
        if all(map(_is_plain, now[1])):
            self._say((None,) * len(self._fields))
            return
        self._busy = True
        self._session.lanes.run(_LANE, lambda: self._count(*now), self._counted, self._failed)

    def _count(self, model: str, texts: tuple[str, ...]) -> tuple[Room | None, ...]:
        if model not in self._readers:
            self._readers[model] = prompt_reader(model)
        reader = self._readers[model]
        if reader is None:
            return (None,) * len(texts)
        return tuple(map(reader.room, texts))

    def _counted(self, rooms: tuple[Room | None, ...]) -> None:
        self._busy = False
        if self._edits.enabled:
            self._say(rooms)
            self.look()  # what was typed in between

    def _failed(self, error: Exception) -> None:
        """Say nothing: what ails the model is said where the film is planned."""
        del error
        self._counted((None,) * len(self._fields))

    def _say(self, rooms: tuple[Room | None, ...]) -> None:
        for field, room in zip(self._fields, rooms, strict=True):
            field.set_limit_hint("" if room is None else self._words(room))

    def _words(self, room: Room) -> str:
        if room.problem:
            return room.problem
        if room.tokens > room.most:
            words = self.tr("Too long: {n} tokens of at most {most}")
            return words.format(n=room.tokens, most=room.most)
        if room.windows > MOST_WINDOWS:
            words = self.tr("Too long: {n} windows of at most {most}")
            return words.format(n=room.windows, most=MOST_WINDOWS)
        return self.tr("{n} windows").format(n=room.windows) if room.windows > 1 else ""


def _is_plain(text: str) -> bool:
    """Whether any model reads a text in one window, without emphasis."""
    return len(text.encode()) <= _SHORT and "(" not in text and "BREAK" not in text
