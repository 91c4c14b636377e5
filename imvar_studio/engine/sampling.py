"""The one loop: text-to-picture, variation, img2img, inpainting differ only around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.engine.sampler import Sampler

Predict = Callable[[Tensor, Tensor], Tensor]
"""(x (b, c, h, w), timestep, a scalar or (b,)) -> prediction (b, c, h, w), fp32."""

Hook = Callable[[int, Tensor], Tensor]
"""(step that was done, x (b, c, h, w)) -> x: reports, cancels by raising, keeps regions."""


def sample(x: Tensor, sampler: Sampler, predict: Predict, hooks: Sequence[Hook] = ()) -> Tensor:
    """Run a sampler from its first step to its end.

    Args:
        x: (b, c, h, w) fp32, at the noise level of the first step.
        sampler: made for this run alone.
        predict: the guided UNet.
        hooks: called in order after every step.

    Returns:
        Latents (b, c, h, w) fp32.
    """
    for step in range(len(sampler.timesteps)):
        prediction = predict(sampler.model_input(x, step), sampler.timesteps[step])
        x = sampler.step(prediction, step, x)
        for hook in hooks:
            x = hook(step, x)
    return x
