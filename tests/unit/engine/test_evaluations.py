"""What is counted before rendering is what the samplers and inversions evaluate."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.engine.ddim import make_grid, sensitive_timesteps
from imvar_studio.engine.evaluations import Call, Schedule, chunk_calls, inversion_calls
from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.samplers import built_in_samplers
from imvar_studio.engine.starts import Inversion
from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS
from imvar_studio.model.start import InversionSpec, Inverted, Noise
from tests.conftest import KINDS, SCHEDULE

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.recipe import Recipe


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spacing", ["trailing", "leading", "linspace"])
def test_a_schedule_knows_the_steps_that_run_in_fp32(kind: str, spacing: str) -> None:
    config = SCHEDULE | KINDS[kind]
    schedule = Schedule.of(config)
    for steps in (1, 5, 16, 25, 61):
        grid = make_grid(config, steps, spacing)
        found = make_grid(schedule.config, steps, spacing).timesteps
        assert found == grid.timesteps
        assert {t for t in found if t >= schedule.sensitive} == sensitive_timesteps(grid)
    assert 0 < schedule.sensitive < schedule.trained


@pytest.mark.parametrize("sampler", [each.name for each in built_in_samplers()])
@pytest.mark.parametrize("steps", [3, 8])
def test_each_sampler_makes_as_many_calls_as_are_counted(
    sampler: str,
    steps: int,
    tiny: Bundle,
    recipe: Callable[..., Recipe],
    unet_calls: Any,
    pictures: Any,
) -> None:
    variance = Noise(2) if sampler in STOCHASTIC_SAMPLERS else None
    wanted = recipe(tiny, sampler=sampler, steps=steps, variance=variance)
    renderer = Renderer(tiny, pictures)
    with unet_calls(tiny) as calls:
        renderer.render([wanted], 3, [1])
    assert Counter(map(Call, calls.samples)) == chunk_calls(
        wanted, 3, Schedule.of(tiny.scheduler_config)
    )


def test_a_plain_inversion_and_a_fixed_point_one_and_neither_in_fp32(pictures: Any) -> None:
    schedule, asset = Schedule(1000, 0, 500), pictures.asset("waves 64x64")
    plain = Inversion(Inverted(asset, InversionSpec("plain", 10)))
    assert inversion_calls(plain, "fp32", schedule) == {Call(1): 10}
    # timesteps 999, 899, ..., 99: five of them from 500 on
    assert inversion_calls(plain, "bf16", schedule) == {Call(1): 5, Call(1, precise=True): 5}
    solved = Inversion(Inverted(asset, InversionSpec(steps=10, evaluations=3)))
    assert inversion_calls(solved, "fp16", schedule) == {Call(1): 34}
    assert inversion_calls(solved, "bf16", schedule) == {Call(1): 19, Call(1, precise=True): 15}
