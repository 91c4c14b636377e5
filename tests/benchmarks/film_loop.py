"""C1: a film's render loop with decode and encode, against a plain diffusers loop.

    python tests/benchmarks/film_loop.py [--frames 32] [--pairs 5]

Both sides make the same 32 frames (three prompts, conditions and latents interpolated) with the
starter at 256 px, 12 DPM-Solver++ 2M steps, guidance 3, and write them to an mp4. Start-up,
embeddings and file names are outside the clock. The plain loop is what a script does: one frame
a call. It runs in fp32, and in the precision that ours chooses.
"""

from __future__ import annotations

import argparse
import math
import resource
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler
from diffusers.models.attention_processor import AttnProcessor2_0
from harness import hardware, interleave, matrix_peak

from imvar_studio.engine.conditioning import Conditioning
from imvar_studio.engine.device import Compute, choose_compute
from imvar_studio.engine.library import load_bundle
from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.starts import Starts
from imvar_studio.engine.tensor_cache import TensorCache
from imvar_studio.engine.towers import Towers
from imvar_studio.media.video import write_video
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.start import Noise
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.plan.film import film
from imvar_studio.plan.plan import Plan, chunks
from imvar_studio.store.models import resolve

if TYPE_CHECKING:
    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.recipe import Recipe

STEPS, GUIDANCE = 12, 3.0
UNET_FLOP, DECODE_FLOP = 14e9, 33e9  # a sample of the starter at 256 px
PROMPTS = ("a frog in a meadow", "a fox in the snow", "a red apple on a wooden table")


def make_plan(frames: int, spec_precision: str, batch: int) -> Plan:
    keys = tuple(
        Keyframe(f"key-{n}", float(n), (Weighted(Prompt(text)),), Noise(n))
        for n, text in enumerate(PROMPTS)
    )
    settings = FilmSettings(fps=Fraction(frames - 1, 2), steps=STEPS, guidance=GUIDANCE)
    work = FilmWork("film", timeline=Timeline(keys), settings=settings)
    return film(FilmSpec(work, resolve("starter").ref, spec_precision, batch))


class Inputs:
    """The start latents (c, h, w) and the condition (1, d) of a recipe."""

    def __init__(self, bundle: Bundle) -> None:
        cache = TensorCache(None, bundle.card.ref, "benchmark")
        towers = Towers(bundle, load=None, cache=cache)
        self._conditioning = Conditioning(towers, load=None)
        self._starts = Starts(bundle, self._conditioning, load=None, cache=cache)

    @torch.inference_mode()
    def __call__(self, recipe: Recipe) -> tuple[torch.Tensor, torch.Tensor]:
        condition = self._conditioning.evaluate(recipe.looks[0].look, recipe.size)
        return self._starts.latents(recipe), condition


class Stock:
    """A plain diffusers loop, one frame a call."""

    def __init__(self, precision: str, plan: Plan, inputs: Inputs) -> None:
        self._bundle = load_bundle(resolve("starter"), Compute(torch.device("cpu"), precision))
        # a script has neither our attention nor our memory layout
        self._bundle.unet.set_attn_processor(AttnProcessor2_0())
        self._bundle.unet.to(memory_format=torch.contiguous_format)
        self._bundle.vae.to(memory_format=torch.contiguous_format)
        self._inputs = [inputs(picture.recipe) for picture in plan.pictures]

    @torch.inference_mode()
    def frames(self) -> list[np.ndarray]:
        return [self._frame(x, condition) for x, condition in self._inputs]

    def _frame(self, x: torch.Tensor, condition: torch.Tensor) -> np.ndarray:
        dtype, bundle = self._bundle.compute.dtype, self._bundle
        scheduler = DPMSolverMultistepScheduler.from_config(
            bundle.scheduler_config, timestep_spacing="trailing", algorithm_type="dpmsolver++"
        )
        scheduler.set_timesteps(STEPS)
        x = x[None] * scheduler.init_noise_sigma
        both = torch.stack([torch.zeros_like(condition), condition]).to(dtype)
        for t in scheduler.timesteps:
            scaled = scheduler.scale_model_input(torch.cat([x, x]), t).to(dtype)
            unconditional, conditional = bundle.unet(scaled, t, both).sample.float().chunk(2)
            guided = unconditional + GUIDANCE * (conditional - unconditional)
            x = scheduler.step(guided, t, x).prev_sample
        decoded = bundle.vae.decode((x / bundle.vae.config.scaling_factor).to(dtype)).sample
        pixels = (decoded.float() / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)[0]
        return (pixels * 255).round().to(torch.uint8).numpy()


def ours_frames(renderer: Renderer, plan: Plan) -> list[np.ndarray]:
    frames: list[np.ndarray] = []
    for chunk in chunks(plan):
        recipes = [picture.recipe for picture in chunk]
        frames += renderer.render(recipes, plan.batch, range(len(chunk)))
    return frames


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return 99.0 if error == 0 else 10 * math.log10(255**2 / error)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--pairs", type=int, default=5)
    args = parser.parse_args()
    compute = choose_compute("cpu")
    plan = make_plan(args.frames, compute.precision, compute.batch)
    bundle = load_bundle(resolve("starter"), compute)
    renderer = Renderer(bundle, load=None)  # no pictures
    inputs = Inputs(bundle)
    stock = {p: Stock(p, plan, inputs) for p in dict.fromkeys(("fp32", compute.precision))}
    kept: dict[str, list[np.ndarray]] = {}

    def to_film(name: str, frames: list[np.ndarray]) -> None:
        kept[name] = frames
        with tempfile.TemporaryDirectory() as folder:
            write_video(frames, Path(folder) / "film.mp4", fps=Fraction(12), metadata={})

    ours = f"ours, {compute.precision}, batch {compute.batch}"
    sides = {ours: lambda: to_film(ours, ours_frames(renderer, plan))}
    for precision, loop in stock.items():
        name = f"plain loop, {precision}"
        sides[name] = lambda name=name, loop=loop: to_film(name, loop.frames())
    times = interleave(sides, args.pairs)

    print(f"\n{hardware()}; {args.frames} frames, {STEPS} steps, {args.pairs} runs a side")
    flop = args.frames * (2 * STEPS * UNET_FLOP + DECODE_FLOP)
    peak = matrix_peak(compute.dtype, compute.device)
    print(
        f"share of the matrix-product peak ({peak / 1e9:.0f} GFLOP/s {compute.precision}): "
        f"{flop / times[ours].median / peak:.0%}"
    )
    print(
        f"peak memory of all sides together: "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB"
    )
    print("| side | median | spread | ours is faster by | PSNR of ours to it, least |")
    print("| --- | --- | --- | --- | --- |")
    for name, timing in times.items():
        least = min(psnr(a, b) for a, b in zip(kept[ours], kept[name], strict=True))
        print(
            f"| {name} | {timing.median:.2f} s | {timing.spread} | "
            f"{timing.median / times[ours].median:.2f}x | {least:.1f} dB |"
        )


if __name__ == "__main__":
    main()
