"""What a person does with an inspector, and what the film has then."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt

from imvar_studio.model.keyframe_edits import place
from imvar_studio.ui.asset_files import AssetFiles
from imvar_studio.ui.inspector.panel import InspectorPanel
from imvar_studio.ui.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget

    from imvar_studio.model.timeline import Keyframe
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session

LEFT = Qt.MouseButton.LeftButton


@contextmanager
def inspector_panel(
    qtbot: Any, session: Session, pictures: Pictures, models: tuple[tuple[str, str], ...] = ()
) -> Iterator[InspectorPanel]:
    """An inspector that is shown, of a machine with these models; it is let go at the end."""
    assets = AssetFiles(session)
    panel = InspectorPanel(session, pictures, assets, lambda: models)
    panel.fill()
    qtbot.addWidget(panel)
    panel.resize(300, 900)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    panel.release()
    assets.release()


def key(session: Session, name: str) -> Keyframe:
    return next(key for key in session.timeline.keyframes if key.id == name)


def look(session: Session, name: str) -> Any:
    return key(session, name).looks[0].look


def select(session: Session, *ids: str) -> None:
    session.selection.set(Selection.of_keyframes(*ids))


def add(session: Session, *keys: Keyframe) -> None:
    for each in keys:
        session.edit("Add", lambda timeline, each=each: place(timeline, each))


def sha(session: Session, at: int = 0) -> str:
    return session.project.assets[at].sha


def drag(qtbot: Any, widget: QWidget, *places: QPoint) -> None:
    qtbot.mousePress(widget, LEFT, pos=places[0])
    for place_ in places[1:]:
        qtbot.mouseMove(widget, place_)
    qtbot.mouseRelease(widget, LEFT, pos=places[-1])


def retype(qtbot: Any, field: Any, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
