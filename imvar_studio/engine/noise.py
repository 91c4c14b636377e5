"""Noise that depends on its seed alone: drawn on the CPU, picture by picture."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor


def start_noise(seed: int, shape: tuple[int, int, int]) -> Tensor:
    """Return N(0, 1) of `shape` (c, h, w), fp32 on the CPU, as diffusers scripts draw it."""
    generator = torch.Generator("cpu").manual_seed(seed)
    return torch.randn((1, *shape), generator=generator)[0]


def stream_seed(seed: int, stream: str, step: int) -> int:
    """Return the seed of a stream's draw: 8 bytes of BLAKE2b over (seed, stream, step)."""
    text = f"{seed}/{stream}/{step}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 1


def stream_noise(seed: int, stream: str, step: int, shape: tuple[int, ...]) -> Tensor:
    """Return N(0, 1) of `shape`, fp32 on the CPU, of its own for each (seed, stream, step)."""
    generator = torch.Generator("cpu").manual_seed(stream_seed(seed, stream, step))
    return torch.randn(shape, generator=generator)
