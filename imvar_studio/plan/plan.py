"""The plan: the pictures of a work by name, in the order they can be made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from imvar_studio.model.canonical import digest_data
from imvar_studio.model.look import token_count
from imvar_studio.model.recipe import Recipe, noised_picture, recipe_digest, steps_run
from imvar_studio.model.start import inversions


@dataclass(frozen=True, slots=True)
class PlannedPicture:
    """A recipe and its digest, which is the picture's name."""

    digest: str
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Plan:
    """What is rendered, and which picture each frame shows.

    Args:
        pictures: distinct, a picture after those it is made from.
        frames: for each frame of the film, the index of its picture.
        fps: frames a second.
        batch: pictures a chunk.
    """

    pictures: tuple[PlannedPicture, ...]
    frames: tuple[int, ...]
    fps: Fraction
    batch: int

    @property
    def digest(self) -> str:
        """The plan's name: over its frames' names, rate and batch."""
        names = [self.pictures[index].digest for index in self.frames]
        return digest_data({"frames": names, "fps": str(self.fps), "batch": self.batch})


def gather(recipes: list[Recipe], fps: Fraction, batch: int) -> Plan:
    """Return the plan of a film whose frames are `recipes`, equal ones made once."""
    places: dict[str, int] = {}
    pictures: list[PlannedPicture] = []
    frames: list[int] = []
    for recipe in recipes:
        digest = recipe_digest(recipe)
        if digest not in places:
            places[digest] = len(pictures)
            pictures.append(PlannedPicture(digest, recipe))
        frames.append(places[digest])
    return Plan(tuple(pictures), tuple(frames), fps, batch)


def chunks(plan: Plan) -> tuple[tuple[PlannedPicture, ...], ...]:
    """Return the plan's chunks: runs of neighbouring pictures that one batch can render.

    A run ends at `batch` pictures, or where the next picture cannot share its UNet calls.
    They depend on the whole plan alone, so a picture has the same slot whatever is missing.
    """
    runs: list[list[PlannedPicture]] = []
    key: object = None
    for picture in plan.pictures:
        own = batch_key(picture.recipe)
        if not runs or own != key or len(runs[-1]) == plan.batch:
            runs.append([])
        runs[-1].append(picture)
        key = own
    return tuple(tuple(run) for run in runs)


def batch_key(recipe: Recipe) -> object:
    """Return what pictures must have in common to be rendered in one batch."""
    looks = (recipe.negative, *(part.look for part in recipe.looks))
    noised = noised_picture(recipe)
    return (
        recipe.model,
        recipe.size,
        recipe.steps,
        recipe.sampler,
        recipe.spacing,
        recipe.eta > 0,
        bool(inversions(recipe.start)),
        None if noised is None else noised.continuous,
        steps_run(recipe),
        recipe.inpaint is not None,
        recipe.precision,
        len(recipe.looks),
        # conditions of a batch are repeated to one count, and more tokens are other bits
        math.lcm(*map(token_count, looks)),
    )
