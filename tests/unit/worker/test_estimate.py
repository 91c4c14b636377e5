"""Estimates: from earlier takes, from a kept calibration, from a calibration now."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.engine.calibration import Calibration
from imvar_studio.engine.evaluations import Call, Schedule
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork, Project
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.sheet import Axis, SheetWork
from imvar_studio.model.shot import Shot
from imvar_studio.model.source import Size
from imvar_studio.model.specs import FilmSpec, SheetModel, SheetSpec
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.plan.sheet import sheet
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker import estimate as module
from imvar_studio.worker.estimate import estimate_take, quick_estimate
from imvar_studio.worker.sheet_take import open_take
from tests.unit.worker.films import (
    COMPUTE,
    MODEL,
    NUMERICS,
    film_spec,
    measured,
    plan_film,
    rendered,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.engine.bundle import Bundle

OVERHEAD = 64 * 64 / 1e6 * (0.1 + 0.2)  # a frame's PNG and its share of the film


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder.create(tmp_path / "p.imvar", Project())


class Model:
    """A renderer of no model, and calibrations that are counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bundle = SimpleNamespace(compute=COMPUTE, scheduler_config={})
        self.tiled = False
        self.shapes: list[tuple[int, bool, set[Call]]] = []
        monkeypatch.setattr(module, "calibrate", self._calibrate)
        monkeypatch.setattr(module, "_peak_memory", lambda: 700_000_000)

    def fingerprint(self, batch: int) -> str:
        return COMPUTE.fingerprint(batch) + " tiled" * self.tiled

    def _calibrate(
        self, bundle: object, size: Size, batch: int, calls: set[Call], *, tiled: bool
    ) -> Calibration:
        self.shapes.append((batch, tiled, calls))
        times = {call: 0.1 if call.samples == 1 else call.samples / 16 for call in calls}
        return Calibration(times, 2.0, Schedule.of({}))


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Any:
    return Model(monkeypatch)


def test_a_calibration_is_counted_up(project, model):
    job = plan_film(film_spec(frames=9), project)  # chunks of 4, 4 and 1
    found = estimate_take(job, model)
    assert found.seconds == pytest.approx(3 * (16 * 0.5 + 2.0) + 9 * OVERHEAD)
    assert (found.pictures, found.of, found.as_before) == (9, 9, False)
    assert (found.memory, found.disk) == (700_000_000, int(9 * 64 * 64 * 1.6))
    half = estimate_take(job, model, 2)  # 2 + 2 + 1 chunks
    assert half.seconds == pytest.approx(5 * (16 * 0.25 + 2.0) + 9 * OVERHEAD)
    assert model.shapes == [(4, False, {Call(8)}), (2, False, {Call(4)})]


def test_a_calibration_is_kept_for_its_shapes(project, model):
    job = plan_film(film_spec(), project)
    assert quick_estimate(job, COMPUTE) is None
    first = estimate_take(job, model)
    assert quick_estimate(job, COMPUTE) == first
    assert estimate_take(plan_film(film_spec(frames=5, seed=9), project), model).pictures == 5
    assert model.shapes == [(4, False, {Call(8)})]
    for spec in (film_spec(model=ModelRef("tiny", "cd" * 32)), film_spec(size=Size(64, 128))):
        assert quick_estimate(plan_film(spec, project), COMPUTE) is None
    assert quick_estimate(job, COMPUTE, 2) is None
    model.tiled = True
    estimate_take(job, model)
    assert model.shapes[1:] == [(4, True, {Call(8)})]


def test_a_damaged_calibration_is_made_again(project, model, home):
    job = plan_film(film_spec(), project)
    first = estimate_take(job, model)
    key = module._calibration_key(job, NUMERICS)
    for damage in (b"{", b"{}", b'{"decode":1e999}', b'{"step":1.0,"single":1.0,"decode":1.0}',
                   b'{"unet":[{"call":{"samples":8},"seconds":-1.0}]}'):  # fmt: skip
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
    # a calibration tells steps from decodes: they took 12.8 s for what it says takes 10
    both = estimate_take(job, model)
    assert both.seconds == pytest.approx(4 * (8 * 0.5 + 2.0) * 1.28 + 16 * OVERHEAD)
    assert both.as_before
    assert both.memory == 700_000_000
    assert quick_estimate(job, COMPUTE) == both


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


def test_what_is_known_of_some_calls_is_added_to(project, model):
    estimate_take(plan_film(film_spec(), project), model)
    looks = tuple(Weighted(Prompt(text)) for text in ("owl", "fox", "hen"))
    keys = tuple(Keyframe(f"k{i}", float(i), looks) for i in range(2))
    spec = film_spec()
    more = replace(spec, film=replace(spec.film, timeline=Timeline(keys)))
    job = plan_film(more, project)
    assert quick_estimate(job, COMPUTE) is None  # 16 samples may be another matter than 8
    estimate_take(job, model)
    assert model.shapes[1:] == [(4, False, {Call(16)})]
    # two looks lie between
    fewer = tuple(replace(key, looks=looks[:2]) for key in keys)
    spec = replace(spec, film=replace(spec.film, timeline=Timeline(fewer)))
    found = quick_estimate(plan_film(spec, project), COMPUTE)
    file, video = (rate * 64 * 64 / 1e6 for rate in (0.1, 0.2))
    assert found.seconds == pytest.approx(16 * 0.75 + 2.0 + file + 8 * video)  # one picture


def test_a_sheets_files_are_part_of_its_estimate(project, model):
    """3 pictures in 4 cells, of which one is there; each cell is in two more files."""
    shot = Shot((Weighted(Prompt("owl")),), model="tiny", steps=4)
    seeds = Axis("seed", ("1", "2", "1", "3"))
    work = SheetWork("sheet", "Sheet", shot, columns=seeds, size=Size(64, 64))
    models = (SheetModel("tiny", MODEL, Size(64, 64)),)
    plan = sheet(SheetSpec(work, models))
    job = open_take(project, plan, {})
    name = plan.pictures[0].digest
    job.take.record(name, project.frames.put(name, b"x"), NUMERICS, 1.0)
    job = open_take(project, plan, {})
    found = estimate_take(job, model)
    assert (found.pictures, found.of) == (2, 3)
    assert found.disk == int((2 + 2 * 4) * 1.3 * 64 * 64)
    # the one that is there took 1 s for what is said to take 4 s
    assert found.seconds == pytest.approx((4 * 0.5 + 2.0) / 4 + (2 + 2 * 4) * 0.1 * 64 * 64 / 1e6)


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
        assert set(samples) == {8}  # a chunk; there is nothing to invert
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
