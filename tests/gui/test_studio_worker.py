"""The whole window and its worker: before it is there, and when a render fails."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from imvar_studio.worker.process import main as worker
from tests.gui.window import LONG, click, shrink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.ui.session import Session
    from tests.gui.window import Studio


def test_a_failed_render_can_be_tried_again(
    start: Callable[..., Studio], sample: Path, model: Path, own_home: Path
) -> None:
    own = own_home / "model"
    shutil.copytree(model, own)
    shrink(sample, work={"model": str(own)})
    studio = start(worker, sample)
    session, desk = studio.session, studio.program.desk

    # the window is there before the worker is, and takes keys
    assert session.frames.digest(0) == ""
    studio.timeline.canvas.setFocus()
    session.seek(1.0)
    studio.key(Qt.Key.Key_M)
    assert [marker.time for marker in session.timeline.markers] == [1.0]

    studio.until(lambda: len(session.frames.digest(0)) == 64, LONG)
    bar, button = studio.window.messages, studio.window.top_bar.render_button
    weights = own / "unet" / "diffusion_pytorch_model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])  # after the film was planned
    click(button)
    studio.until(lambda: bar.message is not None and bar.message.kind == "error", LONG)
    assert bar.isVisible()
    assert session.frames.rendered == 0
    studio.until(lambda: not desk.status.value.is_busy, LONG)
    weights.write_bytes(whole)
    click(bar.close_button)

    frames = session.folder.path / store_of(session)
    shutil.rmtree(frames, ignore_errors=True)
    frames.write_text("no folder")  # no picture can be kept
    click(button)
    studio.until(lambda: bar.message is not None and bar.message.kind == "error", LONG)
    assert bar.action_button.isVisible()
    assert bar.action_button.text() == "Try again"
    assert session.frames.rendered == 0
    frames.unlink()
    click(bar.action_button)
    studio.until(lambda: session.frames.is_complete, LONG)
    studio.until(lambda: not desk.status.value.is_busy, LONG)
    assert not desk.status.value.failed


def store_of(session: Session) -> str:
    """The folder in a project where its frames are kept."""
    path = session.folder.frames.path(session.frames.digest(0))
    return str(path.relative_to(session.folder.path).parts[0])
