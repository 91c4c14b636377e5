"""A window's parts without a screen: a project, a session, pictures."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from imvar_studio.model.document import Document
from imvar_studio.model.edits import add_asset
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.project import FilmWork, Project
from imvar_studio.model.source import Asset
from imvar_studio.model.start import Noise
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.store.places import bundled_folder
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.ui.background import Background
from imvar_studio.ui.bridge import Poster
from imvar_studio.ui.pictures import Pictures
from imvar_studio.ui.session import Session
from tests.gui.window_fixtures import files, own_home, sample, start, studio  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session", autouse=True)
def _own_home(home: Path) -> Path:
    """No test reads or changes the user's own folders."""
    return home


@pytest.fixture(scope="session", autouse=True)
def theme(qapp: Any) -> Any:
    from imvar_studio.ui.theme.theme import install_theme

    return install_theme(qapp, "dark")


@pytest.fixture(scope="session", autouse=True)
def _left_in_order(qapp: Any) -> Iterator[None]:
    """Nothing of Qt's outlives the tests: at the end of Python it would be freed out of order."""
    yield
    for widget in QApplication.topLevelWidgets():
        widget.close()
        widget.deleteLater()
    QApplication.clipboard().clear()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()
    gc.collect()
    gc.enable()


@pytest.fixture(scope="module", autouse=True)
def _tidied(qapp: Any) -> Iterator[None]:
    """Garbage is collected here, not in a thread that Qt's objects do not live in."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def _afresh(theme: Any) -> None:
    """Every test begins with the dark theme, whatever the one before left."""
    theme.set_scheme("dark")
    gc.disable()  # what closes a program has Python collect again by itself


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    """A project of a picture at 0 s, a prompt at 2 s and a picture at 4 s, at 12 fps."""
    folder = ProjectFolder.create(tmp_path / "night.imvar", Project((FilmWork("film-1"),)))
    samples = bundled_folder("resources") / "samples" / "pictures"
    cat, turtle = (folder.add_asset(samples / name) for name in PICTURES)
    keys = (
        Keyframe("key-1", 0.0, (Weighted(Picture(Asset(cat.sha))),)),
        Keyframe("key-2", 2.0, (Weighted(Prompt("an owl at night")),), start=Noise(6)),
        Keyframe("key-3", 4.0, (Weighted(Picture(Asset(turtle.sha))),)),
    )
    project = Project((FilmWork("film-1", "Night animals", Timeline(keys)),))
    folder.save(add_asset(add_asset(project, cat), turtle))
    return folder


PICTURES = ("cat.jpg", "turtle-in-a-meadow.jpg")


@pytest.fixture
def lanes(qapp: Any) -> Iterator[Background]:
    poster = Poster()
    background = Background(poster.post)
    yield background
    background.close()


@pytest.fixture
def session(folder: ProjectFolder, lanes: Background) -> Session:
    project = folder.load()
    return Session(folder, Document(project, saved=project), lanes)


@pytest.fixture
def screen_pictures(qapp: Any) -> Iterator[Pictures]:
    found = Pictures()
    yield found
    found.close()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[_ENDED] = int(exitstatus)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End without taking Python and Qt apart, whose order in a process of tests is nobody's.

    That the program itself ends in order is tested in a process of its own.
    """
    if _ENDED in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[_ENDED])


_ENDED = pytest.StashKey[int]()
