"""The column left of the canvas: names of the rows, values at the playhead, buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from imvar_studio.model.timeline import TRACK_RANGES
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.theme.fonts import body_font, hint_font, tabular
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import PADDING
from imvar_studio.ui.timeline import verbs
from imvar_studio.ui.timeline.easel import pen
from imvar_studio.ui.timeline.geometry import HEAD_WIDTH, KEYS_TOP, LANES_TOP, RULER
from imvar_studio.ui.timeline.inline import InlineEdit
from imvar_studio.ui.timeline.numbers import range_text, typed_value, value_text
from imvar_studio.ui.timeline.paint_strip import MIDDLE
from imvar_studio.ui.timeline.words import track_hint, track_name
from imvar_studio.ui.widgets.buttons import IconButton

if TYPE_CHECKING:
    from PySide6.QtGui import (
        QContextMenuEvent,
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QWheelEvent,
    )

    from imvar_studio.ui.timeline.geometry import Lane
    from imvar_studio.ui.timeline.scene import Scene


class LaneHead(QWidget):
    """A track's name, its value at the playhead and the range that its row shows.

    Args:
        scene: of the timeline.
        parameter: the track's.
        parent: owns it.

    Attributes:
        menu_asked: (parameter, global position) where the track's menu is wanted.
    """

    menu_asked = Signal(str, QPoint)

    def __init__(self, scene: Scene, parameter: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self._scene = scene
        self._text = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(track_name(parameter))
        self.setToolTip(
            self.tr("{hint}\nDouble click, or Enter, to type its value here.").format(
                hint=track_hint(parameter)
            )
        )

    def follow(self) -> None:
        """Show the value at the playhead as it is now."""
        track = self._scene.timeline.track(self.parameter)
        text = value_text(track.at(self._scene.session.playhead.value)) if track else ""
        if text != self._text:
            self._text = text
            self.setAccessibleDescription(text)
            self.update()

    def type_value(self) -> None:
        """Let the value at the playhead be typed."""
        field = InlineEdit(self, self.accessibleName(), self._text, QPoint(self.width(), 18), 72)
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.entered.connect(self._on_typed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the name, the value, the range."""
        theme, painter = current_theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lane, right = self._scene.lane(self.parameter), self.width() - PADDING
        chosen = self._scene.session.selection.value.track == self.parameter
        painter.fillRect(self.rect(), theme.color("hover" if chosen else "panel"))
        painter.setFont(tabular(body_font()))
        value_width = QFontMetricsF(painter.font()).horizontalAdvance(self._text)
        painter.setPen(theme.color("text2"))
        line = QRectF(PADDING, 10, right - PADDING, 20)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | middle, self._text)
        painter.setFont(body_font())
        painter.setPen(theme.color("text"))
        room = line.width() - value_width - 8
        name = QFontMetricsF(body_font()).elidedText(
            self.accessibleName(), Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(line, middle, name)
        if lane is not None:
            painter.setFont(tabular(hint_font()))
            painter.setPen(theme.color("text2" if chosen else "text3"))
            painter.drawText(
                QRectF(PADDING, 29, right - PADDING, 16), middle, range_text(lane.low, lane.high)
            )
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), theme.color("line"))
        if self.hasFocus():
            painter.setPen(pen(theme.color("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -2), 4, 4)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the track."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._scene.session.selection.set(Selection(track=self.parameter))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Let the value be typed."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.type_value()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the value be typed on Enter; delete what is selected of it on Delete."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.type_value()
        elif event.key() == Qt.Key.Key_Delete:
            verbs.delete_selection(self._scene)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the track that the keyboard came to."""
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self._scene.session.selection.set(Selection(track=self.parameter))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the track's menu."""
        self.menu_asked.emit(self.parameter, event.globalPos())

    def _on_typed(self, text: str) -> None:
        value = typed_value(text, self.parameter)
        if value is not None:
            verbs.set_value(self._scene, self.parameter, -1, value)


class _Lanes(QWidget):
    """Keeps the heads of tracks inside of their part of the column."""


class Head(QWidget):
    """The column left of the canvas.

    Args:
        scene: of the timeline.
        parent: owns it.

    Attributes:
        marker_asked: the flag was pressed.
        menu_asked: as in `LaneHead`.
    """

    marker_asked = Signal()
    menu_asked = Signal(str, QPoint)

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._heads: dict[str, LaneHead] = {}
        self._lanes = _Lanes(self)
        self.setFixedWidth(HEAD_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._build_toolbar()
        self.follow_film()

    def sizeHint(self) -> QSize:
        """Return the column's width."""
        return QSize(HEAD_WIDTH, LANES_TOP)

    def follow_film(self) -> None:
        """Show the tracks as they are now."""
        wanted = [lane.parameter for lane in self._scene.lanes()]
        for parameter in [name for name in self._heads if name not in wanted]:
            gone = self._heads.pop(parameter)
            gone.hide()
            gone.deleteLater()
        for parameter in wanted:
            if parameter not in self._heads:
                head = LaneHead(self._scene, parameter, self._lanes)
                head.menu_asked.connect(self.menu_asked)
                self._heads[parameter] = head
                head.show()
        self.tracks.setEnabled(len(wanted) < len(TRACK_RANGES))
        self.follow_rows()
        self.follow_playhead()

    def follow_rows(self) -> None:
        """Put the heads beside their rows."""
        for lane in self._scene.lanes():
            self._place(self._heads.get(lane.parameter), lane)

    def follow_playhead(self) -> None:
        """Show the values at the playhead."""
        for head in self._heads.values():
            head.follow()

    def follow_selection(self) -> None:
        """Show which track is selected."""
        for head in self._heads.values():
            head.update()

    def head(self, parameter: str) -> LaneHead:
        """Return the head of a track.

        Raises:
            KeyError: if there is none.
        """
        return self._heads[parameter]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the heads beside their rows."""
        super().resizeEvent(event)
        self._lanes.setGeometry(0, LANES_TOP, HEAD_WIDTH - 1, max(self.height() - LANES_TOP, 0))
        self.follow_rows()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the tracks."""
        self._scene.scroll_to(self._scene.scroll - event.angleDelta().y() / 2, self.height())
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the names of the fixed rows."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.setPen(theme.color("text"))
        painter.setFont(body_font())
        middle = Qt.AlignmentFlag.AlignVCenter
        wide = HEAD_WIDTH - 2 * PADDING
        painter.drawText(QRectF(PADDING, KEYS_TOP + 6, wide, 20), middle, self.tr("Keyframes"))
        painter.setPen(theme.color("text3"))
        painter.setFont(hint_font())
        painter.drawText(QRectF(PADDING, MIDDLE - 9, wide, 18), middle, self.tr("Frames"))
        line = theme.color("line")
        painter.fillRect(QRectF(HEAD_WIDTH - 1, 0, 1, self.height()), line)
        painter.fillRect(QRectF(0, LANES_TOP - 1, HEAD_WIDTH, 1), line)

    def _place(self, head: LaneHead | None, lane: Lane) -> None:
        if head is not None:
            top = round(lane.top) - LANES_TOP
            head.setGeometry(0, top, HEAD_WIDTH - 1, round(lane.height))
            head.update()

    def _build_toolbar(self) -> None:
        bar = QWidget(self)
        row = QHBoxLayout(bar)
        row.setContentsMargins(PADDING - 6, 0, PADDING, 0)
        row.setSpacing(8)
        snapping = self._scene.session.snapping
        self.snap = IconButton("magnet", "", self.tr("Snap while dragging"), "", True, bar)
        self.snap.setChecked(snapping.value)
        self.snap.clicked.connect(snapping.set)
        flag = IconButton("flag", "", self.tr("Add a marker at the playhead (M)"), parent=bar)
        flag.clicked.connect(self.marker_asked)
        self.tracks = IconButton("plus", self.tr("Track"), self.tr("Add a track"), parent=bar)
        self.tracks.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.tracks)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: self._fill_menu(menu))
        self.tracks.setMenu(menu)
        for each in (self.snap, flag, self.tracks):
            row.addWidget(each)
        row.addStretch(1)
        bar.setGeometry(0, 0, HEAD_WIDTH - 1, RULER)

    def _fill_menu(self, menu: QMenu) -> None:
        menu.clear()
        there = {track.parameter for track in self._scene.timeline.tracks}
        for parameter in TRACK_RANGES:
            if parameter not in there:
                action = menu.addAction(track_name(parameter))
                action.setToolTip(track_hint(parameter))
                action.triggered.connect(
                    lambda _=False, name=parameter: verbs.add_track(self._scene, name)
                )
