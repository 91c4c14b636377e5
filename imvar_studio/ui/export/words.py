"""The export dialog's sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

import imvar_studio
from imvar_studio.jobs.estimate import duration, film_length, size
from imvar_studio.ui.export.choice import FRAMES, MARKS, Found, is_name_too_long
from imvar_studio.ui.sentences import sentence

if TYPE_CHECKING:
    from imvar_studio.jobs.estimate import Estimate
    from imvar_studio.media.film_formats import FilmFormat
    from imvar_studio.ui.export.choice import ExportChoice, FilmFacts

_translate = QCoreApplication.translate
NAME, FORMAT, EXTENT, FILM = "name", "format", "extent", "film"
"""The fields that an error can stand by."""


def problems(choice: ExportChoice, facts: FilmFacts) -> dict[str, str]:
    """Return what keeps the film from being exported: a sentence by field; none where nothing."""
    found: dict[str, str] = {}
    if not choice.name.strip() or choice.name.strip() == choice.format.ending:
        found[NAME] = _translate("Export", "Give the file a name.")
    elif is_name_too_long(choice.target):
        found[NAME] = _translate("Export", "The name is too long; shorten it.")
    kind = choice.format
    if facts.fps > kind.most_fps:
        form = _translate(
            "Export",
            "{kind} plays at most {most} frames a second, the film has {fps}; choose another "
            "format, or lower the frame rate.",
        )
        fps = f"{float(facts.fps):g}"
        found[FORMAT] = sentence(form.format(kind=kind.name, most=kind.most_fps, fps=fps))
    if not facts.there or facts.problem:
        empty = _translate("Export", "The film is empty; add a keyframe.")
        found[FILM] = sentence(facts.problem) or empty
        return found
    extent = _extent_problem(choice, facts)
    if extent:
        found[EXTENT] = extent
    elif choice.there_only and not choice.rendered(facts)[0]:
        found[FILM] = _translate("Export", "No frame of these is rendered yet.")
    return found


def disk_problem(choice: ExportChoice, found: Found) -> str:
    """Return what is wrong with the file's place; a file that is there is asked about."""
    if found.taken:
        return _translate("Export", "A folder has this name; give another one.")
    if found.file and not choice.overwrite:
        return _translate("Export", "{name} is there already.").format(name=choice.target.name)
    if not found.folder:
        form = _translate("Export", "Nothing can be written into {folder}; choose another folder.")
        return form.format(folder=choice.target.parent)
    return ""


def replaced_words(choice: ExportChoice) -> str:
    """Return what happens to the file that is there."""
    return _translate("Export", "{name} will be replaced.").format(name=choice.target.name)


def format_title(kind: FilmFormat) -> str:
    """Return what a format is called where its name stands alone."""
    return f"{kind.name[:1].upper()}{kind.name[1:]}"


def format_words(choice: ExportChoice, facts: FilmFacts) -> str:
    """Return what a format is good for, and what it makes of the film's size."""
    kind, (width, height) = choice.format, choice.size(facts)
    if choice.scale == 100 and (width, height) != (facts.size.width, facts.size.height):
        form = _translate("Export", "{hint} It takes even sides only: {size}.")
        return form.format(hint=kind.hint, size=pixels(width, height))
    return kind.hint


def size_words(choice: ExportChoice, facts: FilmFacts) -> str:
    """Return the film's size in pixels."""
    width, height = choice.size(facts)
    if not choice.format.even or choice.scale == 100:
        return pixels(width, height)
    return _translate("Export", "{size}, even sides").format(size=pixels(width, height))


def pixels(width: int, height: int) -> str:
    """Return a size as people write it."""
    return f"{width} \N{MULTIPLICATION SIGN} {height} px"


def quality_words(choice: ExportChoice) -> str:
    """Return how a film looks at its quality."""
    if "crf" not in choice.format.options:
        return _translate("Export", "This format has one quality.")
    for most, words in (
        (11, _translate("Export", "Lossless to the eye, the largest files")),
        (18, _translate("Export", "Visually lossless")),
        (23, _translate("Export", "Very good")),
        (28, _translate("Export", "Good, smaller files")),
        (35, _translate("Export", "Small files, flaws in motion")),
    ):
        if choice.crf < most:
            return words
    return _translate("Export", "The smallest files, visible flaws")


def length_words(choice: ExportChoice, facts: FilmFacts) -> str:
    """Return how long the exported film is."""
    _, count = choice.rendered(facts)
    return film_length(count, facts.fps) if count else ""


def rendered_words(choice: ExportChoice, facts: FilmFacts) -> str:
    """Return how many of the frames that are meant are rendered."""
    done, count = choice.rendered(facts)
    if not count:
        return _translate("Export", "No frames.")
    if done == count:
        form = _translate("Export", "All {count} frames are rendered.")
        return form.format(count=count)
    form = _translate("Export", "{done} of {count} frames are rendered.")
    return form.format(done=done, count=count)


def estimate_words(choice: ExportChoice, facts: FilmFacts, found: Estimate | None) -> str:
    """Return the time and the disk that the export takes.

    Args:
        choice: what is exported.
        facts: of the film.
        found: what rendering takes; None while that is not known.
    """
    done, count = choice.rendered(facts)
    if done == count:
        return _translate("Export", "Nothing left to render: encoding takes a few seconds.")
    if choice.there_only:
        return _translate("Export", "Nothing is rendered: encoding takes a few seconds.")
    if found is None:
        return _translate("Export", "Working out what it takes")
    if not found.pictures:
        return _translate("Export", "Nothing left to render: encoding takes a few seconds.")
    form = _translate("Export", "{n} pictures to render: about {time}, {disk} on disk.")
    if found.pictures == 1:
        form = _translate("Export", "1 picture to render: about {time}, {disk} on disk.")
    time, disk = duration(found.seconds), size(found.disk)
    return form.format(n=found.pictures, time=time, disk=disk)


def metadata_words(choice: ExportChoice, facts: FilmFacts) -> str:
    """Return what is written into the file besides the film."""
    kind = choice.format
    parts = [
        _translate("Export", "how it was made, prompts included")
        if choice.keep_prompts
        else _translate("Export", "how it was made, without the prompts")
    ]
    if "title" in kind.carries and facts.name:
        parts.append(_translate("Export", "the title “{name}”").format(name=facts.name))
    if kind.mark is not None:
        mark = "trainedAlgorithmicMedia"
        form = _translate("Export", "the IPTC mark of generated media ({mark})")
        parts.append(form.format(mark=mark))
    if "software" in kind.carries:
        parts.append(f"Imvar Studio {imvar_studio.__version__}")
    words = _translate("Export", "Written into the file: {parts}.").format(parts="; ".join(parts))
    if choice.keep_prompts:
        return words
    kept = _translate("Export", "Dropped on the window, it cannot reopen its film.")
    return f"{words} {kept}"


def _extent_problem(choice: ExportChoice, facts: FilmFacts) -> str:
    first, last = choice.frames(facts)
    end = len(facts.there) - 1
    if choice.extent == MARKS and facts.marks is None:
        return _translate("Export", "There are no in and out marks; set them on the timeline.")
    if choice.extent == FRAMES and first > last:
        return _translate("Export", "The first frame is behind the last one; exchange them.")
    if not 0 <= first <= last <= end:
        form = _translate("Export", "The film has the frames 0 to {end}; choose among them.")
        return form.format(end=end)
    return ""
