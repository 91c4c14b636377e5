"""The work that an estimate counts is what the model is then asked for, call by call."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.engine import renderer as renderer_module
from imvar_studio.engine.evaluations import Call, Schedule
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.project import Project
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.start import Encode, InversionSpec, Inverted, Noise
from imvar_studio.plan.plan import Plan, gather
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.takes import Take
from imvar_studio.worker.chunks import runs_left
from imvar_studio.worker.memory import Fallback
from imvar_studio.worker.meter import Meter
from imvar_studio.worker.take_job import TakeJob, render_left
from imvar_studio.worker.work_left import work_left

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imvar_studio.engine.bundle import Bundle


class Context(list[object]):
    """Hears what happens, and never stops."""

    step = list.append

    def check(self) -> None: ...

    def between_chunks(self) -> None: ...

    def wants_preview(self) -> bool:
        return False


@contextmanager
def evaluated(bundle: Bundle) -> Iterator[Counter[Call]]:
    """Count what the UNet, and in half precision its copy in fp32, is called with."""
    calls: Counter[Call] = Counter()
    precise = bundle.precise_unet()  # first: a copy has the hooks of what it is made from

    def count(unet: object, args: tuple[Any, ...]) -> None:
        fp32 = unet is precise and precise is not bundle.unet
        calls[Call(len(args[0]), precise=fp32)] += 1

    unets = {id(unet): unet for unet in (bundle.unet, precise)}.values()
    hooks = [unet.register_forward_pre_hook(count) for unet in unets]
    try:
        yield calls
    finally:
        for hook in hooks:
            hook.remove()


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder.create(tmp_path / "p.imvar", Project())


def opened(project: ProjectFolder, recipes: list[Recipe]) -> TakeJob:
    plan = gather(recipes, Fraction(1), 4)
    take = Take.open_or_create(project, plan, {})
    finished = take.finished()
    return TakeJob(project, plan, take, finished, runs_left(plan, finished), _names(plan))


def _names(plan: Plan) -> tuple[str, ...]:
    return tuple(plan.pictures[index].digest for index in plan.frames)


@pytest.fixture
def sheet(pictures: Any) -> Callable[[Bundle], list[Recipe]]:
    """Bundle -> the recipes of a sheet with all that costs something of its own."""
    asset = pictures.asset("waves 64x64")
    look = (Weighted(Picture(asset)),)
    two = tuple(Weighted(Prompt(text)) for text in ("giraffe", "frog"))

    def make(bundle: Bundle) -> list[Recipe]:
        base = Recipe(bundle.card.ref, look, Noise(1), bundle.card.native, 6,
                      precision=bundle.compute.precision)  # fmt: skip
        solved = Inverted(asset, InversionSpec(steps=7, evaluations=3))
        plain = Inverted(asset, InversionSpec("plain", 10))
        on_grid = replace(base, start=solved, steps=7, sampler="ddim")
        return [
            # guidance 1 asks for the unconditional prediction all the same; 5 make two chunks
            *(replace(base, start=Noise(seed), guidance=1.0) for seed in (1, 2)),
            *(replace(base, start=Noise(seed), guidance=4.0) for seed in (1, 2, 3)),
            *(replace(base, start=Noise(seed), looks=two) for seed in (1, 2)),
            replace(base, start=Encode(asset, 0.5, 1)),
            *(replace(on_grid, guidance=guidance) for guidance in (1.0, 3.0)),
            replace(on_grid, eta=0.5, variance=Noise(4)),
            replace(base, start=plain, steps=5, sampler="ddim"),
        ]

    return make


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("batch", [4, 2])
def test_a_sheet_takes_what_was_counted(
    precision: str,
    batch: int,
    sheet: Callable[[Bundle], list[Recipe]],
    project: ProjectFolder,
    load_model: Callable[..., Bundle],
    pictures: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bundle = load_model("v_prediction", precision)
    job, renderer = opened(project, sheet(bundle)), Renderer(bundle, pictures, project.cache)
    work = work_left(job, bundle.compute, batch, Schedule.of(bundle.scheduler_config))
    decoded = []
    decode = renderer_module.decode

    def counted(bundle: Bundle, latents: Any, size: Any, *, tiled: bool) -> Any:
        decoded.append(len(latents))
        return decode(bundle, latents, size, tiled=tiled)

    monkeypatch.setattr(renderer_module, "decode", counted)
    ctx = Context()
    fallback = Fallback(renderer, job.plan, ctx)
    fallback.batch = batch
    with evaluated(bundle) as calls:
        render_left(job, renderer, fallback, Meter(ctx, 1, job.pictures, 0))
    assert calls == work.calls
    assert decoded == [batch] * work.chunks
    kinds = {(2 * batch, False), (3 * batch, False), (1, False)}
    if precision == "bf16":
        kinds |= {(2 * batch, True), (1, True)}
    assert {(call.samples, call.precise) for call in work.calls} == kinds
    assert opened(project, sheet(bundle)).left == ()


def test_pictures_that_were_led_back_are_not_counted_again(
    sheet: Callable[[Bundle], list[Recipe]],
    project: ProjectFolder,
    load_model: Callable[..., Bundle],
    pictures: Any,
) -> None:
    bundle = load_model("v_prediction", "fp32")
    schedule = Schedule.of(bundle.scheduler_config)
    job = opened(project, sheet(bundle))
    before = work_left(job, bundle.compute, 4, schedule)
    Renderer(bundle, pictures, project.cache).prepare(sheet(bundle))
    after = work_left(job, bundle.compute, 4, schedule)
    assert before.calls - after.calls == {Call(1): (7 + 1) * 3 + 1 + 10}
    assert after.chunks == before.chunks
