"""Playback of the film: the playhead follows the clock, and frames are decoded ahead of it."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from imvar_studio.ui.stage.playback import Picture, Player, Range, shuttled
from imvar_studio.ui.stage.ranges import played

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.ui.session import Session
    from imvar_studio.ui.stage.look_ahead import LookAhead

_BEHIND = 4  # frames behind a playhead at rest that are kept ready for a step back
_BEFORE = 12  # frames before it


class Playing(QObject):
    """Plays a session's film.

    Args:
        session: its playhead follows.
        look_ahead: decodes.
        clock: seconds that only rise.
        parent: the owner.

    Attributes:
        changed: it plays, stops, or counts: the rate or the dropped frames became others.
        show: a frame whose picture is decoded and due.
    """

    changed = Signal()
    show = Signal(int)

    def __init__(
        self,
        session: Session,
        look_ahead: LookAhead,
        clock: Callable[[], float] = time.perf_counter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._look_ahead = look_ahead
        self._player = Player(clock)
        self._companion: Callable[[int], Path | None] = lambda _: None
        self._following = False
        self._frame_bytes = 4 * session.film.settings.size.width * session.film.settings.size.height
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.tick)
        look_ahead.ready.connect(self._on_ready)
        self._releases = [
            session.playhead.changed.connect(lambda _: self._on_playhead()),
            session.marks.changed.connect(lambda _: self._on_range()),
            session.looping.changed.connect(lambda _: self._on_range()),
            session.film_changed.connect(lambda _: self._on_range()),
            session.frames.replaced.connect(self._on_frames),
            session.frames.changed.connect(lambda _first, _last: self._on_frames()),
        ]
        self.prepare()

    @property
    def look_ahead(self) -> LookAhead:
        """What decodes."""
        return self._look_ahead

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""
        return self._player.is_playing

    @property
    def rate(self) -> int:
        """Times the film's rate, negative backwards, 0 at rest."""
        return self._player.rate

    @property
    def dropped(self) -> int:
        """Frames that came too late since playback began."""
        return self._player.dropped

    def play(self, rate: int = 1) -> None:
        """Play from the playhead; a film of one frame does not play."""
        what = self._range()
        if what.count < 2:
            return
        frame = self._player.play(self._session.frame, what, rate)
        self._seek(frame)
        self.changed.emit()
        self.tick()

    def stop(self) -> None:
        """Stand still where it is."""
        self._timer.stop()
        if self._player.is_playing:
            self._player.stop()
            self.changed.emit()
            self.prepare()

    def shuttle(self, direction: int) -> None:
        """J (-1), K (0), L (1)."""
        rate = shuttled(self._player.rate, direction)
        if rate == 0:
            self.stop()
        else:
            self.play(rate)

    def tick(self) -> None:
        """Do what is due by now, and come back when more is."""
        if not self._player.is_playing:
            return
        dropped = self._player.dropped
        shown = self._player.advance(self._look)
        frame, over = self._player.due()
        self._seek(frame)
        if shown is not None:
            self.show.emit(shown)
        if self._player.dropped != dropped:
            self.changed.emit()
        if over:
            self.stop()
        elif self._player.is_playing:  # a slot may have stopped it
            self.prepare()
            self._timer.start(max(math.ceil(self._player.until_next() * 1000), 1))

    def prepare(self) -> None:
        """Have the frames around the playhead decoded, in the order they are needed."""
        most = self._look_ahead.capacity(self._frame_bytes)
        if self._player.is_playing:
            frames = self._player.ahead(most)
        else:
            here = self._session.frame
            near = [*range(here, here + _BEFORE + 1), *range(here - 1, here - _BEHIND - 1, -1)]
            frames = near[:most]
        paths = [path for frame in frames for path in (self._path(frame), self._companion(frame))]
        self._look_ahead.want(list(dict.fromkeys(path for path in paths if path is not None)))

    def accompany(self, companion: Callable[[int], Path | None]) -> None:
        """Decode for each frame another file too: what it is compared with."""
        self._companion = companion
        self.prepare()

    def release(self) -> None:
        """Watch the session no more."""
        self._timer.stop()
        for release in self._releases:
            release()

    def _path(self, frame: int) -> Path | None:
        return self._session.frames.path(frame)

    def _look(self, frame: int) -> Picture:
        path = self._path(frame)
        if path is None or self._look_ahead.is_broken(path):
            return Picture.MISSING
        return Picture.WAITED_FOR if self._look_ahead.image(path) is None else Picture.DECODED

    def _range(self) -> Range:
        first, last = played(self._session.marks.value, self._session.frame_count)
        fps = self._session.film.settings.fps
        return Range(first, last, fps, self._session.looping.value)

    def _seek(self, frame: int) -> None:
        self._following = True
        try:
            self._session.seek_frame(frame)
        finally:
            self._following = False

    def _on_playhead(self) -> None:
        """Someone else moved the playhead: go on from there."""
        if self._following:
            return
        if self._player.is_playing:
            self._player.seek(self._session.frame)
            QTimer.singleShot(0, self, self.tick)
        else:
            self.prepare()

    def _on_range(self) -> None:
        what, size = self._range(), self._session.film.settings.size
        self._frame_bytes = 4 * size.width * size.height
        if self._player.is_playing and what.count < 2:
            self.stop()
        elif self._player.is_playing:
            self._player.change(what, self._session.frame)
            self.tick()
        else:
            self.prepare()

    def _on_frames(self) -> None:
        self._look_ahead.forgive()
        self.prepare()

    def _on_ready(self, path: str) -> None:
        """A picture that was late is shown while it is still due."""
        if self._player.is_playing and path == str(self._path(self._session.frame)):
            self.tick()
