"""The disk: a full one pauses a job, which goes on when there is space again."""

from __future__ import annotations

import shutil
import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, TypeVar

from imvar_studio.jobs.estimate import size
from imvar_studio.jobs.events import Note, Waiting
from imvar_studio.model.errors import DiskFullError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.jobs.context import JobContext

T = TypeVar("T")
# kept free for the desktop and for other programs, on small disks a share of them
_RESERVE, _SHARE = 200_000_000, 0.02
_LOOK, _TRY = 0.25, 2.0  # seconds between two looks at the disk, and between two attempts


def free_space(folder: Path) -> int | None:
    """Return the bytes that files in `folder` can still take; None where that is not known."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def is_short(folder: Path, needed: int) -> bool:
    """Whether `needed` more bytes would leave less than the reserve."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return False
    return usage.free < needed + min(_RESERVE, int(usage.total * _SHARE))


def written(
    folder: Path,
    write: Callable[[], T],
    ctx: JobContext,
    needed: int | None = None,
    still: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> T:
    """Return what `write` does, tried again for as long as the disk is full.

    Args:
        folder: on the disk that is written to.
        write: leaves nothing behind where it fails.
        ctx: hears that the job waits; what was rendered is held meanwhile.
        needed: bytes, so far as they are known; None where there may be nothing to write, then
            the reserve is not looked at.
        still: open while the job waits.

    Raises:
        Cancelled: if the job is to stop.
    """
    waited = False
    while True:
        short = needed is not None and is_short(folder, needed)
        if not short:
            try:
                result = write()
            except DiskFullError:  # a quota, or another program that took it in between
                short = True
            else:
                break
        if not waited:
            ctx.step(Waiting(_sentence(folder, needed or 0)))
            waited = True
        with still():
            _pause(folder, needed or 0, ctx)
    if waited:
        ctx.step(Note("There is space again: the job goes on."))
    return result


def _pause(folder: Path, needed: int, ctx: JobContext) -> None:
    """Return when room appears, else after a while: a quota that is used up shows none."""
    until, was_short = time.monotonic() + _TRY, is_short(folder, needed)
    while time.monotonic() < until:
        ctx.between_chunks()
        time.sleep(_LOOK)
        if was_short and not is_short(folder, needed):
            return


def _sentence(folder: Path, needed: int) -> str:
    free = free_space(folder)
    left = "" if free is None else f", {size(free)} are free"
    wanted = f" {size(needed)} are needed:" if needed else ""
    return (
        f"The disk of {folder} is full{left}.{wanted} Make space, and the job goes on by itself; "
        "nothing is lost."
    )
