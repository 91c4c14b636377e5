"""Inpainting: a part of a picture is painted anew, the rest comes back to the bit.

A UNet of 9 channels is shown the mask and the picture without the part. One of 4 channels is
not: after every step the latents of the rest are put back, at the noise level of the next one.
Either way the VAE changes pixels everywhere, so the rest is copied from the picture at the end.

Source: diffusers, `StableDiffusionInpaintPipeline`. Unlike there, latents that a mask touches at
all are painted: a stroke finer than 8 pixels would otherwise fall between them.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (its name everywhere)
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from imvar_studio.engine.framing import extend, frame, load_framed, to_tensor
from imvar_studio.model.errors import SpecError
from imvar_studio.model.source import Asset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.protocols import PictureLoader
    from imvar_studio.engine.sampler import Sampler
    from imvar_studio.engine.sampling import Hook, Predict
    from imvar_studio.engine.starts import Starts
    from imvar_studio.model.inpaint import Inpaint
    from imvar_studio.model.recipe import Recipe
    from imvar_studio.model.source import Size

_LUMA = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709
_BLACK = "#000000"  # behind a mask: nothing is painted there
_HELD = 4  # pictures in memory


@dataclass(frozen=True, slots=True)
class Known:
    """A picture that is painted in part.

    Args:
        pixels: (h, w, 3) uint8.
        opacity: (h, w, 1) fp32 in [0, 1] of what is painted.
        mask: (1, h', w') fp32, 1 at latents that are painted.
        latents: (c, h', w') fp32, clean.
        masked: (c, h', w') fp32, those of the picture with mid-grey for the part; None for a UNet
            of 4 channels.
    """

    pixels: NDArray[np.uint8]
    opacity: NDArray[np.float32]
    mask: Tensor
    latents: Tensor
    masked: Tensor | None


class Inpainter:
    """Keeps painting to the part that recipes name.

    Args:
        bundle: the model.
        load: gives assets' pixels.
        starts: encodes pictures, and keeps their latents.
    """

    def __init__(self, bundle: Bundle, load: PictureLoader, starts: Starts) -> None:
        self._bundle = bundle
        self._load = load
        self._starts = starts
        self._held: OrderedDict[tuple[Inpaint, Size, bool], Known] = OrderedDict()

    def known(self, inpaint: Inpaint, size: Size) -> Known:
        """Return a picture of `size` that is painted in part.

        Raises:
            SpecError: a mask of another size than its picture, or one that paints nothing.
        """
        key = inpaint, size, self._starts.tiled
        if key not in self._held:
            self._held[key] = self._make(inpaint, size)
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        return self._held[key]

    def around(
        self, recipes: Sequence[Recipe], sampler: Sampler, noise: Tensor, predict: Predict
    ) -> tuple[Predict, tuple[Hook, ...]]:
        """Return what predicts, and what follows every step, where pictures are painted in part.

        Args:
            recipes: b of them, each with `inpaint`.
            sampler: of the run.
            noise: (b, c, h, w) that they start from, on the device.
            predict: the guided UNet.
        """
        known = [self.known(each.inpaint, each.size) for each in recipes if each.inpaint]
        mask = torch.stack([each.mask for each in known]).to(noise)
        masked = [each.masked for each in known if each.masked is not None]
        if masked:
            beside = torch.cat([mask, torch.stack(masked).to(noise)], dim=1)
            return lambda x, t: predict(torch.cat([x, beside], dim=1), t), ()
        clean, last = (
            torch.stack([each.latents for each in known]).to(noise),
            len(sampler.timesteps),
        )

        def put_back(step: int, x: Tensor) -> Tensor:
            rest = clean if step + 1 == last else sampler.noised(clean, noise, step + 1)
            return (1 - mask) * rest + mask * x

        return predict, (put_back,)

    def composite(self, painted: NDArray[Any], recipe: Recipe) -> NDArray[Any]:
        """Return `painted` (h, w, 3) uint8 over the picture it is a part of, as it was around."""
        if recipe.inpaint is None:
            return painted
        known = self.known(recipe.inpaint, recipe.size)
        below = known.pixels.astype(np.float32)
        whole = below + known.opacity * (painted.astype(np.float32) - below)
        return whole.round().astype(np.uint8)

    def _make(self, inpaint: Inpaint, size: Size) -> Known:
        picture = load_framed(inpaint.source, size, self._load)
        mask = load_mask(inpaint, size, self._load)
        whole = extend(mask[None].float(), self._bundle.working_size(size))
        _, height, _ = self._bundle.latent_shape(self._bundle.working_size(size))
        cell = whole.shape[1] // height
        masked = None
        if self._bundle.card.inpainting:
            grey = torch.where(mask, 0.5, picture)
            masked = self._starts.latents_of(replace(inpaint, feather=0.0), size, lambda: grey)
        pixels = picture.mul(255).round().to(torch.uint8).permute(1, 2, 0).contiguous()
        return Known(
            pixels.numpy(),
            opacity(mask.numpy(), inpaint.feather),
            F.max_pool2d(whole, cell),
            self._starts.latents_of(inpaint.source, size, lambda: picture),
            masked,
        )


def load_mask(inpaint: Inpaint, size: Size, load: PictureLoader) -> Tensor:
    """Return what is painted of a picture of `size`: (h, w) bool.

    Raises:
        SpecError: a mask of another size than its picture, or one that paints nothing.
    """
    source, mask = inpaint.source, inpaint.mask
    if not isinstance(source, Asset) or not isinstance(mask, Asset):
        raise SpecError("a picture and its mask must be assets of the project", "mask")
    pixels = load(mask.sha, _BLACK)
    own, wanted = (
        f"{each.shape[1]}x{each.shape[0]}"
        for each in (pixels, load(source.sha, source.framing.background))
    )
    if own != wanted:
        raise SpecError(
            f"the mask has {own} pixels, its picture {wanted}", "mask", f"give a mask of {wanted}"
        )
    luma = (to_tensor(pixels) * torch.tensor(_LUMA)[:, None, None]).sum(0)
    framing = replace(source.framing, background=_BLACK)
    painted = frame(luma.expand(3, -1, -1), size, framing)[0] > 0.5
    if not painted.any():
        raise SpecError(
            "the mask paints nothing of the picture as it is framed",
            "mask",
            "make white what is to be painted anew",
        )
    return painted


def opacity(mask: NDArray[np.bool_], feather: float) -> NDArray[np.float32]:
    """Return how opaque each pixel's new paint is: (h, w, 1) fp32 in [0, 1].

    It is 0 outside of the mask and rises linearly with the distance to it: `feather` pixels
    inside it is full.

    Args:
        mask: (h, w), where to paint.
        feather: pixels, from 0.
    """
    if mask.all():
        return np.ones((*mask.shape, 1), np.float32)
    distance = distance_transform_edt(mask)
    inside: NDArray[np.float32] = np.minimum(distance / (feather + 1), 1).astype(np.float32)
    return inside[..., None]
