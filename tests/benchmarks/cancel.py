"""C4, a part: the time from a request to stop to `Cancelled`, at random moments of each phase.

    python tests/benchmarks/cancel.py [--trials 40] [--precision bf16] [--steps-only]

The starter at 256 px, chunks of 4. The model is loaded and warm; the request is a time that has
come, so that delivering it is not part of what is measured. `--steps-only` leaves out the checks
within the model: what it would be with a check at every step. The pictures are compared before
and after.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from harness import hardware

from imvar_studio.engine.device import choose_compute
from imvar_studio.engine.interruptible import interruptible
from imvar_studio.engine.library import load_bundle
from imvar_studio.engine.pixels import decode
from imvar_studio.engine.renderer import Renderer
from imvar_studio.media.image_io import read_picture
from imvar_studio.media.png import write_png
from imvar_studio.media.video import write_video
from imvar_studio.model.errors import Cancelled
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import InversionSpec, Inverted, Noise
from imvar_studio.store.models import resolve
from imvar_studio.store.places import bundled_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imvar_studio.engine.bundle import Bundle

SIZE, BATCH = Size(256, 256), 4
FILM_FRAMES = 96


class Request:
    """A check that raises once a moment has come."""

    def __init__(self) -> None:
        self.at = float("inf")

    def __call__(self, *_: object) -> None:
        if time.perf_counter() >= self.at:
            raise Cancelled


def load_cat(sha: str, background: str) -> np.ndarray:
    return read_picture(bundled_folder("resources") / "samples" / "pictures" / "cat.jpg")


def chunk(bundle: Bundle, steps: int) -> list[Recipe]:
    precision = bundle.compute.precision
    return [
        Recipe(bundle.card.ref, (Weighted(Prompt(f"a cat, {n}")),), Noise(n), SIZE, steps,
               precision=precision)
        for n in range(BATCH)
    ]  # fmt: skip


def phases(bundle: Bundle, folder: Path, request: Request) -> dict[str, Callable[[], object]]:
    """Return each phase as the jobs run it, asking `request` where they ask their context."""
    renderer = Renderer(bundle, load_cat)
    picture = Asset("ab" * 32)
    start = Inverted(picture, InversionSpec(steps=5))
    led_back = Recipe(
        bundle.card.ref, (Weighted(Picture(picture)),), start, SIZE, 5, sampler="ddim",
        precision=bundle.compute.precision,
    )  # fmt: skip
    latents = torch.randn(BATCH, *bundle.latent_shape(SIZE))
    recipes = chunk(bundle, 4)
    files = [folder / f"{n}.png" for n in range(4)]
    for file, pixels in zip(files, renderer.render(recipes, BATCH, range(BATCH)), strict=True):
        file.write_bytes(write_png(pixels, text={}))

    def invert() -> None:
        Renderer(bundle, load_cat).prepare([led_back], request)  # a new one has nothing cached

    def frames() -> Iterator[np.ndarray]:
        for number in range(FILM_FRAMES):
            yield read_picture(files[number % 4])
            request()

    def film() -> None:
        path = folder / "film.mp4"
        write_video(frames, path, fps=Fraction(12), metadata={}, overwrite=True, check=request)

    @torch.inference_mode()
    def decoded() -> None:
        decode(bundle, latents, SIZE)

    return {
        "inversion": invert,
        "denoising": lambda: renderer.latents(recipes, request),
        "decoding": decoded,
        "encoding (ffmpeg)": film,
    }


def latencies(run: Callable[[], object], request: Request, trials: int) -> list[float]:
    """Return the seconds from requests to their being honoured, or to the phase's end."""
    draw = random.Random(1)
    run()
    begin = time.perf_counter()
    run()
    whole = time.perf_counter() - begin
    found: list[float] = []
    while len(found) < trials:
        request.at = time.perf_counter() + draw.uniform(0, whole)
        with suppress(Cancelled):
            run()
        waited = time.perf_counter() - request.at
        request.at = float("inf")
        if waited >= 0:  # else it was over before the request
            found.append(waited)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--precision")
    parser.add_argument("--steps-only", action="store_true")
    args = parser.parse_args()
    compute = choose_compute("cpu", args.precision)
    bundle = load_bundle(resolve("starter"), compute)
    request = Request()
    recipes = chunk(bundle, 2)
    before = Renderer(bundle, load_cat).render(recipes, BATCH, range(BATCH))
    print(f"{hardware()}, {compute.precision}; {args.trials} requests a phase")
    print("| phase | p50 | p95 | longest |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        for phase, run in phases(bundle, Path(name), request).items():
            if args.steps_only:
                times = latencies(run, request, args.trials)
            else:
                with interruptible(bundle, request):
                    times = latencies(run, request, args.trials)
            p50, p95, most = np.quantile(times, [0.5, 0.95, 1]) * 1000
            print(f"| {phase} | {p50:.0f} ms | {p95:.0f} ms | {most:.0f} ms |", flush=True)
    after = Renderer(bundle, load_cat).render(recipes, BATCH, range(BATCH))
    same = all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    print(f"pictures before and after: {'equal to the bit' if same else 'DIFFERENT'}")


if __name__ == "__main__":
    main()
