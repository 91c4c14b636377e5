"""The timeline by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from imvar_studio.ui.timeline.nudging import Nudging
from imvar_studio.ui.timeline.walking import next_item, next_row, next_stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.ui.selection import Selection
    from imvar_studio.ui.timeline.panel import TimelinePanel

_KEY = Qt.Key
_MOD = Qt.KeyboardModifier
Way = tuple[int, Qt.KeyboardModifier]


class Keyboard(QObject):
    """Turns keys that are pressed on the canvas into verbs.

    Left and Right step the playhead, with Shift ten frames; with Alt they move what is selected.
    Up and Down go to the keyframe before or behind; with Alt they change values, with Ctrl the
    row. Tab walks through the row.

    Attributes:
        nudging: moves what is selected.
    """

    def __init__(self, panel: TimelinePanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self._scene = panel.scene
        self.nudging = Nudging(panel.scene, self)
        self._nudges, self._ways = self._build_nudges(), self._build_ways()
        panel.canvas.installEventFilter(self)

    def release(self) -> None:
        """Watch the session no more."""
        self.nudging.release()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that mean something here."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._press(event)
        if event.type() in {QEvent.Type.FocusOut, QEvent.Type.MouseButtonPress}:
            self.nudging.end()
        return super().eventFilter(watched, event)

    def _press(self, event: QKeyEvent) -> bool:
        if self._panel.canvas.is_busy:  # a drag is not to be mixed with other edits
            if event.key() == _KEY.Key_Escape:
                self._panel.canvas.cancel()
            return True
        if event.key() in {_KEY.Key_Tab, _KEY.Key_Backtab}:
            return self._walk(forward=event.key() == _KEY.Key_Tab, held=event.modifiers())
        for standard, verb in self._standard().items():
            if event.matches(standard):
                self.nudging.end()
                verb()
                return True
        way = event.key(), event.modifiers() & ~_MOD.KeypadModifier
        found = self._nudges.get(way)
        if found is None:
            found = self._ways.get(way)
            if found is None:
                return False
            self.nudging.end()
        found()
        return True

    def _standard(self) -> dict[QKeySequence.StandardKey, Callable[[], None]]:
        panel, keys = self._panel, QKeySequence.StandardKey
        return {
            keys.Copy: panel.copy,
            keys.Cut: panel.cut,
            keys.Paste: panel.paste,
            keys.SelectAll: panel.select_all,
            keys.Delete: panel.delete_selection,
        }

    def _build_nudges(self) -> dict[Way, Callable[[], None]]:
        nudging, alt = self.nudging, _MOD.AltModifier
        return {
            (_KEY.Key_Left, alt): lambda: nudging.frames(-1),
            (_KEY.Key_Right, alt): lambda: nudging.frames(1),
            (_KEY.Key_Up, alt): lambda: nudging.values(1),
            (_KEY.Key_Down, alt): lambda: nudging.values(-1),
        }

    def _build_ways(self) -> dict[Way, Callable[[], None]]:
        panel, scene, session = self._panel, self._scene, self._scene.session
        none, shift, ctrl = _MOD.NoModifier, _MOD.ShiftModifier, _MOD.ControlModifier

        def step(frames: int) -> Callable[[], None]:
            return lambda: session.seek_frame(max(session.frame + frames, 0))

        return {
            (_KEY.Key_Left, none): step(-1),
            (_KEY.Key_Right, none): step(1),
            (_KEY.Key_Left, shift): step(-10),
            (_KEY.Key_Right, shift): step(10),
            (_KEY.Key_Up, none): lambda: session.seek(next_stop(scene, forward=False)),
            (_KEY.Key_Down, none): lambda: session.seek(next_stop(scene, forward=True)),
            (_KEY.Key_Up, ctrl): lambda: self._select(next_row(scene, forward=False)),
            (_KEY.Key_Down, ctrl): lambda: self._select(next_row(scene, forward=True)),
            (_KEY.Key_Home, none): lambda: session.seek_frame(0),
            (_KEY.Key_End, none): lambda: session.seek_frame(max(session.frame_count - 1, 0)),
            (_KEY.Key_Backspace, none): panel.delete_selection,
            (_KEY.Key_D, ctrl): panel.duplicate,
            (_KEY.Key_M, none): panel.add_marker,
            (_KEY.Key_Plus, none): panel.zoom_in,
            (_KEY.Key_Equal, none): panel.zoom_in,
            (_KEY.Key_Minus, none): panel.zoom_out,
            (_KEY.Key_Return, none): panel.open_selected,
            (_KEY.Key_Enter, none): panel.open_selected,
            (_KEY.Key_F2, none): panel.open_selected,
        }

    def _walk(self, *, forward: bool, held: Qt.KeyboardModifier) -> bool:
        """Select the next thing of the row; behind the last one the focus goes on."""
        if held & _MOD.ControlModifier:
            return False
        found = next_item(self._scene, forward=forward)
        if found is not None:
            self._select(found)
        return found is not None

    def _select(self, selection: Selection) -> None:
        self._scene.session.selection.set(selection)
        self._panel.show_selected()
