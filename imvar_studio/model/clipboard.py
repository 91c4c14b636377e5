"""Keyframes on the clipboard: copied as data that any project can read back, strictly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from imvar_studio.model.codec import Data, decode, encode
from imvar_studio.model.contents import parts
from imvar_studio.model.edits import edit_timeline, film_of
from imvar_studio.model.errors import FormatError, SpecError
from imvar_studio.model.keyframe_edits import insert, selected
from imvar_studio.model.project import AssetEntry, Project
from imvar_studio.model.source import Asset
from imvar_studio.model.timeline import Keyframe, Timeline

if TYPE_CHECKING:
    from collections.abc import Set

FORMAT, VERSION = "imvar-keyframes", 1


@dataclass(frozen=True, slots=True)
class Clip:
    """Keyframes that were copied, and the media they show.

    Args:
        keyframes: at least one; their times count from the first one, which is at 0 s.
        assets: the entries of the media they show, as their project had them.
    """

    keyframes: tuple[Keyframe, ...]
    assets: tuple[AssetEntry, ...] = ()

    def __post_init__(self) -> None:
        if not self.keyframes or self.keyframes[0].time != 0:
            raise SpecError("keyframes on the clipboard must begin at 0 s", "keyframes")
        Timeline(self.keyframes)  # in order, each with its own id
        Project(assets=self.assets)  # each once


@dataclass(frozen=True, slots=True)
class Pasted:
    """A project with keyframes pasted into it, and their new ids in order of time."""

    project: Project
    ids: tuple[str, ...]


def copy(project: Project, work_id: str, ids: Set[str]) -> Clip:
    """Return keyframes of a film, to be pasted anywhere.

    Raises:
        SpecError: if there is no such film, or none of these keyframes in it.
    """
    keys = selected(film_of(project, work_id).timeline, ids)
    if not keys:
        raise SpecError("there is nothing to copy", "keyframes", "select keyframes first")
    shown = _shown(keys)
    return Clip(
        tuple(replace(key, time=key.time - keys[0].time) for key in keys),
        tuple(entry for entry in project.assets if entry.sha in shown),
    )


def paste(project: Project, work_id: str, clip: Clip, time: float) -> Pasted:
    """Put a clip's keyframes into a film, the first at `time` seconds, with ids of their own.

    Raises:
        SpecError: if there is no such film, media are missing (they are named), or a keyframe
            would come to another's time or behind the film's end.
    """
    missing = missing_assets(project, clip)
    if missing:
        raise SpecError(
            f"the project lacks {', '.join(missing.values())}, which the keyframes show",
            "asset",
            "add them to the project first",
        )
    new: tuple[str, ...] = ()

    def edit(timeline: Timeline) -> Timeline:
        nonlocal new
        keys = [replace(key, time=key.time + time) for key in clip.keyframes]
        timeline, new = insert(timeline, keys)
        return timeline

    project = edit_timeline(project, work_id, edit)
    return Pasted(project, new)


def missing_assets(project: Project, clip: Clip) -> dict[str, str]:
    """Return the media that a clip shows and the project lacks: SHA-256 -> name.

    What the clip itself has no entry of is named by the beginning of its SHA-256.
    """
    names = {entry.sha: entry.name for entry in clip.assets}
    return {
        sha: names.get(sha) or f"the media file {sha[:12]}"
        for sha in _shown(clip.keyframes)
        if project.asset(sha) is None
    }


def clip_data(clip: Clip) -> Data:
    """Return a clip as JSON-ready data."""
    return {"format": FORMAT, "version": VERSION, "clip": encode(clip)}


def read_clip(data: Data) -> Clip:
    """Return the clip that `data`, parsed JSON from anywhere, describes.

    Raises:
        FormatError: if it is no clip, one of a newer version, or one with anything wrong in it.
    """
    content: dict[str, Any] = data if isinstance(data, dict) else {}
    if content.get("format") != FORMAT:
        raise FormatError("the clipboard holds no keyframes", "copy keyframes first")
    version = content.get("version")
    if type(version) is not int or version < 1:
        raise FormatError("the keyframes on the clipboard have no version", "copy them again")
    if version > VERSION:
        raise FormatError(
            f"the keyframes on the clipboard are of version {version}, this program reads "
            f"up to {VERSION}",
            "update Imvar Studio",
        )
    if set(content) != {"format", "version", "clip"}:
        raise FormatError("the keyframes on the clipboard are damaged", "copy them again")
    return decode(content["clip"], Clip, "clipboard")


def _shown(keys: tuple[Keyframe, ...]) -> dict[str, None]:
    """Return the SHA-256 of all media that keyframes show, each once, in their order."""
    return {part.sha: None for part in parts(keys) if isinstance(part, Asset)}
