"""The timeline as a dock's content: head, canvas and scroll bars, and the verbs of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCursor, QGuiApplication, QImage
from PySide6.QtWidgets import QGridLayout, QMenu, QScrollBar, QWidget

from imvar_studio.ui.timeline import clips, remembered, verbs
from imvar_studio.ui.timeline.canvas import TimelineCanvas
from imvar_studio.ui.timeline.drops import Drops
from imvar_studio.ui.timeline.following import Following
from imvar_studio.ui.timeline.geometry import LANES_TOP, RULER
from imvar_studio.ui.timeline.head import Head
from imvar_studio.ui.timeline.keyboard import Keyboard
from imvar_studio.ui.timeline.menus import lane_menu, menu_for
from imvar_studio.ui.timeline.opening import Opening
from imvar_studio.ui.timeline.scene import Scene
from imvar_studio.ui.timeline.thumbs import Thumbs
from imvar_studio.ui.timeline.walking import selected_time
from imvar_studio.ui.timeline.words import step_name
from imvar_studio.ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent, QShowEvent

    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session
    from imvar_studio.ui.timeline.geometry import View
    from imvar_studio.ui.timeline.hits import Hit
    from imvar_studio.ui.timeline.scene import Spot

_STEP = 1.5  # that the zoom buttons zoom by


class TimelinePanel(QWidget):
    """The timeline of the film that is shown.

    Args:
        session: the open project.
        pictures: pictures for the screen.
        assets: where the project's media lie.
        parent: owns it.

    Attributes:
        files_dropped: (paths, seconds).
        text_dropped: (words, seconds).
        assets_dropped: (SHA-256 of assets the project does not have, seconds).
        image_dropped: (picture, seconds).
        prompt_requested: the person wants a prompt at a time in seconds.
        pictures_requested: the person wants to choose pictures.
    """

    files_dropped = Signal(list, float)
    text_dropped = Signal(str, float)
    assets_dropped = Signal(tuple, float)
    image_dropped = Signal(QImage, float)
    prompt_requested = Signal(float)
    pictures_requested = Signal()

    def __init__(
        self,
        session: Session,
        pictures: Pictures,
        assets: AssetFiles,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.scene = Scene(session, step_name)
        remembered.restore(self.scene)
        self._session = session
        self._fitted = False
        self._fit: View | None = None  # what `fit` gave last
        self.thumbs = Thumbs(pictures, self)
        self.canvas = TimelineCanvas(self.scene, self.thumbs, assets, self)
        self.canvas.setAccessibleName(self.tr("Timeline"))
        self.head = Head(self.scene, self)
        self.drops = Drops(self.canvas)
        self.keyboard = Keyboard(self)
        self.opening = Opening(self.scene, self.canvas)
        self.empty = EmptyState(
            "images",
            self.tr("Pictures and prompts stand here in time."),
            self.tr("Add pictures…"),
            self.canvas,
        )
        self._build()
        self._connect_widgets()
        self._following = Following(self, assets)

    # verbs of the window

    def release(self) -> None:
        """Watch the session no more."""
        self.canvas.cancel()
        self.keyboard.release()
        remembered.save(self.scene)
        self._following.end()

    def fit(self) -> None:
        """Show the whole film."""
        self._fit = self.scene.view.value.fitted(self._session.duration or 10.0)
        self.scene.view.set(self._fit)

    def zoom_in(self) -> None:
        """Come closer to the playhead."""
        self._zoom(_STEP)

    def zoom_out(self) -> None:
        """See more of the film."""
        self._zoom(1 / _STEP)

    def delete_selection(self) -> None:
        """Delete what is selected."""
        verbs.delete_selection(self.scene)

    def copy(self) -> None:
        """Put the selected keyframes on the clipboard."""
        clips.copy(self.scene)

    def cut(self) -> None:
        """Put the selected keyframes on the clipboard and delete them."""
        if clips.copy(self.scene):
            verbs.delete_selection(self.scene)

    def paste(self) -> None:
        """Put what is on the clipboard at the playhead: keyframes, pictures, files or words."""
        data = QGuiApplication.clipboard().mimeData()
        if data is not None:
            self.drops.take(data, self._session.playhead.value)

    def duplicate(self) -> None:
        """Copy the selected keyframes to behind them."""
        verbs.duplicate(self.scene)

    def select_all(self) -> None:
        """Select all keyframes, or all points of the selected track."""
        verbs.select_all(self.scene)

    def add_marker(self) -> None:
        """Put a marker at the playhead."""
        verbs.add_marker(self.scene)

    def trim_to_marks(self) -> None:
        """Keep only what lies between the in and out marks."""
        verbs.trim_to_marks(self.scene)

    def toggle_snapping(self) -> None:
        """Have drags snap, or not."""
        self._session.snapping.set(not self._session.snapping.value)

    def toggle_ripple(self) -> None:
        """Have drags of keyframes move all that follows, or not."""
        self.scene.ripple.set(not self.scene.ripple.value)

    def open_selected(self) -> None:
        """Open what is selected for typing or choosing: a point's value, a name, an easing."""
        self.opening.open_selected()

    def show_selected(self) -> None:
        """Scroll to what is selected."""
        time = selected_time(self.scene)
        view = self.scene.view.value
        if time is not None and not 40 <= view.x(time) <= view.width - 40:
            self.scene.pan(view.x(time) - view.width / 2)
        chosen = self._session.selection.value
        lane = self.scene.lane(chosen.track) if chosen.track else None
        if lane is not None:
            over = max(lane.bottom - self.canvas.height(), 0) or min(lane.top - LANES_TOP, 0)
            self.scene.scroll_to(self.scene.scroll + over, self.canvas.height())

    # building

    def _build(self) -> None:
        self.across = QScrollBar(Qt.Orientation.Horizontal, self)
        self.down = QScrollBar(Qt.Orientation.Vertical, self)
        for bar in (self.across, self.down):
            bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.down.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self.head, 0, 0, 2, 1)
        grid.addWidget(self.canvas, 0, 1)
        grid.addWidget(self.down, 0, 2)
        grid.addWidget(self.across, 1, 1)
        self.setAutoFillBackground(True)
        self.setTabOrder(self.head, self.canvas)

    def _connect_widgets(self) -> None:
        self.drops.files.connect(self.files_dropped)
        self.drops.text.connect(self.text_dropped)
        self.drops.assets.connect(self.assets_dropped)
        self.drops.image.connect(self.image_dropped)
        self.empty.activated.connect(self.pictures_requested)
        self.head.marker_asked.connect(self.add_marker)
        self.head.menu_asked.connect(self._open_lane_menu)
        self.canvas.double_clicked.connect(self.opening.open)
        self.canvas.menu_asked.connect(self._open_menu)
        self.scene.tracks_wanted.connect(self._offer_tracks)
        self.across.valueChanged.connect(
            lambda at: self.scene.pan(
                at - self.scene.view.value.begin * self.scene.view.value.scale
            )
        )
        self.down.valueChanged.connect(
            lambda at: self.scene.scroll_to(float(at), self.canvas.height())
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the words of the empty film in the middle."""
        super().resizeEvent(event)
        self._layout_now()

    def showEvent(self, event: QShowEvent) -> None:
        """Show the whole film the first time."""
        super().showEvent(event)
        self._layout_now()
        if not self._fitted:
            self._fitted = True
            self.fit()

    def _layout_now(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()
        room = self.canvas.rect().adjusted(0, RULER, 0, 0)
        self.empty.setGeometry(room)
        now, fit = self.scene.view.value, self._fit
        if fit is not None and (now.begin, now.scale) == (fit.begin, fit.scale):
            self.fit()  # who saw the whole film goes on seeing it
        self._following.rows()

    def _zoom(self, factor: float) -> None:
        view = self.scene.view.value
        x = view.x(self._session.playhead.value)
        self.scene.zoom(x if 0 <= x <= view.width else view.width / 2, factor)

    def _open_menu(self, hit: Hit, spot: Spot, where: QPoint) -> None:
        _pop_up(menu_for(self, hit, spot), where)

    def _offer_tracks(self) -> None:
        menu = self.head.tracks.menu()
        if menu is not None:
            menu.popup(QCursor.pos())

    def _open_lane_menu(self, parameter: str, where: QPoint) -> None:
        _pop_up(lane_menu(self, parameter), where)


def _pop_up(menu: QMenu, where: QPoint) -> None:
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(where)
