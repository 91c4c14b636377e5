"""Previews: latents to colours by one matrix, so that looking costs next to nothing.

A VAE's latents are nearly a linear image of the picture at a fraction of its size. The matrix is
fitted for each VAE: coloured scenes are encoded, and their pixels, averaged over the cells of
the latents, are regressed on the latents.

What is shown is x0, the picture that the prediction at hand means, not the noisy x: it looks
like the finished picture long before that is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812  (its name everywhere)
from diffusers import DDIMScheduler
from torch import Tensor

from imvar_studio.engine.ddim import Grid, Level, denoised
from imvar_studio.engine.pixels import encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.sampling import Predict

OnLatents = Callable[[int, int, Callable[[], Tensor]], None]
"""(step in [1, steps], steps, () -> x0 (b, c, h, w) fp32): told after every prediction."""

_SCENES, _SIDE = 16, 128
_SHAPES = 10  # of a scene
_BORDER = 2  # cells left out: near the border latents mean other colours (measured: 2 dB)
_RIDGE = 1e-4  # a trace: a VAE may have a channel that no scene moves
_LARGEST = 256  # pixels of a preview's longer side


@torch.inference_mode()
def fit(bundle: Bundle) -> Tensor:
    """Return the matrix (c + 1, 3) fp32 on the CPU that leads from (latents, 1) to RGB.

    RGB is sRGB in [0, 1]. The same VAE gives the same matrix.
    """
    latents, colours = [], []
    for seed in range(_SCENES):
        picture = scene(seed)
        code = encode(bundle, picture)[0].cpu()
        cells = F.adaptive_avg_pool2d(picture, (code.shape[1], code.shape[2]))
        latents.append(_with_one(_inner(code)))
        colours.append(_inner(cells).flatten(1).T)
    x, y = torch.cat(latents).double(), torch.cat(colours).double()
    gram = x.T @ x
    gram += _RIDGE * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype)
    matrix: Tensor = torch.linalg.solve(gram, x.T @ y).float()
    return matrix


def preview(
    matrix: Tensor, latents: Tensor, shown: tuple[float, float] = (1.0, 1.0)
) -> NDArray[Any]:
    """Return a glimpse (h, w, 3) uint8 sRGB, its longer side 256 pixels.

    Args:
        matrix: from `fit`.
        latents: (c, h', w') of one picture, commonly its x0.
        shown: what of width and height is seen, in (0, 1]: the middle, where more is computed
            than the finished picture has.
    """
    height, width = latents.shape[1:]
    colours = (_with_one(latents.float().cpu()) @ matrix).T.unflatten(1, (height, width))
    wide, high = width * shown[0], height * shown[1]
    scale = _LARGEST / max(wide, high)
    size = round(height * scale), round(width * scale)
    large = F.interpolate(colours[None], size=size, mode="bilinear", align_corners=False)[0]
    cut_w, cut_h = max(round(wide * scale), 1), max(round(high * scale), 1)
    top, left = (size[0] - cut_h) // 2, (size[1] - cut_w) // 2
    cut = large[:, top : top + cut_h, left : left + cut_w]
    pixels = cut.clamp(0, 1).mul(255).round().to(torch.uint8)
    return pixels.permute(1, 2, 0).contiguous().numpy()


def scene(seed: int) -> Tensor:
    """Return a picture (3, 128, 128) fp32 in [0, 1]: shapes of all colours over a gradient."""
    draw = torch.Generator("cpu").manual_seed(seed)

    def random(*shape: int) -> Tensor:
        return torch.rand(shape, generator=draw)

    corners = random(1, 3, 2, 2)
    picture = F.interpolate(corners, size=(_SIDE, _SIDE), mode="bilinear", align_corners=True)[0]
    y, x = torch.meshgrid(*[torch.linspace(0, 1, _SIDE)] * 2, indexing="ij")
    for number in range(_SHAPES):
        middle, radius = random(2), 0.05 + 0.2 * random(1)
        away_x, away_y = (x - middle[0]).abs(), (y - middle[1]).abs()
        disc = number % 2 == 0
        away = (away_x**2 + away_y**2).sqrt() if disc else torch.maximum(away_x, away_y)
        inside = ((radius - away) * _SIDE).clamp(0, 1)  # an edge of one pixel
        colour = random(3, 1, 1) + 0.2 * (random(1, 1, 1) - 0.5) * torch.sin(60 * random(1) * x)
        picture = picture + inside * (colour - picture)
    return picture.clamp(0, 1)


class Watched:
    """Predicts as `predict` does and tells `on_latents`; x0 is made only where it is asked for.

    Args:
        predict: the guided UNet.
        steps: predictions that a run asks for.
        scheduler_config: the model's own.
        on_latents: may raise, commonly `Cancelled`.
    """

    def __init__(
        self,
        predict: Predict,
        steps: int,
        scheduler_config: dict[str, Any],
        on_latents: OnLatents,
    ) -> None:
        self._predict = predict
        self._steps = steps
        self._config = scheduler_config
        self._on_latents = on_latents
        self._step = 0

    def __call__(self, x: Tensor, timestep: Tensor) -> Tensor:
        """Return the prediction (b, c, h, w) fp32 at `x`."""
        prediction = self._predict(x, timestep)
        self._step += 1
        self._on_latents(
            self._step, self._steps, lambda: x0_of(self._config, prediction, x, timestep)
        )
        return prediction


def x0_of(config: dict[str, Any], prediction: Tensor, x: Tensor, timestep: Tensor) -> Tensor:
    """Return the clean latents (b, c, h, w) that a prediction at `x` means.

    Args:
        config: of the model's scheduler.
        prediction: (b, c, h, w).
        x: what the UNet was shown; every sampler shows it alpha x0 + sigma eps.
        timestep: a scalar or (b,); one between two timesteps of the schedule counts as the nearer.
    """
    if timestep.ndim:
        rows = zip(prediction.split(1), x.split(1), timestep, strict=True)
        return torch.cat([x0_of(config, part, own, t) for part, own, t in rows])
    scheduler: Any = DDIMScheduler.from_config(config)
    kind = scheduler.config.prediction_type
    level = Level.of(float(scheduler.alphas_cumprod[round(float(timestep))]))
    return denoised(Grid((), (), kind, None), prediction, x, level)[0]


def _inner(cells: Tensor) -> Tensor:
    return cells[:, _BORDER:-_BORDER, _BORDER:-_BORDER]


def _with_one(latents: Tensor) -> Tensor:
    """Return (h w, c + 1) of latents (c, h, w), a 1 behind each cell's channels."""
    cells = latents.flatten(1).T
    return torch.cat([cells, torch.ones(len(cells), 1)], dim=1)
