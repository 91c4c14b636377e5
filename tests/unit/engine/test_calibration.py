"""Timing the model: what other programs take is left out, and long calls are not repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine import calibration as module
from imvar_studio.engine.calibration import calibrate
from imvar_studio.engine.evaluations import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.engine.bundle import Bundle

CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """(seconds of each call, seconds this thread computed in each, what others take of a core)
    -> a function that returns what `_seconds` makes of them on a device of two cores."""

    def given(passed: list[float], computed: list[float], others: float) -> Any:
        def seconds(device: torch.device) -> tuple[float, int]:
            calls = iter(zip(passed, computed, strict=True))
            clock = {"busy": 0.0, "own": 0.0}
            made = []

            def timed(call: object, device: torch.device) -> tuple[float, float]:
                each = next(calls)
                made.append(each)
                clock["own"] += 2 * each[1]
                clock["busy"] += 2 * each[1] + others * each[0]
                return each

            monkeypatch.setattr(module, "_timed", timed)
            monkeypatch.setattr(module, "_busy", lambda: clock["busy"])
            monkeypatch.setattr(module.time, "process_time", lambda: clock["own"])
            monkeypatch.setattr(module.psutil, "cpu_count", lambda: 2)
            return module._seconds(lambda: None, device), len(made)

        return seconds

    return given


def test_on_a_quiet_machine_the_clock_counts(taken: Any) -> None:
    seconds = taken([0.9, 0.5, 0.45, 0.6], [0.8, 0.4, 0.4, 0.4], 0.05)
    assert seconds(CPU) == (0.45, 3)


def test_what_other_programs_take_is_left_out(taken: Any) -> None:
    disturbed = [2.0, 1.1, 1.3], [0.8, 0.5, 0.42], 1.1
    assert taken(*disturbed)(CPU) == (pytest.approx(0.46), 3)
    # a GPU computes while the thread waits
    assert taken(*disturbed)(GPU) == (1.1, 3)


def test_short_calls_are_repeated_and_long_ones_are_not(taken: Any) -> None:
    assert taken([0.1, *[0.03] * 9], [0.02] * 10, 0.0)(CPU) == (0.03, 7)
    assert taken([4.0, 3.0, 2.9], [2.0] * 3, 0.0)(CPU) == (2.9, 3)
    assert taken([31.0, 30.0, 29.0], [28.0] * 3, 0.0)(CPU) == (30.0, 2)


def test_every_call_that_is_asked_for_is_timed_the_largest_first(
    load_model: Callable[..., Bundle],
) -> None:
    bundle = load_model("v_prediction", "bf16")
    seen: list[tuple[int, torch.dtype]] = []

    def look(module: object, args: tuple[torch.Tensor, ...]) -> None:
        seen.append((len(args[0]), args[0].dtype))

    hooks = [u.register_forward_pre_hook(look) for u in (bundle.unet, bundle.precise_unet())]
    wanted = [Call(1), Call(8, precise=True), Call(1, precise=True), Call(12)]
    found = calibrate(bundle, bundle.card.native, 4, wanted)
    for hook in hooks:
        hook.remove()
    half, full = torch.bfloat16, torch.float32
    assert list(dict.fromkeys(seen)) == [(12, half), (8, full), (1, full), (1, half)]
    assert found.unet.keys() == set(wanted)
    assert min(*found.unet.values(), found.decode) > 0
