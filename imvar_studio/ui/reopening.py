"""Exported files that tell how they were made, taken back into a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.jobs.provenance import FILM_FORMAT, film_spec_of, recipe_of
from imvar_studio.model.contents import parts
from imvar_studio.model.edits import put_work
from imvar_studio.model.errors import UserError
from imvar_studio.model.source import Asset
from imvar_studio.model.start import Encode, Inverted, Noise
from imvar_studio.model.timeline import Keyframe
from imvar_studio.ui.dropped import Drop, plan_drop
from imvar_studio.ui.films import distinct
from imvar_studio.ui.importing import LANE, add_pictures, tell_refused
from imvar_studio.ui.messages import Message
from imvar_studio.ui.placing import place_keyframes
from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from imvar_studio.model.project import FilmSettings, Project
    from imvar_studio.model.recipe import Recipe
    from imvar_studio.model.specs import FilmSpec
    from imvar_studio.ui.dropped import Export
    from imvar_studio.ui.session import Session


def open_drop(  # noqa: PLR0913  (what is rare goes by name)
    session: Session,
    paths: Iterable[Path | str],
    at: float | None = None,
    projects: Callable[[tuple[Path, ...]], None] | None = None,
    *,
    as_pictures: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Do with files what they are: add pictures, reopen exports, open projects, refuse the rest.

    Args:
        session: whose project.
        paths: the files.
        at: as in `add_pictures`.
        projects: called with projects and packages among them.
        as_pictures: add pictures that this program exported as any other picture.
        progress: as in `add_pictures`.
    """
    files = tuple(paths)

    def done(drop: Drop) -> None:
        kept = tuple(e for e in drop.exports if not (as_pictures and e.is_picture))
        pictures = [*drop.pictures, *(e.path for e in drop.exports if e not in kept)]
        if pictures:
            add_pictures(session, pictures, at, progress=progress)
        for export in kept:
            reopen(session, export)
        if drop.projects and projects is not None:
            projects(drop.projects)
        tell_refused(session, drop.others, len(files))

    session.lanes.run(LANE, lambda: plan_drop(files), done, session.fail)


def reopen(session: Session, export: Export) -> None:
    """Take an exported film or picture back into the project; what cannot be is a message."""
    try:
        if export.record["format"] == FILM_FORMAT:
            reopen_film(session, film_spec_of(export.record, export.path))
        else:
            reopen_picture(session, recipe_of(export.record, export.path))
    except UserError as error:
        session.fail(error)


def reopen_film(session: Session, spec: FilmSpec) -> str:
    """Add the film that was exported to the project, and show it.

    Its media are found by their content; those that the project lacks are told.

    Returns:
        The new film's id, "" where nothing could be added.
    """
    project = session.project
    film = distinct(project, spec.film)
    if not session.edit_project(say("Reopen film"), lambda before: put_work(before, film)):
        return ""
    session.show_film(film.id)
    lacking = _lacking(project, film)
    session.tell(_told_film(film.name or say("The film"), lacking, spec.frames_per_transition))
    return film.id


def reopen_picture(session: Session, recipe: Recipe) -> str:
    """Add a keyframe that makes an exported picture, at the playhead or the next free time.

    Its look, negative look, start and guidance are taken over; what holds for the whole film
    and differs is told.

    Returns:
        The new keyframe's id, "" where nothing could be added.
    """
    lacking = _lacking(session.project, recipe)
    same = recipe.guidance == session.film.settings.guidance
    guidance = None if same else recipe.guidance
    key = Keyframe("new", 0.0, recipe.looks, recipe.start, recipe.negative, guidance)
    new = place_keyframes(session, say("Reopen picture"), [key], session.playhead.value)
    if not new:
        return ""
    told = [say("Taken over: {parts}.", parts=taken_over(recipe))]
    other = differences(recipe, session.film.settings, session.film.model)
    if other:
        told.append(say("It was made with {what}.", what=other))
    if lacking:
        told.append(say("The project lacks {media} that it shows.", media=_media(lacking)))
    session.tell(Message(" ".join(told), "warning" if lacking else "info"))
    return new[0]


def taken_over(recipe: Recipe) -> str:
    """Return what a keyframe takes from a recipe, as a list in words."""
    count = len(recipe.looks)
    found = [say("its look") if count == 1 else say("its {n} looks", n=count)]
    match recipe.start:
        case Noise(seed):
            found.append(say("seed {seed}", seed=seed))
        case Encode(seed=seed, strength=strength):
            words = say("seed {seed} at strength {strength}", seed=seed, strength=f"{strength:g}")
            found.append(words)
        case Inverted():
            found.append(say("the picture it starts from"))
        case _:
            found.append(say("where it starts"))
    last = say("guidance {value}", value=f"{recipe.guidance:g}")
    return say("{parts} and {last}", parts=", ".join(found), last=last)


def differences(recipe: Recipe, settings: FilmSettings, model: str) -> str:
    """Return what a recipe has otherwise than a film's settings, in words; "" for nothing."""
    found = []
    if recipe.model.id != model:
        found.append(say("the model {name}", name=recipe.model.id))
    if recipe.size != settings.size:
        found.append(f"{recipe.size.width} × {recipe.size.height} pixels")  # noqa: RUF001
    if recipe.steps != settings.steps:
        found.append(say("{n} steps", n=recipe.steps))
    if recipe.sampler != settings.sampler:
        found.append(say("the sampler {name}", name=recipe.sampler))
    if recipe.eta != settings.eta:
        found.append(say("eta {value}", value=f"{recipe.eta:g}"))
    return ", ".join(found)


def _lacking(project: Project, value: object) -> list[str]:
    shown = dict.fromkeys(part.sha for part in parts(value) if isinstance(part, Asset))
    audio = getattr(value, "audio", None)
    if audio is not None:
        shown[audio.asset] = None
    return [sha for sha in shown if project.asset(sha) is None]


def _media(shas: list[str]) -> str:
    names = ", ".join(sha[:8] for sha in shas[:3]) + (", …" if len(shas) > 3 else "")
    told = {"n": len(shas), "names": names}
    one = len(shas) == 1
    return (
        say("1 media file ({names})", **told) if one else say("{n} media files ({names})", **told)
    )


def _told_film(name: str, lacking: list[str], per_transition: int | None) -> Message:
    if lacking:
        text = say(
            "{name} is reopened, but shows {media} that the project lacks.",
            name=name,
            media=_media(lacking),
        )
        return Message(text, "warning", say("Add them: they are known by their content."))
    if per_transition is not None:
        text = say(
            "{name} is reopened. It was rendered with {n} frames a transition; its keyframes "
            "have their own times again.",
            name=name,
            n=per_transition,
        )
        return Message(text)
    return Message(say("{name} is reopened as a film of this project.", name=name))
