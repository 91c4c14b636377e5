"""Looks to conditions: the algebra of looks, evaluated in fp32 on the CPU."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.interpolation import lerp, slerp, slerp_whole
from imvar_studio.engine.noise import stream_noise
from imvar_studio.model.look import (
    Blend,
    Crop,
    Edit,
    Jitter,
    Join,
    Look,
    Mix,
    Nothing,
    Picture,
    Prior,
    Prompt,
    Scale,
    Shift,
    unequal_mix,
)
from imvar_studio.model.source import Rect, Size

if TYPE_CHECKING:
    from torch import Tensor

    from imvar_studio.engine.protocols import Embedder, PictureLoader

_PATHS = {"lerp": lerp, "slerp": slerp, "slerp-whole": slerp_whole}


class Conditioning:
    """Evaluates looks, by the embeddings of the model's family.

    Args:
        embedder: the family's embeddings.
        load: gives assets' pixels, for crops.
    """

    def __init__(self, embedder: Embedder, load: PictureLoader) -> None:
        self._embedder = embedder
        self._load = load

    def evaluate(self, look: Look, size: Size) -> Tensor:
        """Return the condition (k, d) fp32 of `look` for a picture of `size`.

        Raises:
            SpecError: looks of unequal token counts in a Mix of the image-variation family, a
                prompt too long.
            ModelError: a tower or prior that the model does not have.
        """
        match look:
            case Picture():
                return self._embedder.picture(look, size)
            case Prompt():
                return self._embedder.prompt(look)
            case Nothing():
                return self._embedder.nothing()
            case Crop():
                return self._crop(look, size)
            case Prior():
                return self._embedder.prior(look)
            case _:
                return self._combined(look, size)

    @property
    def pads(self) -> bool:
        """Whether unequal token counts meet by padding."""
        return self._embedder.pads

    def meet(self, *conditions: Tensor) -> list[Tensor]:
        """Return conditions brought to one token count, as the family has it."""
        return self._embedder.meet(*conditions)

    def _combined(self, look: Look, size: Size) -> Tensor:
        match look:
            case Mix():
                return self._mix(look, size)
            case Join():
                return torch.cat([self.evaluate(each, size) for each in look.looks])
            case Blend():
                ends = (self.evaluate(each, size) for each in (look.first, look.second))
                a, b = self.meet(*ends)
                return _PATHS[look.path](a, b, look.u)
            case Edit(Join(looks)):  # looks side by side: each goes the same way
                return torch.cat([self.evaluate(replace(look, look=each), size) for each in looks])
            case Scale() | Edit() | Jitter() | Shift():
                return self._moved(look, self.evaluate(look.look, size))
            case _:
                raise TypeError(look)

    def _moved(self, look: Scale | Edit | Jitter | Shift, base: Tensor) -> Tensor:
        match look:
            case Scale():
                return look.factor * base
            case Shift():
                return base + look.offset
            case Edit():
                origin, target = (
                    self._embedder.prompt(Prompt(t)) for t in (look.origin, look.target)
                )
                base, origin, target = self.meet(base, origin, target)
                return base + look.amount * (target - origin)
            case Jitter():
                noise = stream_noise(look.seed, "jitter", 0, tuple(base.shape))
                return base + look.scale * noise * (base if look.mode == "multiply" else 1)

    def _mix(self, look: Mix, size: Size) -> Tensor:
        parts = [self.evaluate(part.look, size) for part in look.parts]
        counts = {part.shape[0] for part in parts}
        if self.pads:
            parts = self.meet(*parts)
        elif len(counts) > 1:
            raise unequal_mix(counts)
        weights = torch.tensor([part.weight for part in look.parts])
        return (torch.stack(parts) * weights[:, None, None]).sum(0) / weights.sum()

    def _crop(self, look: Crop, size: Size) -> Tensor:
        picture = load_framed(look.source, size, self._load)
        if look.region is not None:
            return self._embedder.crop(picture, look.region)
        crops = [self._embedder.crop(picture, random_crop(look.seed, n)) for n in range(look.count)]
        return torch.stack(crops).mean(0)


def random_crop(seed: int, index: int) -> Rect:
    """Return a random region: side uniform in [0.5, 1], place uniform, from its own stream."""
    generator_noise = stream_noise(seed, "crop", index, (3,))
    # the normal's distribution function makes uniform numbers of the same streams
    side, x, y = (0.5 * (1 + torch.erf(generator_noise / math.sqrt(2)))).tolist()
    side = 0.5 + side / 2
    return Rect(x * (1 - side), y * (1 - side), side, side)


def repeat_to_common(*conditions: Tensor) -> list[Tensor]:
    """Return conditions (k_i, d) repeated to the least common multiple of their token counts.

    Exact under softmax attention: every key stands equally often, so each keeps its share.
    """
    count = math.lcm(*(condition.shape[0] for condition in conditions))
    return [condition.repeat(count // condition.shape[0], 1) for condition in conditions]


def pad_to_common(padding: Tensor, *conditions: Tensor) -> list[Tensor]:
    """Return conditions (k_i, d) with `padding` behind them, as often as the longest asks for.

    Args:
        padding: (p, d); every k_i is a multiple of p.
        conditions: at least one.
    """
    count = max(condition.shape[0] for condition in conditions)
    window = padding.shape[0]
    return [
        torch.cat([condition, padding.repeat((count - condition.shape[0]) // window, 1)])
        for condition in conditions
    ]
