"""A hand on the timeline: a panel, drags, the wheel."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from imvar_studio.ui.asset_files import AssetFiles
from imvar_studio.ui.timeline import remembered
from imvar_studio.ui.timeline.geometry import KEY_ROW, KEYS_TOP, STRIP_ROW, STRIP_TOP
from imvar_studio.ui.timeline.panel import TimelinePanel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session
    from imvar_studio.ui.timeline.canvas import TimelineCanvas

ROW = KEYS_TOP + KEY_ROW // 2
STRIP = STRIP_TOP + STRIP_ROW // 2
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
LEFT = Qt.MouseButton.LeftButton


@contextlib.contextmanager
def timeline_panel(qtbot: QtBot, session: Session, pictures: Pictures) -> Iterator[TimelinePanel]:
    """Show a session's timeline 872 px wide, nothing snapping but to frames."""
    remembered.forget()
    assets = AssetFiles(session)
    panel = TimelinePanel(session, pictures, assets)
    qtbot.addWidget(panel)
    panel.resize(176 + 872, 360)
    panel.show()
    session.snapping.set(False)
    yield panel
    panel.release()
    assets.release()
    remembered.forget()


def x_of(panel: TimelinePanel, time: float) -> int:
    return round(panel.scene.view.value.x(time))


def drag(
    canvas: TimelineCanvas,
    start: tuple[int, int],
    end: tuple[int, int],
    held: Any = NONE,
    *,
    let_go: bool = True,
) -> None:
    """Press, move in three steps, let go."""
    QTest.mousePress(canvas, LEFT, held, QPoint(*start))
    for n in (1, 2, 3):
        x = start[0] + (end[0] - start[0]) * n // 3
        y = start[1] + (end[1] - start[1]) * n // 3
        _move(canvas, QPoint(x, y), held)
    if let_go:
        QTest.mouseRelease(canvas, LEFT, held, QPoint(*end))


def _move(canvas: TimelineCanvas, at: QPoint, held: Any) -> None:
    where = QPointF(at)
    event = QMouseEvent(QEvent.Type.MouseMove, where, canvas.mapToGlobal(where), LEFT, LEFT, held)
    QApplication.sendEvent(canvas, event)


def times(session: Session) -> list[float]:
    return [key.time for key in session.timeline.keyframes]


def wheel(canvas: TimelineCanvas, x: int, dy: int, held: Any = NONE) -> None:
    at = QPointF(x, ROW)
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, dy),
        Qt.MouseButton.NoButton,
        held,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)
