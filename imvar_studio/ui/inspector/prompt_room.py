"""Says beneath prompts that they are longer than the film's model reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from imvar_studio.store.prompt_tokens import prompt_reader

if TYPE_CHECKING:
    from imvar_studio.store.prompt_tokens import PromptReader
    from imvar_studio.ui.inspector.edits import Edits
    from imvar_studio.ui.session import Session
    from imvar_studio.ui.widgets.prompt_edit import PromptEdit

_LANE = "prompts"
_SHORT = 20  # bytes, which are no more tokens than that: any window holds them

Counts = tuple[tuple[int, int] | None, ...]


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
        if all(len(text.encode()) <= _SHORT for text in now[1]):
            self._say((None,) * len(self._fields))
            return
        self._busy = True
        self._session.lanes.run(_LANE, lambda: self._count(*now), self._counted, self._failed)

    def _count(self, model: str, texts: tuple[str, ...]) -> Counts:
        if model not in self._readers:
            self._readers[model] = prompt_reader(model)
        reader = self._readers[model]
        if reader is None:
            return (None,) * len(texts)
        return tuple((reader.count(text), reader.most) for text in texts)

    def _counted(self, counts: Counts) -> None:
        self._busy = False
        if self._edits.enabled:
            self._say(counts)
            self.look()  # what was typed in between

    def _failed(self, error: Exception) -> None:
        """Say nothing: what ails the model is said where the film is planned."""
        del error
        self._counted((None,) * len(self._fields))

    def _say(self, counts: Counts) -> None:
        for field, count in zip(self._fields, counts, strict=True):
            text = ""
            if count is not None and count[0] > count[1]:
                words = self.tr("Too long: {n} tokens of at most {most}")
                text = words.format(n=count[0], most=count[1])
            field.set_limit_hint(text)
