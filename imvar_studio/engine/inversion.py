"""DDIM inversion: from a picture's latents to the noise that DDIM leads back from.

Plain inversion runs DDIM backwards, taking the prediction at the cleaner latents for the one
at the noisier ones. The fixed-point form solves each step, x_t such that one DDIM step from
x_t gives x_(t-1). Plain iteration contracts slowly (by 0.7 a step at low noise) and diverges
for some pictures; so it is accelerated by Anderson mixing, and begins from the predictions of
the two steps before, extrapolated. With 79 UNet evaluations the starter's pictures come back
at 48-57 dB where plain fixed-point iteration with 75 gave 26-40 (measured on two photographs
and two drawings).

Sources: Song, Meng, Ermon 2021 (section 4.3); Pan et al. 2023, "Effective real image editing
with accelerated iterative diffusion inversion"; Walker, Ni 2011, "Anderson acceleration for
fixed-point iterations"; diffusers' DDIMInverseScheduler for the plain form's discretisation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from imvar_studio.engine.ddim import Grid, Level, denoised

if TYPE_CHECKING:
    from torch import Tensor

    from imvar_studio.engine.sampling import Hook, Predict


MEMORY = 2  # earlier iterates that Anderson mixing looks back on


def invert_plain(x: Tensor, grid: Grid, predict: Predict, hook: Hook | None = None) -> Tensor:
    """Return latents by DDIM inversion as published: one evaluation a step.

    Args:
        x: (b, c, h, w) fp32, clean latents.
        grid: the grid that sampling will use.
        predict: the UNet at guidance 1 under the inversion's look.
        hook: called after each step with how many were done before.

    Returns:
        (b, c, h, w) fp32 at the grid's noisiest level.
    """
    for done, place in enumerate(reversed(range(len(grid.timesteps)))):
        t = torch.tensor(grid.timesteps[place], device=x.device)
        noisier, cleaner = grid.levels[place], grid.levels[place + 1]
        x0, eps = denoised(grid, predict(x, t), x, cleaner)
        x = noisier.alpha * x0 + noisier.sigma * eps
        x = x if hook is None else hook(done, x)
    return x


def invert_fixed_point(
    x: Tensor, grid: Grid, predict: Predict, evaluations: int, hook: Hook | None = None
) -> Tensor:
    """Return latents from which DDIM at eta 0 on `grid` leads to `x`.

    Args:
        x: (1, c, h, w) fp32, clean latents of one picture.
        grid: the grid that sampling will use.
        predict: the UNet at guidance 1 under the inversion's look.
        evaluations: a step; the first step, where the iteration contracts least, has twice as
            many and one more (`fixed_point_evaluations`).
        hook: called after each step with how many were done before.

    Returns:
        (1, c, h, w) fp32 at the grid's noisiest level.
    """

    def evaluate(x: Tensor, place: int) -> Tensor:
        prediction = predict(x, torch.tensor(grid.timesteps[place], device=x.device))
        if grid.prediction != "sample":
            return prediction
        # as v, whose fixed point contracts at every level; x0's own does not near the clean end
        level = grid.levels[place]
        return (level.alpha * x - prediction) / level.sigma

    last = len(grid.timesteps) - 1
    predictions = [evaluate(x, last)]
    for done, place in enumerate(reversed(range(len(grid.timesteps)))):
        noisier, cleaner = grid.levels[place], grid.levels[place + 1]
        prediction = _extrapolated(predictions)
        iterates: list[tuple[Tensor, Tensor]] = []
        guess = _solve(grid.prediction, prediction, x, noisier, cleaner)
        for _ in range(evaluations * 2 if place == last else evaluations):
            prediction = evaluate(guess, place)
            iterates.append((guess, _solve(grid.prediction, prediction, x, noisier, cleaner)))
            guess = _anderson(iterates[-MEMORY - 1 :])
        predictions = [*predictions[-1:], prediction] if done else [prediction]
        x = guess if hook is None else hook(done, guess)
    return x


def fixed_point_evaluations(steps: int, evaluations: int) -> int:
    """Return the UNet evaluations that `invert_fixed_point` runs."""
    return (steps + 1) * evaluations + 1


def _extrapolated(predictions: list[Tensor]) -> Tensor:
    if len(predictions) == 1:
        return predictions[0]
    before, last = predictions
    return 2 * last - before


def _anderson(iterates: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Return the next guess from pairs (x, G(x)): the mix whose residual is least."""
    newest = iterates[-1][1]
    if len(iterates) == 1:
        return newest
    # on the CPU: Apple's GPUs have no fp64, and three vectors cost next to nothing
    outputs = torch.stack([output for _, output in iterates]).flatten(1).cpu().double()
    guesses = torch.stack([guess for guess, _ in iterates]).flatten(1).cpu().double()
    residuals = outputs - guesses
    steps, moves = residuals.diff(dim=0), outputs.diff(dim=0)
    gram = steps @ steps.T
    # a trace of damping: two steps may be nearly parallel
    gram += 1e-8 * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype)
    shares = torch.linalg.lstsq(gram, (steps @ residuals[-1])[:, None]).solution[:, 0]
    mixed: Tensor = (outputs[-1] - shares @ moves).reshape(newest.shape).float()
    return mixed.to(newest.device)


def _solve(kind: str, prediction: Tensor, x: Tensor, noisier: Level, cleaner: Level) -> Tensor:
    """Return x_t from which one DDIM step with `prediction` gives `x`."""
    a, s, b, r = noisier.alpha, noisier.sigma, cleaner.alpha, cleaner.sigma
    if kind == "epsilon":
        return a / b * (x - r * prediction) + s * prediction
    # x = (ab + sr) x_t + (ar - bs) v
    return (x - (a * r - b * s) * prediction) / (a * b + s * r)
