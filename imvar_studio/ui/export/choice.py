"""What a person chooses in the export dialog, and what it comes to; knows no window."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.media.film_formats import FORMATS, FilmFormat, formats_of, scaled_size
from imvar_studio.model.errors import SpecError
from imvar_studio.model.film_export import FilmExport
from imvar_studio.model.source import Size

if TYPE_CHECKING:
    from imvar_studio.ui.session import Session

FILM, MARKS, FRAMES = "film", "marks", "frames"
"""What of a film is exported: all of it, from the in to the out mark, given frames."""

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
_LONGEST_NAME = 255  # bytes; what file systems take


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """The film that is exported, as it stands.

    Args:
        name: of the film.
        size: of its frames, in pixels.
        fps: frames a second.
        there: for each frame, whether it is rendered.
        marks: (in, out) frames, both included; None where there are none.
        problem: why it cannot be rendered, "" where it can.
    """

    name: str
    size: Size
    fps: Fraction
    there: tuple[bool, ...]
    marks: tuple[int, int] | None = None
    problem: str = ""

    @classmethod
    def of(cls, session: Session) -> FilmFacts:
        """Return the film that a session shows."""
        from imvar_studio.ui.frames import FrameState

        frames, film = session.frames, session.film
        there = tuple(
            frames.state(frame) is FrameState.RENDERED for frame in range(session.frame_count)
        )
        settings = film.settings
        marks, problem = session.marks.value, frames.problem
        return cls(film.name, settings.size, settings.fps, there, marks, problem)


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """All that is chosen.

    Args:
        name: of the file as it was typed; a whole path goes, too.
        folder: that the file goes into, absolute.
        kind: of film; names are of `kind_name`.
        extent: one of `FILM`, `MARKS`, `FRAMES`.
        first, last: frames, both included, for `FRAMES`.
        scale: of the frames' size, in per cent.
        crf, preset: as in `FilmExport`.
        there_only: render nothing.
        keep_prompts: whether the file carries the texts it was made from.
        overwrite: whether a file that is there may be replaced.
    """

    name: str
    folder: Path
    kind: str = "h264.mp4"
    extent: str = FILM
    first: int = 0
    last: int = 0
    scale: int = 100
    crf: int = 16
    preset: str = "medium"
    there_only: bool = False
    keep_prompts: bool = True
    overwrite: bool = False

    @property
    def format(self) -> FilmFormat:
        """The kind of film."""
        return next(each for each in FORMATS if kind_name(each) == self.kind)

    @property
    def target(self) -> Path:
        """The file, absolute; its ending is the format's."""
        name = self.name.strip()
        if Path(name).suffix.lower() != self.format.ending:
            name += self.format.ending
        return self.folder / Path(name).expanduser()

    @property
    def export_key(self) -> tuple[object, ...]:
        """What the time and the disk of an export depend on."""
        return self.extent, self.first, self.last, self.there_only, self.kind, self.scale, self.crf

    def frames(self, facts: FilmFacts) -> tuple[int, int]:
        """Return the first and the last frame that are meant."""
        if self.extent == MARKS and facts.marks is not None:
            return facts.marks
        if self.extent == FRAMES:
            return self.first, self.last
        return 0, len(facts.there) - 1

    def rendered(self, facts: FilmFacts) -> tuple[int, int]:
        """Return how many of the frames that are meant are rendered, and how many they are."""
        first, last = self.frames(facts)
        found = facts.there[first : last + 1]
        return sum(found), len(found)

    def size(self, facts: FilmFacts) -> tuple[int, int]:
        """Return the width and height of the film in pixels."""
        even = self.format.even
        return scaled_size(facts.size.width, facts.size.height, self.scale, even=even)

    def export(self, facts: FilmFacts) -> FilmExport:
        """Return what the render thread is asked for.

        Raises:
            SpecError: for what `problems` names.
        """
        first, last = self.frames(facts)
        if not 0 <= first <= last < len(facts.there):
            raise SpecError(f"the film has no frames {first} to {last}", "last frame")
        done, count = self.rendered(facts)
        whole = last == len(facts.there) - 1
        options = self.format.options
        plain = FilmExport()
        return FilmExport(
            first=first,
            last=None if whole else last,
            there_only=self.there_only and done < count,
            scale=self.scale,
            crf=self.crf if "crf" in options else plain.crf,
            preset=self.preset if "preset" in options else plain.preset,
            codec=self.format.codec if formats_of(self.format.ending)[1:] else "",
        )


def kind_name(kind: FilmFormat) -> str:
    """Return what tells a kind of film from all others."""
    return f"{kind.codec}{kind.ending}"


def first_choice(facts: FilmFacts, folder: Path) -> ExportChoice:
    """Return what the dialog begins with: the whole film, or the marks where there are some.

    Args:
        facts: of the film; its name becomes the file's.
        folder: that the file goes into.
    """
    last = max(len(facts.there) - 1, 0)
    name = file_name(facts.name)
    first = ExportChoice(name, folder, extent=MARKS if facts.marks else FILM, last=last)
    slow = next(each for each in FORMATS if facts.fps <= each.most_fps)
    return with_kind(first, kind_name(slow))


def with_kind(choice: ExportChoice, kind: str) -> ExportChoice:
    """Return the choice with another kind of film, whose ending the file's name takes."""
    changed = replace(choice, kind=kind)
    path = Path(choice.name.strip())
    stem = path.stem if formats_of(path.suffix) else path.name
    if not stem:
        return changed
    return replace(changed, name=str(path.with_name(stem + changed.format.ending)))


def with_name(choice: ExportChoice, name: str) -> ExportChoice:
    """Return the choice with another file name; an ending chooses the kind of film."""
    kinds = formats_of(Path(name.strip()).suffix)
    changed = replace(choice, name=name, overwrite=False)
    if not kinds or choice.format in kinds:
        return changed
    return replace(changed, kind=kind_name(kinds[0]))


def with_file(choice: ExportChoice, path: Path) -> ExportChoice:
    """Return the choice with a file that was picked."""
    return with_name(replace(choice, folder=path.parent), path.name)


def file_name(name: str) -> str:
    """Return a film's name as every file system takes it, without an ending."""
    plain = _NOT_IN_NAMES.sub(" ", name).strip(" .")
    while len(plain.encode()) > _LONGEST_NAME - 16:
        plain = plain[:-1].rstrip()
    return plain or "film"


def is_name_too_long(path: Path) -> bool:
    """Tell whether no file system takes a file's name."""
    return len(path.name.encode(errors="surrogateescape")) > _LONGEST_NAME


@dataclass(frozen=True, slots=True)
class Found:
    """What is at a file's place.

    Args:
        folder: whether the folder it goes into is there and can be written.
        file: whether there is a file already.
        taken: whether a folder has its name.
    """

    folder: bool = True
    file: bool = False
    taken: bool = False


def look(target: Path) -> Found:
    """Look at the disk, so not in the window's thread."""
    import os

    try:
        folder = target.parent.is_dir() and os.access(target.parent, os.W_OK)
        return Found(folder, target.is_file(), target.is_dir())
    except (OSError, ValueError):  # ValueError: a name that no system takes
        return Found(folder=False)
