"""The render desk with a real render thread, a real worker process and a real queue."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QTimer

from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import State as JobState
from imvar_studio.jobs.render_thread import Options, RenderThread
from imvar_studio.model.document import Document
from imvar_studio.model.film_export import FilmExport
from imvar_studio.model.keyframe_edits import set_seed
from imvar_studio.model.source import Size
from imvar_studio.ui.background import Background
from imvar_studio.ui.bridge import Poster
from imvar_studio.ui.frames import FrameState
from imvar_studio.ui.rendering import RenderDesk
from imvar_studio.ui.session import Session
from imvar_studio.worker.process import main as worker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.ui.messages import Message

LONG = 60_000  # ms that a worker may take to start on a busy machine


@pytest.fixture(scope="module")
def desk(qapp: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RenderDesk]:
    poster = Poster()
    background = Background(poster.post)
    queue = tmp_path_factory.mktemp("queue") / "queue.db"
    desk = RenderDesk(
        background,
        lambda: Queue(queue),
        lambda listener: RenderThread(
            worker, lambda: Queue(queue, check=False), listener, Options()
        ),
        poster.post,
        QTimer.singleShot,
    )
    desk.start()
    yield desk
    desk.close_queue()
    assert desk.close()
    background.close()


@pytest.fixture
def session(
    folder: ProjectFolder, lanes: Background, model: Path, desk: RenderDesk, qtbot: Any
) -> Iterator[Session]:
    """The project with the tiny model, 64 px and 13 frames, attached and planned."""
    project = folder.load()
    (film,) = project.films()
    settings = replace(film.settings, fps=Fraction(3), steps=2, size=Size(64, 64))
    film = replace(film, settings=settings, model=str(model))
    session = Session(folder, Document(replace(project, works=(film,))), lanes)
    desk.attach(session)
    qtbot.waitUntil(lambda: len(session.frames.digest(0)) == 64, timeout=LONG)
    yield session
    desk.live.set(False)
    qtbot.waitUntil(lambda: not desk.status.value.is_busy, timeout=LONG)
    desk.detach()


def test_a_film_is_rendered_frame_by_frame_and_exported(
    desk: RenderDesk, session: Session, qtbot: Any, tmp_path: Path
) -> None:
    heard: list[Message] = []
    session.messages.connect(heard.append)
    assert [session.frames.state(n) for n in range(13)] == [FrameState.MISSING] * 13
    seen: list[FrameState] = []
    session.frames.changed.connect(lambda first, last: seen.append(session.frames.state(first)))
    desk.render()
    assert desk.status.value.phase in ("starting", "estimating")
    qtbot.waitUntil(lambda: session.frames.is_complete, timeout=LONG)
    assert FrameState.RENDERING in seen
    assert all(session.frames.path(n).is_file() for n in range(13))  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: not desk.status.value.is_busy, timeout=LONG)
    qtbot.waitUntil(
        lambda: [job.state for job in desk.jobs.value] == [JobState.FINISHED] or not desk.look(),
        timeout=LONG,
    )
    target = tmp_path / "film.mp4"
    desk.export(target, FilmExport(), overwrite=False, keep_prompts=True)
    qtbot.waitUntil(target.exists, timeout=LONG)
    assert not [message for message in heard if message.kind == "error"]


def test_an_edit_renders_only_what_changed_while_live(
    desk: RenderDesk, session: Session, qtbot: Any
) -> None:
    desk.live.set(True)
    qtbot.waitUntil(lambda: session.frames.is_complete, timeout=LONG)
    first = [session.frames.digest(n) for n in range(13)]
    session.seek_frame(9)
    assert session.edit("Seed", lambda timeline: set_seed(timeline, {"key-2"}, 7))
    qtbot.waitUntil(lambda: session.frames.state(6) != FrameState.RENDERED, timeout=LONG)
    assert session.frames.state(0) == session.frames.state(12) == FrameState.RENDERED
    assert session.frames.state(6) in (FrameState.STALE, FrameState.RENDERING)
    qtbot.waitUntil(lambda: session.frames.is_complete, timeout=LONG)
    changed = [n for n in range(13) if session.frames.digest(n) != first[n]]
    assert changed == list(range(1, 12))  # the ways to and from the prompt


def test_cancel_keeps_what_is_finished(desk: RenderDesk, session: Session, qtbot: Any) -> None:
    session.edit_film(
        "Steps", lambda film: replace(film, settings=replace(film.settings, steps=999))
    )
    session.edit("Seed", lambda timeline: set_seed(timeline, {"key-1", "key-2", "key-3"}, 11))
    with qtbot.waitCallback(timeout=LONG, raising=True) as planned:
        assert desk.planner is not None
        disconnect = desk.planner.planned.connect(planned)
    disconnect()
    desk.live.set(True)
    qtbot.waitUntil(
        lambda: FrameState.RENDERING in {session.frames.state(n) for n in range(13)}, timeout=LONG
    )
    desk.cancel_current()
    qtbot.waitUntil(lambda: not desk.status.value.is_busy, timeout=LONG)
    assert not desk.live.value
    assert FrameState.RENDERING not in {session.frames.state(n) for n in range(13)}
    assert not session.frames.is_complete
