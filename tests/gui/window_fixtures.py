"""Fixtures of the whole window; `conftest.py` takes them for all tests of this folder."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtGui import QGuiApplication

from imvar_studio.jobs.render_thread import Options
from imvar_studio.store.places import bundled_folder
from imvar_studio.ui import application
from imvar_studio.ui.application import Program
from tests.gui.window import SAMPLE, Files, QuietThread, Studio, shrink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folder, and the program's in it; nothing of the user's is touched."""
    home = tmp_path / "person"
    home.mkdir()
    monkeypatch.setenv("IMVAR_HOME", str(home / "imvar"))
    monkeypatch.setattr(Path, "home", lambda: home)
    return home


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    return Files(monkeypatch)


@pytest.fixture
def start(
    qapp: Any, qtbot: Any, own_home: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Studio]]:
    """Start the program: `start()` without a worker, `start(entry)` with one."""
    made: list[Studio] = []

    def run(entry: object = None, path: Path | None = None) -> Studio:
        with monkeypatch.context() as patch:
            if entry is None:
                patch.setattr(application, "RenderThread", QuietThread)
            program = Program(qapp, entry, Options())  # type: ignore[arg-type]
        studio = Studio(program, own_home)
        made.append(studio)
        program.start(str(path) if path else "")
        if path:
            studio.until(lambda: studio.has(path))
        studio.activate()
        return studio

    yield run
    while made:
        made.pop().close()
    gc.collect()  # here, and not in a thread that Qt's objects do not live in
    QGuiApplication.clipboard().clear()  # the offscreen clipboard outlives Python


@pytest.fixture
def sample(own_home: Path) -> Path:
    """The sample film, small and quick: 64 px, 2 frames a second, 4 steps: 8 frames."""
    place = own_home / "small.imvar"
    shutil.copytree(bundled_folder("resources") / "samples" / SAMPLE, place)
    shrink(place)
    return place


@pytest.fixture
def studio(start: Callable[..., Studio], sample: Path) -> Studio:
    """The window with the sample film, without a worker."""
    return start(path=sample)
