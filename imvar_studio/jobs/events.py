"""What a job says while it runs and at its end: a closed union, matched exhaustively."""

from __future__ import annotations

from dataclasses import dataclass

from imvar_studio.jobs.estimate import Estimate

SMALLER = "choose a smaller batch or size, or close other programs"
"""The remedy where the memory did not hold a job."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Args:
        phase: what is being done: `loading`, `inverting`, `denoising`, `encoding`.
        done, total: work in UNet samples, the unit that takes the time; `encoding` in frames.
        pictures, of: pictures finished, and how many the plan has.
        seconds_left: until all pictures are there, by what this render has taken so far; None
            until that is known.
    """

    phase: str
    done: int
    total: int
    pictures: int
    of: int
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Estimated:
    """What a job is going to take, said before it starts."""

    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence the user should read: what was decided for them, what differs from asked."""

    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A glimpse of the picture that is being made, at most 5 a second.

    Args:
        pixels: (height, width, 3) uint8 sRGB, row by row.
        step, steps: how far its sampling is.
        digest: of the recipe of the picture it shows, the first of those made at once.
    """

    width: int
    height: int
    pixels: bytes
    step: int
    steps: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Making:
    """The pictures of a chunk are rendered from now on; each is told of when it is `Made`.

    Args:
        digests: of their recipes, in the plan's order.
    """

    digests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A picture that is finished and on disk.

    Args:
        digest: its recipe's.
        path: its file.
    """

    digest: str
    path: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The job stands still until what the sentence names is put right, then goes on by itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The job is done.

    Args:
        outputs: the files it made, in order.
        text: a sentence for people.
        encoded: whether a film had to be encoded; False where it was there already.
        frames: of the film, 0 where it is none.
    """

    outputs: tuple[str, ...]
    text: str = ""
    encoded: bool = False
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Stopped:
    """The job stopped because it was asked to; running it again goes on from there.

    Args:
        kept, of: pictures that are finished, and how many there are in all.
    """

    kept: int
    of: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended before it was done; what is finished is kept.

    Args:
        cause: `user` (something to put right), `memory`, `crash` (the worker died), `hang` (it
            did not answer), `fault` (a bug, with details in the log).
        message, remedy: as in `UserError`.
    """

    cause: str
    message: str
    remedy: str = ""


JobEvent = Progress | Estimated | Note | Preview | Making | Made | Waiting
JobEnd = Finished | Stopped | Failed
