from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import torch
from torch import tensor

from imvar_studio.engine.interpolation import circle, lerp, slerp, slerp_whole

if TYPE_CHECKING:
    from torch import Tensor


def normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_a_line() -> None:
    a, b = tensor([1.0, 2.0]), tensor([3.0, -2.0])
    assert lerp(a, b, 0.25).tolist() == [1.5, 1.0]
    assert lerp(a, b, -0.5).tolist() == [0.0, 4.0]


@pytest.mark.parametrize("path", [lerp, slerp, slerp_whole])
def test_paths_begin_at_the_first_and_end_at_the_second(path: object) -> None:
    a, b = normal(1, 3, 32), normal(2, 3, 32) * 5
    torch.testing.assert_close(path(a, b, 0.0), a, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(path(a, b, 1.0), b, rtol=1e-6, atol=1e-5)


def test_an_arc_of_a_right_angle() -> None:
    a, b = tensor([1.0, 0.0]), tensor([0.0, 1.0])
    for u in (0.0, 0.2, 0.5, 0.9, 1.0):
        angle = u * math.pi / 2
        expected = tensor([math.cos(angle), math.sin(angle)])
        torch.testing.assert_close(slerp(a, b, u), expected, rtol=0, atol=1e-6)


def test_an_arc_keeps_unit_length_and_steps_evenly() -> None:
    a, b = (each / each.norm() for each in (normal(1, 64), normal(2, 64)))
    points = [slerp(a, b, u / 10) for u in range(11)]
    lengths = [point.norm().item() for point in points]
    assert lengths == pytest.approx([1.0] * 11, abs=1e-6)
    strides = [(after - before).norm().item() for before, after in pairwise(points)]
    assert max(strides) - min(strides) < 1e-5
    assert lerp(a, b, 0.5).norm() < 0.9  # what an arc is for


def test_the_length_is_interpolated_linearly() -> None:
    a, b = tensor([2.0, 0.0]), tensor([0.0, 6.0])
    assert slerp(a, b, 0.25).norm().item() == pytest.approx(3.0, abs=1e-5)


def test_an_arc_goes_beyond_its_ends() -> None:
    a, b = tensor([1.0, 0.0]), tensor([0.0, 1.0])
    over = slerp(a, b, 2.0)
    torch.testing.assert_close(over, tensor([-1.0, 0.0]), rtol=0, atol=1e-6)


def test_each_token_has_its_own_arc_and_whole_tensors_one() -> None:
    a, b = normal(1, 2, 32), normal(2, 2, 32)
    tokens = slerp(a, b, 0.3)
    for row in range(2):
        torch.testing.assert_close(tokens[row], slerp(a[row], b[row], 0.3))
    whole = slerp_whole(a, b, 0.3)
    torch.testing.assert_close(whole.flatten(), slerp(a.flatten(), b.flatten(), 0.3))
    assert (whole - tokens).abs().max() > 1e-3


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_nearly_parallel_vectors_take_the_line(scale: float) -> None:
    a = normal(1, 32)
    b = scale * (a + 1e-3 * normal(2, 32))
    for u in (0.0, 0.4, 1.0):
        torch.testing.assert_close(slerp(a, b, u), lerp(a, b, u), rtol=0, atol=0)


def test_the_line_begins_at_a_cosine_of_0_9995() -> None:
    a = tensor([1.0, 0.0])
    inside, outside = (tensor([c, math.sqrt(1 - c * c)]) for c in (0.99951, 0.99949))
    assert torch.equal(slerp(a, inside, 0.5), lerp(a, inside, 0.5))
    assert not torch.equal(slerp(a, outside, 0.5), lerp(a, outside, 0.5))


def test_zeros_and_opposite_vectors_take_the_line() -> None:
    a, zero = normal(1, 32), torch.zeros(32)
    for x, y in ((a, zero), (zero, a), (zero, zero), (a, -a), (a, -2 * a)):
        way = slerp(x, y, 0.25)
        assert torch.isfinite(way).all()
        assert torch.equal(way, lerp(x, y, 0.25))


def test_a_zero_token_does_not_touch_its_neighbours() -> None:
    a, b = normal(1, 2, 32), normal(2, 2, 32)
    b[0] = 0
    way = slerp(a, b, 0.5)
    assert torch.equal(way[0], a[0] / 2)
    torch.testing.assert_close(way[1], slerp(a[1], b[1], 0.5))


def test_a_circle_passes_both_axes_and_returns() -> None:
    a, b = normal(1, 4, 8, 8), normal(2, 4, 8, 8)
    for u, expected in ((0.0, a), (0.25, b), (0.5, -a), (0.75, -b), (1.0, a)):
        torch.testing.assert_close(circle(a, b, u), expected, rtol=0, atol=2e-6)
    diagonal = circle(a, b, 0.125)
    torch.testing.assert_close(diagonal, (a + b) / math.sqrt(2), rtol=0, atol=1e-6)
