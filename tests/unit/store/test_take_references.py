from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from imvar_studio.model.codec import encode
from imvar_studio.model.edits import edit_timeline, put_work
from imvar_studio.model.keyframe_edits import move, remove
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.source import Size
from imvar_studio.model.start import Noise
from imvar_studio.plan.plan import gather
from imvar_studio.store.take_references import referred_takes
from imvar_studio.store.takes import Take

if TYPE_CHECKING:
    from imvar_studio.model.project import Project
    from imvar_studio.store.project_folder import ProjectFolder


def take_of(folder: ProjectFolder, project: Project, seed: int) -> str:
    """Render the project's film, as far as a plan goes."""
    recipe = Recipe(
        ModelRef("starter", "ab" * 32), (Weighted(Prompt("an owl")),), Noise(seed), Size(256, 256)
    )
    spec = {"film": encode(project.films()[0])}
    return Take.open_or_create(folder, gather([recipe], Fraction(12), 4), spec).path.name


def test_values_that_can_be_gone_back_to_keep_their_takes(
    folder: ProjectFolder, project: Project
) -> None:
    moved = edit_timeline(project, "film", lambda timeline: move(timeline, {"key-2"}, 0.5))
    shorter = edit_timeline(project, "film", lambda timeline: remove(timeline, {"key-2"}))
    now, before, lost = (
        take_of(folder, value, seed) for seed, value in enumerate((project, moved, shorter))
    )
    assert referred_takes(folder) == {now}
    assert referred_takes(folder, [moved]) == {now, before}
    # another size of the same timeline finds its frames made, too
    film = moved.films()[0]
    smaller = put_work(moved, replace(film, settings=replace(film.settings, steps=4)))
    assert referred_takes(folder, iter([smaller, project])) == {now, before}
    assert lost not in referred_takes(folder, [moved])
