"""What the stage says about the picture, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from imvar_studio.ui.frames import FrameState
from imvar_studio.ui.stage.comparison import Comparison, WithFrame, WithTake
from imvar_studio.ui.stage.shown import Kind, Shown
from imvar_studio.ui.stage.timecode import rate_text, timecode

if TYPE_CHECKING:
    from fractions import Fraction

_TIMES, _MINUS = "\N{MULTIPLICATION SIGN}", "\N{MINUS SIGN}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Stage", text)


def caption(shown: Shown, size: tuple[int, int]) -> str:
    """Return size and state of what is shown, "" for an empty film.

    Args:
        shown: what it is.
        size: of it, in pixels.
    """
    if shown.kind == Kind.EMPTY:
        return ""
    wide, high = size
    return f"{wide} {_TIMES} {high} · {state_words(shown)}"


def state_words(shown: Shown) -> str:
    """Return the state of what is shown in words: "preview 7 of 25"."""
    if shown.kind == Kind.RENDERED:
        return _tr("rendered")
    if shown.kind == Kind.PREVIEW:
        return _preview(shown)
    if shown.kind == Kind.STALE:
        return (
            _tr("out of date, {state}").format(state=_state(shown))
            if _state(shown)
            else _tr("out of date")
        )
    state = _state(shown) or _tr("not rendered yet")
    return _tr("keyframe {n}, {state}").format(n=shown.keyframe, state=state)


def take_name(film: str, when: str) -> str:
    """Return a take's name in lists: its film, and when it was rendered."""
    return f"{film or _tr('Film')} · {when}"


def compared_name(comparison: Comparison, fps: Fraction) -> str:
    """Return what is compared with, short."""
    if isinstance(comparison, WithFrame):
        return _tr("frame at {time}").format(time=timecode(comparison.frame, fps))
    if isinstance(comparison, WithTake):
        return comparison.name or _tr("other take")
    return _tr("source picture")


def speed_words(fps: Fraction, rate: int, dropped: int) -> str:
    """Return the speed of playback: "12 fps · 0 dropped"; with the rate where it is another."""
    speed = _tr("{fps} fps").format(fps=rate_text(fps))
    if rate not in (0, 1):
        sign = _MINUS if rate < 0 else ""
        speed = f"{sign}{abs(rate)}{_TIMES} {speed}"
    return _tr("{speed} · {n} dropped").format(speed=speed, n=dropped)


def _preview(shown: Shown) -> str:
    glimpse = shown.glimpse
    step, steps = (glimpse.step, glimpse.steps) if glimpse else (0, 0)
    if shown.preview_of is None:
        return _tr("preview {step} of {steps}").format(step=step, steps=steps)
    return _tr("preview {step} of {steps}, of frame {frame}").format(
        step=step, steps=steps, frame=shown.preview_of
    )


def _state(shown: Shown) -> str:
    if shown.state == FrameState.FAILED:
        return _tr("failed")
    if shown.state == FrameState.RENDERING:
        return _tr("being rendered")
    return ""
