"""Seconds to plan a film of 10,000 frames, with all digests.

    python tests/benchmarks/plan_film.py

Prints one line a film: the least of three runs. The aim is under 2 s (one core).
"""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction

from imvar_studio.model.curve import Curve, CurvePoint, Easing
from imvar_studio.model.look import Edit, Picture, Prompt, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Asset
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.timeline import Keyframe, Timeline, Track, Transition
from imvar_studio.plan.film import film

FRAMES, KEYS, RUNS = 10_000, 41, 3
RAMP = Curve((CurvePoint(0, 0.1), CurvePoint(300, 0.9, Easing("sine-in-out"))))


def prompts() -> FilmSpec:
    """Return a walk through prompts, eased."""
    looks = [Prompt(f"an owl in the snow, take {i}") for i in range(KEYS)]
    return _spec([(Weighted(look),) for look in looks], ())


def pictures() -> FilmSpec:
    """Return a walk through pictures, each inverted."""
    looks = [Picture(Asset(f"{i:064x}")) for i in range(KEYS)]
    return _spec([(Weighted(look),) for look in looks], ())


def tracked() -> FilmSpec:
    """Return edits of prompts in ensembles, with every track there is."""
    looks = [Edit(Prompt(f"owl {i}"), "day", "night", 0.5) for i in range(KEYS)]
    tracks = [
        Track(name, RAMP) for name in ("guidance", "eta", "embedding-strength", "edit-amount")
    ]
    spec = _spec([(Weighted(look), Weighted(Prompt("snow"))) for look in looks], tuple(tracks))
    settings = replace(spec.film.settings, sampler="ddim", noise_motion="walk")
    return replace(spec, film=replace(spec.film, settings=settings))


def _spec(looks: list[tuple[Weighted, ...]], tracks: tuple[Track, ...]) -> FilmSpec:
    fps = Fraction(30)
    step = FRAMES / 30 / KEYS
    move = Transition(Easing("cubic-in-out"))
    keys = [Keyframe(f"key-{i}", i * step, each, transition=move) for i, each in enumerate(looks)]
    timeline = Timeline(tuple(keys), tracks, FRAMES / 30, loop=True)
    work = FilmWork("film", "Film", timeline, FilmSettings(fps=fps))
    return FilmSpec(work, ModelRef("starter", "ab" * 32))


def main() -> None:
    """Measure and print."""
    for make in (prompts, pictures, tracked):
        spec, times = make(), []
        for _ in range(RUNS):
            begun = time.perf_counter()
            plan = film(spec)
            times.append(time.perf_counter() - begun)
        print(f"{make.__name__}: {len(plan.frames)} frames, {min(times):.2f} s")


if __name__ == "__main__":
    main()
