"""C4: how long the window's event loop is kept, and how soon Cancel is done."""

from __future__ import annotations

import contextlib
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication

from tests.benchmarks.window_film import machine, make_film
from tests.benchmarks.window_hands import Artist, Hands
from tests.benchmarks.window_opened import OpenedFilm, pause, wait_until

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_TICK = 10  # ms
_FRAMES = 481  # of the film: it is not done before the benchmark is
_LONG = 0.03  # seconds of a gap that is looked into
_LOOKS = 0.004  # seconds between two looks at what the window does
# a process without a window beside it: what the machine itself keeps waiting
_SLEEPER = """
import sys, time
late, before = [], time.perf_counter()
sys.stdout.write("ready\\n"); sys.stdout.flush()
end = before + float(sys.argv[1])
while before < end:
    time.sleep(0.01)
    now = time.perf_counter()
    late.append(now - before)
    before = now
print(*late)
"""


def measure(place: Path, options: argparse.Namespace) -> None:
    """Print what was measured."""
    film = OpenedFilm(make_film(place / "film.imvar", _FRAMES))
    print(machine(), f"({QGuiApplication.platformName()})")
    if not options.idle:
        render(film)
    gaps(film, options.seconds, blame=options.blame)
    if not options.idle:
        assert film.desk.status.value.is_busy, "the film was rendered before the end"
        film.desk.cancel_current()
        wait_until(lambda: not film.desk.status.value.is_busy)
        cancels(film, options.cancels)
    print(machine())
    film.close()


def render(film: OpenedFilm) -> None:
    """Press Render, and Render again where the window asks; until it samples."""
    hands, window = Hands(film.window), film.window
    hands.click(window.top_bar.render_button)
    wait_until(lambda: film.desk.status.value.phase != "estimating")

    def asked() -> bool:
        message = window.messages.message
        if message is not None and message.action is not None:
            hands.click(window.messages.action_button)
        return film.desk.status.value.phase in ("inverting", "denoising", "decoding")

    wait_until(asked, 90)


class Gaps:
    """The gaps between a timer's ticks: seconds, of which the window worked, and what was done.

    What it worked does not depend on what else the machine does.
    """

    def __init__(self, artist: Artist) -> None:
        self.found: list[tuple[float, float, str]] = []
        self.last, self._worked = time.perf_counter(), time.thread_time()
        self._artist = artist
        self._timer = QTimer(interval=_TICK, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin."""
        self.last, self._worked = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> None:
        """End."""
        self._timer.stop()

    def _tick(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self.found.append((now - self.last, worked - self._worked, self._artist.act))
        self.last, self._worked = now, worked


def gaps(film: OpenedFilm, seconds: float, *, blame: bool) -> None:
    """Measure gaps while an artist works."""
    artist = Artist(film.window, film.workspace, film.session)
    watched = Gaps(artist)
    command = [sys.executable, "-c", _SLEEPER, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sleeper:
        assert sleeper.stdout is not None
        sleeper.stdout.readline()
        artist.start()
        watched.start()
        with _blamed(watched) if blame else contextlib.nullcontext():
            pause(seconds)
        watched.stop()
        artist.stop()
        beside = [float(each) for each in sleeper.communicate()[0].split()]
    _print("a process that only sleeps", beside)
    _print("the window", [gap for gap, _, _ in watched.found])
    _print("of that, what it worked", [worked for _, worked, _ in watched.found])
    for act in artist.done:
        own = [each for each in watched.found if each[2] == act]
        _print(f"  {act}, {artist.done[act]} times", [gap for gap, _, _ in own])
        _print("    of that, what it worked", [worked for _, worked, _ in own])
    longest = sorted(watched.found, reverse=True)[:8]
    said = (f"{gap * 1e3:.0f} ms ({worked * 1e3:.0f} worked) {act}" for gap, worked, act in longest)
    print("longest:", ", ".join(said))


def cancels(film: OpenedFilm, times: int) -> None:
    """Measure from the click on Cancel to the status that nothing runs."""
    draw, hands = random.Random(2), Hands(film.window)
    waits: list[float] = []
    phases: Counter[str] = Counter()
    while len(waits) < times:
        render(film)
        pause(draw.uniform(0.0, 3.0))
        phases[film.desk.status.value.phase] += 1
        ended: list[float] = []
        disconnect = film.desk.status.changed.connect(
            lambda status, ended=ended: (
                None if status.is_busy or ended else ended.append(time.perf_counter())
            )
        )
        begin = time.perf_counter()
        hands.click(film.window.top_bar.render_button)
        wait_until(lambda ended=ended: ended, 30)
        disconnect()
        waits.append(ended[0] - begin)
        assert film.desk.status.value.text == "stopped"
    _print(f"Cancel to stopped ({', '.join(f'{n} {name}' for name, n in phases.items())})", waits)


def _print(what: str, seconds: Sequence[float]) -> None:
    """Print the spread of some times."""
    if not seconds:
        return
    found = sorted(seconds)
    marks = ((0.95, "p95"), (0.99, "p99"), (0.999, "p99.9"))
    said = [f"p50 {statistics.median(found) * 1e3:.1f}"]
    said += [f"{name} {found[min(int(len(found) * q), len(found) - 1)] * 1e3:.1f}"
             for q, name in marks]  # fmt: skip
    print(f"{what}: {len(found)}; {', '.join(said)}, longest {found[-1] * 1e3:.1f} ms")


@contextlib.contextmanager
def _blamed(watched: Gaps) -> Iterator[None]:
    """Look at the window's thread while a gap is long, and print where it was."""
    ending, places = threading.Event(), Counter[str]()

    def look() -> None:
        while not ending.wait(_LOOKS):
            if time.perf_counter() - watched.last > _LONG:
                places[_where()] += 1

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    yield
    ending.set()
    thread.join()
    for where, times in places.most_common(25):
        print(f"  {times * _LOOKS * 1e3:5.0f} ms  {where}")


def _where() -> str:
    """Return what the window's thread does.

    Its frames must not outlive their functions, which would keep painters from ending: nobody
    else gets the interpreter meanwhile.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(10.0)
    frame, found = sys._current_frames().get(threading.main_thread().ident or 0), []
    while frame is not None:
        found.append((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
        frame = frame.f_back
    sys.setswitchinterval(before)
    own = [each for each in found if "/imvar_studio/" in each[0]][:4]
    names = (f"{name.rpartition('imvar_studio/')[2]}:{line} {what}" for name, line, what in own)
    return " < ".join(names) or str(found[:1])
