"""Films of a tiny model that is not there, and journals as their renders would write them."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import torch

from imvar_studio.engine.device import Compute
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Size
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.plan.film import film
from imvar_studio.worker.costs import Costs
from imvar_studio.worker.earlier import measured as measured_at
from imvar_studio.worker.film import FilmJob, open_film

if TYPE_CHECKING:
    from imvar_studio.plan.plan import Plan
    from imvar_studio.store.project_folder import ProjectFolder

MODEL = ModelRef("tiny", "ab" * 32)
COMPUTE = Compute(torch.device("cpu"), "fp32")
NUMERICS = COMPUTE.fingerprint(4)


def measured(project: ProjectFolder, plan: Plan, numerics: str, **clock: Any) -> float | None:
    """What a UNet sample took."""
    return measured_at(project, plan, numerics, lambda recipe: Costs().chunk(recipe, 4), **clock)


def plan_film(spec: FilmSpec, project: ProjectFolder) -> FilmJob:
    return open_film(spec, film(spec), project)


def film_spec(*, frames: int = 8, seed: int = 1, steps: int = 16, **changes: Any) -> FilmSpec:
    keys = tuple(Keyframe(f"k{i}", float(i), (Weighted(Prompt(f"owl {i}")),)) for i in range(2))
    settings = FilmSettings(size=Size(64, 64), fps=Fraction(frames - 1), seed=seed, steps=steps)
    model = changes.pop("model", MODEL)
    work = FilmWork("film", timeline=Timeline(keys), settings=replace(settings, **changes))
    return FilmSpec(work, model, "fp32", 4)


def rendered(job: FilmJob, chunk_seconds: list[float], numerics: str = NUMERICS) -> None:
    """Write the journal of a render whose chunks took so long."""
    for run, seconds in zip(job.left, chunk_seconds, strict=False):
        for _, picture in run:
            file_hash = job.project.frames.put(picture.digest, picture.digest.encode())
            job.take.record(picture.digest, file_hash, numerics, seconds / len(run))


def later(job: FilmJob, seconds: float) -> None:
    """Let the journal be so much younger."""
    path = job.take.path / "journal.jsonl"
    time = path.stat().st_mtime + seconds
    os.utime(path, (time, time))
