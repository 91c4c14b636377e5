"""What earlier takes say of how long a film takes, and which of them say nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.project import Project
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Size
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker.estimate import quick_estimate
from tests.unit.worker.films import (
    COMPUTE,
    NUMERICS,
    film_spec,
    later,
    measured,
    plan_film,
    rendered,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder.create(tmp_path / "p.imvar", Project())


def test_the_rest_of_a_take_is_told_by_its_beginning(project):
    spec = film_spec(frames=32)
    rendered(plan_film(spec, project), [12.8] * 5)
    job = plan_film(spec, project)
    (job.take.path / "plan.json").unlink()  # not needed: the plan is at hand
    found = quick_estimate(job, COMPUTE)
    assert found.pictures == 12
    assert found.seconds == pytest.approx(3 * 12.8 + (12 * 0.1 + 32 * 0.2) * 64 * 64 / 1e6)


@pytest.mark.parametrize(
    ("spec", "numerics"),
    [(film_spec(), NUMERICS.replace("fp32", "bf16")), (film_spec(), f"{NUMERICS} tiled"),
     (film_spec(model=ModelRef("tiny", "cd" * 32)), NUMERICS),
     (film_spec(size=Size(128, 64)), NUMERICS)],
)  # fmt: skip
def test_other_numerics_models_and_sizes_say_nothing(project, spec, numerics):
    rendered(plan_film(spec, project), [10.0, 10.0], numerics)
    job = plan_film(film_spec(seed=2), project)
    assert measured(project, job.plan, NUMERICS) is None
    assert quick_estimate(job, COMPUTE) is None


def test_a_torn_chunk_counts_as_the_whole_one_it_was(project):
    before = plan_film(film_spec(frames=9), project)
    assert len(before.left[2]) == 1
    rendered(replace(before, left=before.left[2:]), [12.8])
    assert measured(project, before.plan, NUMERICS) == pytest.approx(0.1)


def test_of_two_chunks_the_one_without_the_warming_up(project):
    rendered(plan_film(film_spec(), project), [30.0, 12.8])
    assert measured(project, plan_film(film_spec(seed=2), project).plan, NUMERICS) == (
        pytest.approx(0.1)
    )


def test_only_the_newest_five_takes_and_only_while_there_is_time(project):
    for number in range(7):
        take = plan_film(film_spec(seed=10 + number), project)
        rendered(take, [128.0 if number < 2 else 12.8] * 2)
        later(take, 10.0 * number)
    job = plan_film(film_spec(seed=2), project)
    assert measured(project, job.plan, NUMERICS) == pytest.approx(0.1)
    newest = plan_film(film_spec(seed=30), project)
    rendered(newest, [25.6] * 2)
    later(newest, 500.0)
    times = iter([0.0, 0.5, 1.5])
    quickly = measured(project, job.plan, NUMERICS, clock=lambda: next(times))
    assert quickly == pytest.approx(0.2)


def test_damaged_takes_are_left_out(project):
    good = plan_film(film_spec(seed=1), project)
    rendered(good, [12.8, 12.8])
    job = plan_film(film_spec(seed=9), project)
    for number, damage in enumerate([b"{", b"[]", b'{"plan": {"pictures": [1]}}', None]):
        bad = plan_film(film_spec(seed=20 + number), project)
        rendered(bad, [99.0, 99.0])
        later(bad, 10.0)
        path = bad.take.path / "plan.json"
        path.write_bytes(damage) if damage is not None else path.unlink()
    assert measured(project, job.plan, NUMERICS) == pytest.approx(0.1)


def test_a_project_without_takes(tmp_path):
    project = ProjectFolder.create(tmp_path / "new.imvar", Project())
    job = plan_film(film_spec(), ProjectFolder.create(tmp_path / "q.imvar", Project()))
    assert measured(project, job.plan, NUMERICS) is None
