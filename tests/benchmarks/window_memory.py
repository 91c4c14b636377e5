"""What the window's process holds: a film of 240 frames played and scrubbed, and many edits."""

from __future__ import annotations

import gc
import random
import statistics
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from imvar_studio.model import keyframe_edits, timeline_edits
from imvar_studio.model.curve import Easing
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.timeline import Marker
from tests.benchmarks.window_film import FPS, machine, make_film
from tests.benchmarks.window_hands import Artist
from tests.benchmarks.window_opened import OpenedFilm, pause, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.model.timeline import Timeline

    Edit = tuple[str, Callable[[Timeline], Timeline]]

_FRAMES = 240
_WARM_UP = 1000  # edits: then its bounded caches are full
_EVERY = 100  # edits between two looks at the memory
_MIB = 1 << 20


def measure(place: Path, edits: int) -> None:
    """Print what was measured."""
    path = make_film(place / "film.imvar", _FRAMES)
    film = OpenedFilm(path)
    print(machine(), f"({QGuiApplication.platformName()})")
    print(f"{_held():.0f} MiB with the film open, nothing rendered")
    # in another process: what writes pictures is no part of the window
    subprocess.run([sys.executable, "-m", "tests.benchmarks.window_film", str(path)], check=True)
    assert film.desk.planner is not None
    film.desk.planner.plan()
    wait_until(lambda: film.session.frames.is_complete)
    played(film)
    edited(film, edits)
    compared(film)
    print(machine())
    film.close()


def played(film: OpenedFilm) -> None:
    """Play the film twice through and scrub it."""
    print(f"{_held():.0f} MiB with {film.session.frames.rendered} frames rendered")
    playing = film.workspace.stage.playing
    film.session.seek(0.0)
    playing.play()
    pause(2 * _FRAMES / FPS + 0.5)
    playing.stop()
    print(f"{_held():.0f} MiB after playing it twice, {playing.dropped} frames dropped")
    artist = Artist(film.window, film.workspace, film.session)
    for _ in range(2):
        for wait in artist.scrub():
            pause(wait / 1000)
    print(f"{_held():.0f} MiB after scrubbing; the most it ever held was {_most():.0f} MiB")


def edited(film: OpenedFilm, edits: int) -> None:
    """Make random edits and take each back; say how the memory grows."""
    draw, held = random.Random(3), []
    for number in range(_WARM_UP + edits + 1):
        if number >= _WARM_UP and (number - _WARM_UP) % _EVERY == 0:
            pause(1.0)  # plans and recovery files are written beside it
            gc.collect()
            held.append(_held())
        name, change = _random_edit(film.session.timeline, draw)
        before = film.session.timeline
        assert film.session.edit(name, change)
        QApplication.processEvents()
        film.session.document.undo()
        assert film.session.timeline is before
        QApplication.processEvents()
    steps = [float(n * _EVERY) for n in range(len(held))]
    slope, start = statistics.linear_regression(steps, held)
    noise = statistics.pstdev(y - start - slope * x for x, y in zip(steps, held, strict=True))
    print(f"{edits} edits, each taken back, after {_WARM_UP}: {held[0]:.1f} MiB before, "
          f"{held[-1]:.1f} after; {slope * 1000:+.2f} MiB per 1,000 by a line through "
          f"{len(held)} looks, which lie {noise:.2f} MiB around it")  # fmt: skip
    print("  ", ", ".join(f"{each:.1f}" for each in held))


def compared(film: OpenedFilm) -> None:
    """Compare what the stage shows of each frame with the frame's file."""
    import numpy as np  # after memory was looked at
    from PIL import Image

    stage, session = film.workspace.stage, film.session
    for frame in range(_FRAMES):
        session.seek_frame(frame)
        path = session.frames.path(frame)
        assert path is not None
        wait_until(lambda path=path: stage.playing.look_ahead.image(path) is not None)
        image = stage.source.content.image
        assert image is not None
        shown = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
        with Image.open(path) as picture:
            written = np.asarray(picture.convert("RGB"))
        assert stage.source.shown.path == path
        assert np.array_equal(shown[..., 2::-1], written), f"frame {frame} is shown otherwise"
    print(f"all {_FRAMES} frames are shown as they lie on the disk, bit for bit")


def _random_edit(timeline: Timeline, draw: random.Random) -> Edit:
    """Return an edit's name and what it does."""
    keys = timeline.keyframes
    key = draw.choice(keys[1:-1])
    number, ids = draw.randrange(1 << 30), {key.id}
    prompt = (Weighted(Prompt(f"a picture of {number}")),)
    bent = replace(key.transition, easing=Easing(draw.choice(("linear", "sine-in-out"))))
    at = draw.uniform(0.1, keys[-1].time)
    edits: list[Edit] = [
        ("Move", lambda line: keyframe_edits.move(line, ids, draw.choice((-3, 3, 5)) / FPS)),
        ("Prompt", lambda line: keyframe_edits.set_looks(line, ids, prompt)),
        ("Seed", lambda line: keyframe_edits.set_seed(line, ids, number)),
        ("Transition", lambda line: keyframe_edits.set_transition(line, ids, bent)),
        ("Guidance", lambda line: keyframe_edits.set_guidance(line, ids, number % 9)),
        ("Marker", lambda line: timeline_edits.put_marker(line, Marker(at, str(number)))),
        ("Delete", lambda line: keyframe_edits.remove(line, ids)),
        ("Copy", lambda line: keyframe_edits.duplicate(line, ids, 1 / FPS)[0]),
    ]
    return draw.choice(edits)


def _held() -> float:
    return float(psutil.Process().memory_info().rss / _MIB)


def _most() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
