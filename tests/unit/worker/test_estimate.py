"""Estimates: from earlier takes, from a kept calibration, from a calibration now."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine.calibration import Calibration
from imvar_studio.engine.device import Compute
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork, Project
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Size
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.plan.film import film
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker import estimate as module
from imvar_studio.worker.earlier import measured
from imvar_studio.worker.estimate import estimate_take, quick_estimate
from imvar_studio.worker.film import FilmJob, open_film

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.engine.bundle import Bundle

MODEL = ModelRef("tiny", "ab" * 32)
COMPUTE = Compute(torch.device("cpu"), "fp32")
NUMERICS = COMPUTE.fingerprint(4)
OVERHEAD = 64 * 64 / 1e6 * (0.1 + 0.2)  # a frame's PNG and its share of the film


def plan_film(spec: FilmSpec, project: ProjectFolder) -> FilmJob:
    return open_film(spec, film(spec), project)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder.create(tmp_path / "p.imvar", Project())


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


class Model:
    """A renderer of no model, and calibrations that are counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bundle = SimpleNamespace()
        self.tiled = False
        self.shapes: list[tuple[int, int, bool]] = []
        monkeypatch.setattr(module, "calibrate", self._calibrate)
        monkeypatch.setattr(module, "_peak_memory", lambda: 700_000_000)

    def fingerprint(self, batch: int) -> str:
        return COMPUTE.fingerprint(batch) + " tiled" * self.tiled

    def inversions_to_make(self, recipes: object) -> int:
        return 0

    def _calibrate(
        self, bundle: object, size: Size, batch: int, looks: int, *, tiled: bool
    ) -> Calibration:
        self.shapes.append((batch, looks, tiled))
        return Calibration(step=0.5, single=0.1, decode=2.0)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Any:
    return Model(monkeypatch)


def test_a_calibration_is_counted_up(project, model):
    job = plan_film(film_spec(frames=9), project)  # chunks of 4, 4 and 1
    found = estimate_take(job, model)
    assert found.seconds == pytest.approx(3 * (16 * 0.5 + 2.0) + 9 * OVERHEAD)
    assert (found.pictures, found.of, found.as_before) == (9, 9, False)
    assert (found.memory, found.disk) == (700_000_000, 9 * 64 * 64 * 2)
    half = estimate_take(job, model, 2)  # 2 + 2 + 1 chunks
    assert half.seconds == pytest.approx(5 * (16 * 0.5 + 2.0) + 9 * OVERHEAD)
    assert model.shapes == [(4, 1, False), (2, 1, False)]


def test_a_calibration_is_kept_for_its_shapes(project, model):
    job = plan_film(film_spec(), project)
    assert quick_estimate(job, COMPUTE) is None
    first = estimate_take(job, model)
    assert quick_estimate(job, COMPUTE) == first
    assert estimate_take(plan_film(film_spec(frames=5, seed=9), project), model).pictures == 5
    assert model.shapes == [(4, 1, False)]
    for spec in (film_spec(model=ModelRef("tiny", "cd" * 32)), film_spec(size=Size(64, 128))):
        assert quick_estimate(plan_film(spec, project), COMPUTE) is None
    assert quick_estimate(job, COMPUTE, 2) is None
    model.tiled = True
    estimate_take(job, model)
    assert model.shapes[1:] == [(4, 1, True)]


def test_a_damaged_calibration_is_made_again(project, model, home):
    job = plan_film(film_spec(), project)
    first = estimate_take(job, model)
    key = module._calibration_key(job, NUMERICS)
    for damage in (b"{", b"{}", b'{"step":1e999,"single":1,"decode":1,"memory":1}',
                   b'{"step":-1.0,"single":1.0,"decode":1.0,"memory":1}'):  # fmt: skip
        module._cache().put(key, damage)
        assert quick_estimate(job, COMPUTE) is None
        assert estimate_take(job, model) == first


def test_used_up_memory_comes_through_and_nothing_is_kept(project, model, monkeypatch):
    error = RuntimeError("DefaultCPUAllocator: can't allocate memory")

    def fail(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(module, "calibrate", fail)
    job = plan_film(film_spec(), project)
    with pytest.raises(RuntimeError) as caught:
        estimate_take(job, model)
    assert caught.value is error
    assert quick_estimate(job, COMPUTE) is None


def test_earlier_takes_are_believed(project, model):
    """8 chunks of 4 pictures, 16 steps, one look: 128 samples each."""
    before = plan_film(film_spec(frames=32), project)
    rendered(before, [20.0, *[12.8] * 6, 100.0])
    job = plan_film(film_spec(frames=16, seed=2, steps=8), project)
    assert measured(project, job.plan, NUMERICS) == pytest.approx(0.1)
    found = quick_estimate(job, COMPUTE)
    assert found.seconds == pytest.approx(4 * 64 * 0.1 + 16 * OVERHEAD)
    assert (found.as_before, found.memory) == (True, 0)
    # the calibration adds what it knows beside the time
    both = estimate_take(job, model)
    assert (both.seconds, both.as_before) == (found.seconds, True)
    assert both.memory == 700_000_000
    assert quick_estimate(job, COMPUTE) == both


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


def test_inversions_are_counted_as_the_renderer_does(
    project, load_model: Callable[..., Bundle], pictures: Any, model: Any
) -> None:
    bundle = load_model("v_prediction", "fp32")
    keys = tuple(
        Keyframe(f"k{i}", float(i), (Weighted(Picture(pictures.asset(f"waves 64x{64 + i}"))),))
        for i in range(2)
    )
    settings = FilmSettings(size=Size(64, 64), fps=Fraction(3), seed=1)
    work = FilmWork("film", timeline=Timeline(keys), settings=settings)
    job = plan_film(FilmSpec(work, bundle.card.ref, "fp32", 4), project)
    renderer = Renderer(bundle, pictures, project.cache)
    recipes = [picture.recipe for run in job.left for _, picture in run]
    count = renderer.inversions_to_make(recipes)
    assert count == 2 * 79
    assert module.inversions_to_make(job, bundle.compute) == count
    estimate_take(job, model)
    whole = quick_estimate(job, bundle.compute).seconds
    renderer.prepare(recipes[:1])
    assert module.inversions_to_make(job, bundle.compute) == 79
    left = quick_estimate(job, bundle.compute).seconds
    assert whole - left == pytest.approx(79 * 0.1)


@pytest.mark.parametrize("kind", ["v_prediction", "text"])
def test_a_model_is_calibrated_once(
    kind: str, project, load_model: Callable[..., Bundle], unet_calls_of: Any
) -> None:
    bundle = load_model(kind, "fp32")
    renderer = Renderer(bundle, lambda sha, background: None)
    spec = film_spec(model=bundle.card.ref)
    job = plan_film(spec, project)
    with unet_calls_of(bundle) as samples:
        found = estimate_take(job, renderer)
        assert set(samples) == {8, 1}  # a chunk, and an inversion's one
        samples.clear()
        assert estimate_take(job, renderer) == found
        assert quick_estimate(job, bundle.compute) == found
        assert samples == []
    assert found.seconds > 0
    assert found.memory > 100_000_000


@pytest.fixture
def unet_calls_of() -> Any:
    @contextmanager
    def count(bundle: Bundle) -> Any:
        samples: list[int] = []
        hook = bundle.unet.register_forward_pre_hook(lambda _, args: samples.append(len(args[0])))
        try:
            yield samples
        finally:
            hook.remove()

    return count
