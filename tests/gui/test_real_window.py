"""The real program in a real window: an X server, a window manager, and what a hand does.

Everything else is tested without a screen; here the program is started as a person starts it,
in a process of its own, and hears of the mouse and the keyboard only what X tells it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.store.places import bundled_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOOLS = ("Xvfb", "openbox", "xdotool")
LACKING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(
    bool(LACKING), reason=f"a real window needs {', '.join(LACKING)} on the path"
)

SCREEN = "1800x1200x24"
LONG = 30.0  # seconds that anything may take on a busy machine
BETWEEN = 0.05  # seconds between two looks

WINDOW = (1600, 1000)  # px
# what is clicked, in px from the window's upper left corner, of the layout that it has at first
KEY_1S, KEYS_Y = 549, 698  # the keyframe at 1 s, in the row of keyframes
SECOND = 338  # px a second where the film of 4 s fills the timeline
PROMPT = (1400, 150)  # in the inspector


class Hand:
    """A screen with a window manager, and the mouse and keyboard at it.

    Attributes:
        window: the id of the window that is used; the mouse moves in its px.
    """

    def __init__(self, display: str) -> None:
        self.env = dict(os.environ, DISPLAY=display)
        self.window = ""

    def do(self, *words: object) -> str:
        """Have xdotool do something; returns what it prints."""
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONG,
        )
        return done.stdout.strip()

    def find(self, title: str) -> str:
        """Return the id of the window of this title, once it is seen; else ""."""
        return self.do("search", "--onlyvisible", "--name", title).partition("\n")[0]

    def take(self, window: str) -> None:
        """Use a window: give it the focus and a size that is known."""
        self.window = window
        self.do("windowactivate", "--sync", window, "windowsize", window, *WINDOW)
        size = "WIDTH={}\nHEIGHT={}".format(*WINDOW)
        until(lambda: size in self.do("getwindowgeometry", "--shell", window), "the size")

    def key(self, *keys: str) -> None:
        self.do("key", *keys)

    def type(self, text: str) -> None:
        self.do("type", "--delay", 10, text)

    def to(self, x: int, y: int) -> tuple[object, ...]:
        return "mousemove", "--window", self.window, x, y

    def click(self, x: int, y: int) -> None:
        self.do(*self.to(x, y), "click", 1)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press, move in eight steps, let go."""
        moves: list[object] = []
        for n in range(1, 9):
            moves += self.to(*(a + (b - a) * n // 8 for a, b in zip(start, end, strict=True)))
        self.do(*self.to(*start), "mousedown", 1, *moves, "mouseup", 1)


def until(look: Callable[[], Any], what: str) -> Any:
    """Look again and again until something is true, and return it; fail when it takes long."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        select.select([], [], [], BETWEEN)
    pytest.fail(f"not within {LONG:g} s: {what}")


@contextlib.contextmanager
def running(words: list[str], **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program, and end it with all that it started."""
    process = subprocess.Popen(words, start_new_session=True, **more)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(LONG)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(LONG)


@pytest.fixture
def hand() -> Iterator[Hand]:
    """A screen of its own, with a window manager that gives windows the focus."""
    reading, writing = os.pipe()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-noreset"]
    with running([*server, "-nolisten", "tcp"], pass_fds=(writing,), **quiet):
        os.close(writing)
        display = b""
        while not display.endswith(b"\n"):  # it writes in pieces, and dies where nobody reads
            assert select.select([reading], [], [], LONG)[0], "the X server did not start"
            piece = os.read(reading, 16)
            assert piece, "the X server ended"
            display += piece
        os.close(reading)
        found = Hand(f":{display.decode().strip()}")
        until(lambda: found.do("getdisplaygeometry"), "the X server")
        with running(["openbox"], env=found.env, **quiet):
            until(lambda: found.do("get_num_desktops").isdigit(), "the window manager")
            yield found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The sample film: keyframes at 0, 1, 2 and 3 s; the second is a prompt."""
    place = tmp_path / "night.imvar"
    shutil.copytree(bundled_folder("resources") / "samples" / "first-film.imvar", place)
    return place


def film(project: Path) -> dict[str, Any]:
    """The film as it is saved."""
    data = json.loads((project / "project.json").read_text("utf-8"))
    (found,) = data["project"]["works"]
    assert isinstance(found, dict)
    return found


def keyframes(project: Path) -> list[dict[str, Any]]:
    """The keyframes as they are saved."""
    found: list[dict[str, Any]] = film(project)["timeline"]["keyframes"]
    return found


def saved(hand: Hand, look: Callable[[], Any], what: str) -> None:
    """Have the project saved until it is so on disk."""

    def try_once() -> bool:
        hand.key("ctrl+s")
        select.select([], [], [], BETWEEN)
        return bool(look())

    until(try_once, f"saved: {what}")


def prompt_of(key: dict[str, Any]) -> str:
    (part,) = key["looks"]
    text: str = part["look"].get("text", "")
    return text


@pytest.fixture
def studio(hand: Hand, project: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program, in a home of its own, with the project open and its window in front."""
    env = {**hand.env, "IMVAR_HOME": str(tmp_path / "imvar"), "HOME": str(tmp_path)}
    env |= {"QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": "1"}
    start = "import sys; from imvar_studio.app import studio; sys.exit(studio())"
    said = (tmp_path / "said.txt").open("wb")
    with said, running([sys.executable, "-c", start, str(project)], env=env, stderr=said) as found:
        hand.take(until(lambda: hand.find("^night .* Imvar Studio$"), "the window"))
        yield found
    words = (tmp_path / "said.txt").read_text("utf-8", "replace")
    assert "Traceback" not in words, words


def test_a_film_is_changed_by_mouse_and_keyboard(
    hand: Hand, studio: subprocess.Popen[bytes], project: Path
) -> None:
    assert [key["time"] for key in keyframes(project)] == [0, 1, 2, 3]

    def marked() -> bool:
        hand.key("m")  # again and again, until the window hears the keyboard
        return bool(film(project)["timeline"].get("markers"))

    saved(hand, marked, "a marker")

    hand.drag((KEY_1S, KEYS_Y), (KEY_1S + SECOND // 2, KEYS_Y))
    saved(hand, lambda: keyframes(project)[1]["time"] != 1, "the keyframe that was dragged")
    assert keyframes(project)[1]["time"] == pytest.approx(1.5, abs=1 / 12)
    assert [key["time"] for key in keyframes(project)[2:]] == [2, 3]

    hand.key("ctrl+z")
    saved(hand, lambda: keyframes(project)[1]["time"] == 1, "the step that was undone")

    hand.click(KEY_1S, KEYS_Y)
    hand.click(*PROMPT)
    hand.key("ctrl+a")
    hand.type("an owl at night")
    saved(hand, lambda: prompt_of(keyframes(project)[1]) == "an owl at night", "the prompt")

    hand.type(" in the snow")
    hand.key("ctrl+q")
    assert studio.wait(LONG) == 0
    assert prompt_of(keyframes(project)[1]) == "an owl at night in the snow"
    assert [key["time"] for key in keyframes(project)] == [0, 1, 2, 3]
