"""Paths between tensors: lines, great arcs, circles."""

from __future__ import annotations

import math

import torch
from torch import Tensor

NEARLY_PARALLEL = 0.9995  # cosine above which an arc is a line to fp32


def lerp(a: Tensor, b: Tensor, u: float) -> Tensor:
    """Return (1 - u) a + u b; any shape, fp32."""
    return (1 - u) * a + u * b


def slerp(a: Tensor, b: Tensor, u: float) -> Tensor:
    """Spherical interpolation along the great arc from `a` to `b`, over the last dimension.

    Args:
        a, b: (..., d) float32 of any length; the length is interpolated linearly. Where one is
            zero, or both are nearly parallel (cosine above 0.9995) or opposite, the path is
            the line between them.
        u: 0 gives `a`, 1 gives `b`.

    Source: Shoemake 1985, "Animating rotation with quaternion curves".
    """
    length_a, length_b = a.norm(dim=-1, keepdim=True), b.norm(dim=-1, keepdim=True)
    both = (length_a > 0) & (length_b > 0)
    unit_a, unit_b = a / length_a.clamp(min=1e-30), b / length_b.clamp(min=1e-30)
    cosine = (unit_a * unit_b).sum(-1, keepdim=True).clamp(-1, 1)
    omega = torch.acos(cosine)
    sine = torch.sin(omega).clamp(min=1e-30)
    direction = torch.sin((1 - u) * omega) / sine * unit_a + torch.sin(u * omega) / sine * unit_b
    length = (1 - u) * length_a + u * length_b
    curved = both & (cosine.abs() <= NEARLY_PARALLEL)
    return torch.where(curved, direction * length, lerp(a, b, u))


def slerp_whole(a: Tensor, b: Tensor, u: float) -> Tensor:
    """Spherical interpolation of whole tensors, as one vector each; shape is kept."""
    return slerp(a.flatten(), b.flatten(), u).reshape(a.shape)


def circle(a: Tensor, b: Tensor, u: float) -> Tensor:
    """Return cos(2 pi u) a + sin(2 pi u) b: a walk that is back at `a` at u = 1."""
    return math.cos(2 * math.pi * u) * a + math.sin(2 * math.pi * u) * b
