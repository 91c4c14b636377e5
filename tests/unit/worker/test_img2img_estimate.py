"""A film of noised pictures takes as long as the steps that are made."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
import torch

from imvar_studio.engine.device import Compute
from imvar_studio.engine.evaluations import Call
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork, Project
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.start import Encode
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.plan.film import film
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker.costs import Costs, Timed
from imvar_studio.worker.earlier import measured
from imvar_studio.worker.film import FilmJob, open_film
from imvar_studio.worker.work_left import work_left

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = Asset("ab" * 32)


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder.create(tmp_path / "p.imvar", Project())


def opened(project: ProjectFolder, start: Encode, seed: int = 1) -> FilmJob:
    looks = [(Weighted(Prompt(f"owl {i}")),) for i in range(2)]
    keys = tuple(Keyframe(f"k{i}", float(i), looks[i], start=start) for i in range(2))
    settings = FilmSettings(size=Size(64, 64), fps=Fraction(7), seed=seed, steps=8)
    work = FilmWork("film", timeline=Timeline(keys), settings=settings)
    spec = FilmSpec(work, ModelRef("tiny", "cd" * 32), "fp32", 4)
    return open_film(spec, film(spec), project)


@pytest.mark.parametrize(
    ("strength", "continuous", "steps"), [(0.25, False, 2), (0.01, False, 1), (0.25, True, 8)]
)
def test_only_steps_that_are_made_are_counted(
    project: ProjectFolder, strength: float, continuous: bool, steps: int
) -> None:
    costs = Costs((Timed(Call(8), 0.5),))
    compute = Compute(torch.device("cpu"), "fp32")

    def seconds(job: FilmJob) -> float:
        work = work_left(job, compute, 4, costs.schedule)
        return costs.work(work.calls, work.chunks)

    whole, part = (
        seconds(opened(project, start))
        for start in (Encode(PICTURE, 1.0, 1), Encode(PICTURE, strength, 1, continuous))
    )
    assert whole - part == pytest.approx(2 * (8 - steps) * 0.5)  # two chunks
    job = opened(project, Encode(PICTURE, strength, 1, continuous))
    assert job.samples_left() == 2 * steps * 4 * 2


def test_what_earlier_renders_took_is_shared_by_the_steps_they_made(project: ProjectFolder) -> None:
    job = opened(project, Encode(PICTURE, 0.25, 1))
    for run in job.left:
        for _, picture in run:
            file_hash = project.frames.put(picture.digest, picture.digest.encode())
            job.take.record(picture.digest, file_hash, "numerics", 0.4)
    other = opened(project, Encode(replace(PICTURE, sha="ef" * 32), 1.0, 1))
    # 4 pictures of 0.4 s in 2 steps of 8 samples
    assert measured(
        project, other.plan, "numerics", lambda recipe: Costs().chunk(recipe, 4)
    ) == pytest.approx(0.1)
