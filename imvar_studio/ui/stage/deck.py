"""The deck: playback's verbs, and the transports that show how it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from imvar_studio.ui.stage import ranges
from imvar_studio.ui.stage.held_key import HeldKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.ui.session import Session
    from imvar_studio.ui.stage.playing import Playing
    from imvar_studio.ui.stage.transport import Transport


class Deck(QObject):
    """What playback is asked for, by keys and by transports.

    Args:
        session: whose playhead.
        playing: plays.
        parent: the owner.
    """

    def __init__(self, session: Session, playing: Playing, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._playing = session, playing
        self._stop_key = HeldKey(Qt.Key.Key_K, self)
        self._transports: list[Transport] = []
        playing.changed.connect(self._show_speed)
        self._releases = [
            session.playhead.changed.connect(lambda _: self._show_times()),
            session.film_changed.connect(lambda _: self._show_all()),
            session.looping.changed.connect(lambda _: self._show_all()),
        ]

    def add(self, transport: Transport) -> None:
        """Have a transport show and do what this deck does."""
        transport.start.connect(self.go_to_start)
        transport.play.connect(self.play_pause)
        transport.end.connect(self.go_to_end)
        transport.loop.connect(self._session.looping.set)
        self._transports.append(transport)
        self._show_all()

    def remove(self, transport: Transport) -> None:
        """Have it no more."""
        self._transports.remove(transport)

    def release(self) -> None:
        """Watch the session no more."""
        self._stop_key.release()
        for release in self._releases:
            release()

    def play_pause(self) -> None:
        """Play at the film's rate, or stand still."""
        if self._playing.is_playing:
            self._playing.stop()
        else:
            self._playing.play()

    def shuttle(self, direction: int) -> None:
        """J (-1), K (0) or L (1): faster at every press; with K held, a frame at a time."""
        if direction == 0:
            self._stop_key.press()
            self._playing.stop()
        elif self._stop_key.held:
            self.step(direction)
        else:
            self._playing.shuttle(direction)

    def step(self, frames: int) -> None:
        """Stand still and move the playhead by frames."""
        self._playing.stop()
        self._session.seek_frame(self._session.frame + frames)

    def go_to_start(self) -> None:
        """Put the playhead on the film's first frame."""
        self._session.seek_frame(0)

    def go_to_end(self) -> None:
        """Put the playhead on the film's last frame."""
        self._session.seek_frame(max(self._session.frame_count - 1, 0))

    def go_to_keyframe(self, direction: int) -> None:
        """Put the playhead on the next keyframe (1) or the one before (-1), if there is one."""
        session = self._session
        fps = session.film.settings.fps
        frame = ranges.next_keyframe(session.timeline, fps, session.frame, direction)
        if frame is not None:
            session.seek_frame(frame)

    def mark_in(self) -> None:
        """Play from here on."""
        session = self._session
        session.marks.set(ranges.with_in(session.marks.value, session.frame, session.frame_count))

    def mark_out(self) -> None:
        """Play up to here."""
        session = self._session
        session.marks.set(ranges.with_out(session.marks.value, session.frame, session.frame_count))

    def clear_marks(self) -> None:
        """Play the whole film."""
        self._session.marks.set(None)

    def toggle_loop(self) -> None:
        """Start again at the end, or stop there."""
        self._session.looping.set(not self._session.looping.value)

    def keys(self) -> dict[Qt.Key, Callable[[], None]]:
        """Return what keys do where the window's shortcuts do not reach."""
        key = Qt.Key
        return {
            key.Key_Space: self.play_pause,
            key.Key_J: lambda: self.shuttle(-1),
            key.Key_K: lambda: self.shuttle(0),
            key.Key_L: lambda: self.shuttle(1),
            key.Key_Left: lambda: self.step(-1),
            key.Key_Right: lambda: self.step(1),
            key.Key_Up: lambda: self.go_to_keyframe(-1),
            key.Key_Down: lambda: self.go_to_keyframe(1),
            key.Key_Home: self.go_to_start,
            key.Key_End: self.go_to_end,
            key.Key_I: self.mark_in,
            key.Key_O: self.mark_out,
            key.Key_X: self.clear_marks,
        }

    def _show_all(self) -> None:
        for transport in self._transports:
            transport.set_loop(self._session.looping.value)
            transport.set_enabled(self._session.frame_count > 1)
        self._show_times()
        self._show_speed()

    def _show_times(self) -> None:
        session = self._session
        for transport in self._transports:
            transport.set_times(session.frame, session.frame_count, session.film.settings.fps)

    def _show_speed(self) -> None:
        fps = self._session.film.settings.fps
        for transport in self._transports:
            transport.set_speed(fps, self._playing.rate, self._playing.dropped)
