"""Films for the window's benchmarks, and the machine in words, without torch and without Qt.

    python -m tests.benchmarks.window_film PROJECT

writes a picture for each frame of the project's film, as a render would, for its digest.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.edits import add_asset
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.project import FilmWork, Project
from imvar_studio.model.source import Asset
from imvar_studio.model.start import Noise
from imvar_studio.model.timeline import Keyframe, Timeline, Track
from imvar_studio.store.places import bundled_folder
from imvar_studio.store.project_folder import ProjectFolder

PICTURES = ("cat.jpg", "coffee.jpg", "sailboat-at-sunset.jpg", "turtle-in-a-meadow.jpg")
PROMPTS = ("a frog in a meadow", "an owl at night", "a ship in a storm")
FPS = 12


def make_film(path: Path, frames: int) -> Path:
    """Make a film of pictures and prompts in turn, 2 s apart, at 256 px, with two tracks."""
    folder = ProjectFolder.create(path, Project((FilmWork("film-1"),)))
    samples = bundled_folder("resources") / "samples" / "pictures"
    assets = [folder.add_asset(samples / name) for name in PICTURES]
    last = (frames - 1) / FPS
    times = [2.0 * n for n in range(int(last / 2.0) + 1)]
    if times[-1] < last:
        times.append(last)
    keys = []
    for n, time in enumerate(times):
        if n % 2:
            look: Picture | Prompt = Prompt(PROMPTS[n // 2 % len(PROMPTS)])
            start = Noise(n)
        else:
            look, start = Picture(Asset(assets[n // 2 % len(assets)].sha)), None
        keys.append(Keyframe(f"key-{n + 1}", time, (Weighted(look),), start=start))
    tracks = tuple(
        Track(name, Curve((CurvePoint(0.0, low), CurvePoint(last, high))))
        for name, low, high in (("guidance", 2.0, 4.0), ("jitter", 0.0, 0.2))
    )
    project = Project((FilmWork("film-1", "Benchmark", Timeline(tuple(keys), tracks)),))
    for entry in assets:
        project = add_asset(project, entry)
    folder.save(project)
    return path


def write_frames(path: Path) -> int:
    """Write a picture of its own for every frame of the film, as large as rendered ones."""
    import numpy as np

    from imvar_studio.jobs.natural import remembered
    from imvar_studio.media.png import write_png
    from imvar_studio.model.specs import FilmSpec
    from imvar_studio.plan.film import film as plan_film
    from imvar_studio.store.models import resolve

    folder = ProjectFolder.open(path)
    (film,) = folder.load().films()
    natural = remembered("", "")
    assert natural is not None, "the machine is to be probed first"
    spec = FilmSpec(film, resolve(film.model).ref, natural.precision, natural.batch)
    size = film.settings.size
    y, x = np.mgrid[0 : size.height, 0 : size.width] / size.width
    draw = np.random.default_rng(1)
    pictures = plan_film(spec).pictures
    for n, picture in enumerate(pictures):
        at = n / len(pictures)
        waves = [np.sin(9 * x + 7 * y * (1 + c) + 6.3 * at * (c + 1)) for c in range(3)]
        pixels = 128 + 90 * np.stack(waves, -1) + draw.normal(0, 4, (size.height, size.width, 3))
        data = write_png(pixels.clip(0, 255).astype(np.uint8), text={"frame": str(n)})
        folder.frames.put(picture.digest, data)
    return len(pictures)


def machine() -> str:
    """Return the machine and its load in words."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} of the last minute"


if __name__ == "__main__":
    print(write_frames(Path(sys.argv[1])), "frames")
