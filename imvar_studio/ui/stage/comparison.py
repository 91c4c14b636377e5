"""What the picture is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from imvar_studio.model import checks
from imvar_studio.model.codec import decode
from imvar_studio.model.errors import StoreError, UserError
from imvar_studio.plan.timing import nearest_frame
from imvar_studio.store.strict_json import read_json
from imvar_studio.store.takes import PLAN_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.store.frames import FrameStore
    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.ui.frames import Frames


@dataclass(frozen=True, slots=True)
class WithFrame:
    """A pinned frame.

    Args:
        frame: of the film.
        digest: of the picture it had when it was pinned, so that it stays when the film is
            changed; "" follows the frame.
    """

    frame: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class WithTake:
    """The frame of another take at the same time.

    Args:
        id: of the take.
        name: of its film then, for people.
    """

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class WithSource:
    """The source picture of the nearest keyframe that has one."""


Comparison = WithFrame | WithTake | WithSource


@dataclass(frozen=True, slots=True)
class TakeFrames:
    """The frames of a take.

    Args:
        digests: for each frame the digest of its picture.
        fps: frames a second.
    """

    digests: tuple[str, ...]
    fps: Fraction

    def digest_at(self, time: float) -> str:
        """Return the digest of the frame at a time in seconds, "" outside of the take."""
        frame = nearest_frame(time, self.fps)
        return self.digests[frame] if 0 <= frame < len(self.digests) else ""


def read_take_frames(project: ProjectFolder, take: str) -> TakeFrames:
    """Read which frames a take has.

    Raises:
        StoreError: if its plan cannot be read.
    """
    path = project.takes / take / PLAN_FILE
    try:
        data: Any = read_json(path)
        plan = data["plan"]
        names = [checks.digest(each["digest"], "picture") for each in plan["pictures"]]
        frames = tuple(names[index] for index in plan["frames"])
        return TakeFrames(frames, decode(plan["fps"], Fraction, "fps"))
    except (UserError, LookupError, TypeError) as error:
        raise StoreError(
            f"the plan of the take {take} does not read", "compare with another take"
        ) from error


def file_of(
    comparison: WithFrame | WithTake,
    time: float,
    frames: Frames,
    store: FrameStore,
    take: TakeFrames | None,
) -> Path | None:
    """Return the file of the picture that is compared with; None where it has none.

    Args:
        comparison: with a frame or a take.
        time: of the playhead in seconds.
        frames: of the film.
        store: of the project.
        take: the frames of the take, None as long as they are not known.
    """
    if isinstance(comparison, WithFrame):
        digest = comparison.digest
        return store.path(digest) if digest else frames.path(comparison.frame)
    digest = "" if take is None else take.digest_at(time)
    return store.path(digest) if digest else None
