"""How the timeline's widgets follow the session: what is shown is its state and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAccessible, QAccessibleEvent

from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.timeline.geometry import KEY_ROW, KEYS_TOP, LANES_TOP
from imvar_studio.ui.timeline.tips import selection_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.project import FilmWork
    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.selection import Selection
    from imvar_studio.ui.timeline.panel import TimelinePanel

_PAGE = 0.1  # of the canvas, that is kept before a playhead that left it


class Following:
    """Watches a session for a panel.

    Args:
        panel: whose widgets show it.
        assets: where the project's media lie.
    """

    def __init__(self, panel: TimelinePanel, assets: AssetFiles) -> None:
        self._panel = panel
        self._scene = panel.scene
        self._session = panel.scene.session
        self._film = self._session.film.id
        self._ends = [*self._watch_session(assets), *self._watch_scene()]
        current_theme().changed.connect(panel.canvas.update)
        panel.thumbs.ready.connect(self._update_keys)
        self.film(self._session.film)
        self.selection(self._session.selection.value)

    def end(self) -> None:
        """Watch no more."""
        for disconnect in self._ends:
            disconnect()
        if self._ends:
            current_theme().changed.disconnect(self._panel.canvas.update)
            self._panel.thumbs.ready.disconnect(self._update_keys)
            self._panel.thumbs.release()
        self._ends = []

    def film(self, film: FilmWork) -> None:
        """Show the film as it is now."""
        panel = self._panel
        panel.empty.setVisible(not film.timeline.keyframes)
        if film.id != self._film:
            self._film = film.id
            panel.canvas.cancel(back=False)  # it was about the film before
            self._session.document.end_merge()
            panel.fit()
        self._scene.scroll_to(self._scene.scroll, panel.canvas.height())
        panel.head.follow_film()
        self.rows()
        self.view()

    def view(self, _: object = None) -> None:
        """Show the part of the film that is seen now."""
        view, bar = self._scene.view.value, self._panel.across
        last = max(view.last_begin(self._session.duration), view.begin)
        bar.blockSignals(True)
        bar.setRange(0, round(last * view.scale))
        bar.setPageStep(view.width)
        bar.setSingleStep(60)
        bar.setValue(round(view.begin * view.scale))
        bar.blockSignals(False)
        self._panel.canvas.update()

    def rows(self) -> None:
        """Show the tracks' rows where they are now."""
        panel = self._panel
        height, bar = panel.canvas.height(), panel.down
        over = self._scene.lanes_height() - (height - LANES_TOP)
        bar.blockSignals(True)
        bar.setRange(0, max(round(over), 0))
        bar.setPageStep(max(height - LANES_TOP, 1))
        bar.setValue(round(self._scene.scroll))
        bar.blockSignals(False)
        bar.setVisible(over > 0)
        panel.head.follow_rows()
        panel.canvas.update()

    def selection(self, _: Selection) -> None:
        """Show and say what is selected."""
        canvas = self._panel.canvas
        words = selection_words(self._scene)
        if words != canvas.accessibleDescription():
            canvas.setAccessibleDescription(words)
            event = QAccessibleEvent(canvas, QAccessible.Event.DescriptionChanged)
            QAccessible.updateAccessibility(event)
        self._panel.head.follow_selection()
        canvas.update()

    def _playhead(self, time: float) -> None:
        canvas, view = self._panel.canvas, self._scene.view.value
        if not canvas.is_busy and self._panel.isVisible() and not view.shows(time):
            self._scene.pan(view.x(time) - view.width * _PAGE)
        canvas.follow_playhead()
        self._panel.head.follow_playhead()

    def _update(self, *_: object) -> None:
        self._panel.canvas.update()

    def _update_keys(self) -> None:
        canvas = self._panel.canvas
        canvas.update(0, KEYS_TOP, canvas.width(), KEY_ROW)

    def _watch_session(self, assets: AssetFiles) -> list[Callable[[], None]]:
        session, panel = self._session, self._panel
        return [
            session.film_changed.connect(self.film),
            session.playhead.changed.connect(self._playhead),
            session.selection.changed.connect(self.selection),
            session.marks.changed.connect(self._update),
            session.snapping.changed.connect(panel.head.snap.setChecked),
            session.frames.changed.connect(panel.canvas.follow_frames),
            session.frames.replaced.connect(self._update),
            assets.changed.connect(self._update_keys),
        ]

    def _watch_scene(self) -> list[Callable[[], None]]:
        scene = self._scene
        return [
            scene.view.changed.connect(self.view),
            scene.rows_changed.connect(self.rows),
            scene.hover.changed.connect(self._panel.canvas.follow_hover),
            scene.guide.changed.connect(self._update),
            scene.box.changed.connect(self._update),
            scene.seconds.changed.connect(self._update),
        ]
