"""How far results are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor


def error(ours: Tensor, theirs: Tensor) -> float:
    assert ours.shape == theirs.shape
    assert torch.isfinite(theirs).all()
    value = ((ours - theirs).abs().max() / theirs.abs().max()).item()
    print(f"relative error {value:.1e}")  # shown by pytest -rP
    return value
