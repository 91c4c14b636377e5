"""Which picture the stage shows at the playhead, and what it says about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from imvar_studio.model.contents import parts
from imvar_studio.model.look import Prompt
from imvar_studio.model.snapping import nearest
from imvar_studio.model.source import Asset
from imvar_studio.ui.frames import FrameState

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.timeline import Keyframe, Timeline
    from imvar_studio.ui.frames import Frames


class Kind(Enum):
    """What kind of picture is shown, the best first."""

    RENDERED = auto()
    PREVIEW = auto()
    STALE = auto()
    PICTURE = auto()  # the one the nearest keyframe is made from
    PROMPT = auto()
    NOTHING = auto()  # a look without words or picture
    EMPTY = auto()  # the film has no keyframes


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A preview of a picture that is being made, without its pixels.

    Args:
        digest: of the picture's recipe.
        step, steps: how far its sampling is.
    """

    digest: str
    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What the stage shows for a frame.

    Args:
        kind: of picture.
        frame: which was asked for.
        state: how that frame stands.
        path: the frame's file, of RENDERED and STALE.
        glimpse: of PREVIEW.
        preview_of: the frame a preview shows, where it is not this one.
        asset: the source picture, of PICTURE.
        text: the prompt, of PROMPT.
        keyframe: number of the nearest keyframe from 1, of PICTURE and PROMPT.
    """

    kind: Kind
    frame: int = 0
    state: FrameState = FrameState.MISSING
    path: Path | None = None
    glimpse: Glimpse | None = None
    preview_of: int | None = None
    asset: Asset | None = None
    text: str = ""
    keyframe: int = 0


class Place(NamedTuple):
    """Where the playhead is: its frame, and its time in seconds."""

    frame: int
    time: float


def choose(
    at: Place,
    timeline: Timeline,
    frames: Frames,
    glimpse: Glimpse | None,
    reads: Callable[[Path], bool] = lambda _: True,
) -> Shown:
    """Return what the stage shows.

    In this order: the rendered frame; the preview of this frame, or of one that is rendered
    together with it; the frame's old picture; the nearest keyframe's picture; the preview of any
    frame; the nearest keyframe's prompt.

    Args:
        at: the playhead.
        timeline: of the film.
        frames: which are rendered.
        glimpse: the newest preview, None where nothing is being made.
        reads: whether a file can be read, as far as is known; one that cannot is as none.
    """
    frame = at.frame
    state, path = frames.state(frame), frames.path(frame)
    if path is not None and not reads(path):
        path = None
    if not timeline.keyframes:
        return Shown(Kind.EMPTY, frame)
    if state == FrameState.RENDERED and path is not None:
        return Shown(Kind.RENDERED, frame, state, path)
    if glimpse and glimpse.digest and glimpse.digest == frames.digest(frame):
        return Shown(Kind.PREVIEW, frame, state, glimpse=glimpse)
    if path is not None and state != FrameState.RENDERING:
        return Shown(Kind.STALE, frame, state, path)
    of_key = _of_keyframe(at, timeline, state)
    if glimpse and (state == FrameState.RENDERING or of_key.kind != Kind.PICTURE):
        place = frames.first_of(glimpse.digest) if glimpse.digest else None
        if place is not None:
            return Shown(Kind.PREVIEW, frame, state, glimpse=glimpse, preview_of=place)
    return of_key if path is None else Shown(Kind.STALE, frame, state, path)


def picture_of(key: Keyframe) -> Asset | None:
    """Return the first picture a keyframe's looks are made from, the heaviest look first."""
    looks = sorted(key.looks, key=lambda part: -part.weight)
    return next((each for each in parts(tuple(looks)) if isinstance(each, Asset)), None)


def words_of(key: Keyframe) -> str:
    """Return the first prompt of a keyframe's looks, the heaviest look first; "" for none."""
    looks = sorted(key.looks, key=lambda part: -part.weight)
    return next((each.text for each in parts(tuple(looks)) if isinstance(each, Prompt)), "")


def nearest_picture(time: float, timeline: Timeline) -> Asset | None:
    """Return the source picture of the keyframe nearest to `time` that has one."""
    with_one = [key for key in timeline.keyframes if picture_of(key) is not None]
    index = nearest(with_one, time)
    return None if index is None else picture_of(with_one[index])


def _of_keyframe(at: Place, timeline: Timeline, state: FrameState) -> Shown:
    frame, index = at.frame, nearest(timeline.keyframes, at.time) or 0
    key = timeline.keyframes[index]
    asset, text = picture_of(key), words_of(key)
    if asset is not None:
        return Shown(Kind.PICTURE, frame, state, asset=asset, text=text, keyframe=index + 1)
    kind = Kind.PROMPT if text else Kind.NOTHING
    return Shown(kind, frame, state, text=text, keyframe=index + 1)
