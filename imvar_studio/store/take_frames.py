"""The frames of an earlier take, so that they can be shown again."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from imvar_studio.model.errors import FormatError, UserError
from imvar_studio.store.strict_json import read_json
from imvar_studio.store.take_list import read_takes
from imvar_studio.store.takes import PLAN_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.store.project_folder import ProjectFolder

_MOST_BYTES = 1 << 30  # of a plan; one of 100,000 frames takes about 100 MB


@dataclass(frozen=True, slots=True)
class TakeFrames:
    """Which picture each frame of a take shows.

    Args:
        digests: for each frame its picture's, "" where that is not there.
        fps: frames a second.
    """

    digests: tuple[str, ...]
    fps: Fraction


def take_frames(project: ProjectFolder, take: Path) -> TakeFrames:
    """Return the frames of the take in the folder `take`.

    Raises:
        FormatError: if its plan does not read.
        StoreError: if a file cannot be read.
    """
    data: Any = read_json(take / PLAN_FILE, _MOST_BYTES)
    try:
        plan = data["plan"]
        names = [str(each["digest"]) for each in plan["pictures"]]
        found = [names[index] for index in plan["frames"]]
        fps = Fraction(plan["fps"])
        there = {name: name if project.frames.path(name).is_file() else "" for name in set(found)}
    except (KeyError, TypeError, IndexError, ValueError, ZeroDivisionError) as error:
        raise FormatError(f"{take / PLAN_FILE} is not a plan") from error
    return TakeFrames(tuple(there[name] for name in found), fps)


def newest_frames(project: ProjectFolder, film: str) -> TakeFrames | None:
    """Return the frames of the film's newest take that has any, None where there is none.

    Args:
        project: whose takes.
        film: the film's name, which takes remember.
    """
    for take in read_takes(project):
        if take.film == film and take.records:
            try:
                found = take_frames(project, take.path)
            except UserError:
                continue
            if any(found.digests):
                return found
    return None
