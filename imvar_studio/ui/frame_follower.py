"""What the render thread tells of pictures, shown on the timeline's frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Failed, Finished, Made, Making, Stopped
from imvar_studio.jobs.render_events import SetAside

if TYPE_CHECKING:
    from imvar_studio.jobs.render_events import Happening
    from imvar_studio.ui.frames import Frames


class FrameFollower:
    """Follows the job that makes the film's frames; other films' pictures are let pass."""

    def __init__(self) -> None:
        self._making = ""  # the key of that job

    def follow(self, frames: Frames, key: str, what: Happening) -> None:
        """Show what became of pictures."""
        match what:
            case Making(digests) if any(frames.first_of(name) is not None for name in digests):
                self._making = key
                frames.making(digests)
            case Made(digest):
                frames.made(digest)
            case Finished() | Stopped() | SetAside() | Failed() if key == self._making:
                self._making = ""
                frames.stopped(failed=isinstance(what, Failed))
