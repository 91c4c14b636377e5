"""A monkey at the window: any events a person could make, in an order nobody would.

The window is whole, with a project, its lanes and its files; only the render thread is a
`QuietThread`, which takes orders and does nothing, so that no worker runs. After each step of the
document its value must survive being written and read; at the end, undo must lead back to a value
that was there once, and to the first one where the history still holds it.

    python -m tests.gui.monkey --seed 1 --events 10000
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import (
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import (
    QApplication,
)

from imvar_studio.jobs.render_thread import Options
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.document import MOST_UNDO
from imvar_studio.model.project import Project
from imvar_studio.store.places import bundled_folder
from imvar_studio.ui import application
from imvar_studio.ui.application import Program
from tests.gui.monkey_hands import Hands
from tests.gui.window import SAMPLE, Files, QuietThread, Studio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.model.document import Change

_BURST = 40  # events until the window is let settle
MOST_FAULTS = 8  # that are told


class Monkey(Hands):
    """Makes events, and looks after the document.

    Args:
        studio: the window, with a project open.
        seed: of the events.
        pictures: files to drop.

    Attributes:
        steps: events so far.
        edits: steps of the document so far.
    """

    def __init__(self, studio: Studio, seed: int, pictures: Sequence[Path]) -> None:
        super().__init__(studio, seed, pictures)
        self.steps = self.edits = 0
        self._document = studio.project.document
        self._first = self._document.project
        self._seen: dict[int, Project] = {id(self._first): self._first}
        self._document.changed.connect(self._check)
        self._closer = QTimer(studio.window, interval=5)
        self._closer.timeout.connect(self._leave_menu)
        # a real drag would wait for a mouse that is not there; drops are made by themselves
        QDrag.exec = lambda *_: Qt.DropAction.IgnoreAction  # type: ignore[method-assign]

    def run(self, events: int) -> None:
        """Make events."""
        self._closer.start()
        for _ in range(events):
            self.act(self.steps)
            self.steps += 1
            if self.steps % _BURST == 0:
                self.settle()

    def end(self) -> None:
        """Let go, and undo everything."""
        self._closer.stop()
        self.settle()
        self._go_back()

    def _check(self, change: Change) -> None:
        project = change.after
        self.edits += 1
        self._seen[id(project)] = project
        data = json.loads(json.dumps(encode(project)))
        if decode(data, Project) != project:
            self.faults.append(f"not what it is once read again, after {list(self.last)[-3:]}")

    def _go_back(self) -> None:
        """Undo everything: to the first value, or to one that was there once."""
        document = self._document
        canvas = self.studio.timeline.canvas
        canvas.cancel()
        while document.can_undo:
            document.undo()
        if len(document.steps) <= MOST_UNDO and document.project != self._first:
            self.faults.append("undoing everything does not lead to the first value")
        if self._seen.get(id(document.project)) is not document.project:
            self.faults.append("the oldest value was never there")
        while document.can_redo:
            document.redo()
        if self._seen.get(id(document.project)) is not document.project:
            self.faults.append("the newest value was never there")


class Watch:
    """Hears what Python and Qt complain of.

    Attributes:
        heard: exceptions with their tracebacks, and Qt's warnings.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        sys.excepthook = lambda *raised: self.heard.append("".join(format_exception(*raised)))
        qInstallMessageHandler(self._hear_qt)

    def _hear_qt(self, kind: QtMsgType, context: object, text: str) -> None:
        del context
        if kind != QtMsgType.QtDebugMsg and not text.startswith("This plugin does not support"):
            self.heard.append(f"Qt: {text}")


def main() -> None:
    """Let a monkey at a window of its own, and tell what it broke."""
    faulthandler.enable()
    asked = argparse.ArgumentParser(description="Let a monkey at the window.")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--events", type=int, default=10_000)
    wanted = asked.parse_args()
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        home = Path(place) / "person"
        shutil.copytree(bundled_folder("resources") / "samples" / SAMPLE, home / SAMPLE)
        patch.setenv("IMVAR_HOME", str(home / "imvar"))
        patch.setattr(Path, "home", lambda: home)
        patch.setattr(application, "RenderThread", QuietThread)
        Files(patch)
        watch = Watch()
        app = QApplication(["monkey"])
        program = Program(app, None, Options())  # type: ignore[arg-type]
        studio = Studio(program, home)
        program.start(str(home / SAMPLE))
        studio.until(lambda: studio.has(home / SAMPLE))
        studio.window.activateWindow()
        samples = bundled_folder("resources") / "samples" / "pictures"
        monkey = Monkey(studio, wanted.seed, sorted(samples.glob("*.jpg")))
        while monkey.steps < wanted.events and len(watch.heard) < MOST_FAULTS:
            told = len(watch.heard)
            monkey.run(1)
            for fault in watch.heard[told:]:
                print(f"{fault}\n  after {list(monkey.last)[-3:]}")
        monkey.end()
        studio.close()
        app.clipboard().clear()  # it outlives Python
    faults = [*watch.heard, *monkey.faults]
    print(f"{monkey.steps} events, {monkey.edits} steps of the document, {len(faults)} faults")
    print(*monkey.faults, sep="\n")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
