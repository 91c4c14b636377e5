"""Projects of templates in the window: they open, show what they are, and can be edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imvar_studio.cli import main as cli
from imvar_studio.model.keyframe_edits import move
from imvar_studio.plan.templates import film_templates
from imvar_studio.ui.selection import Selection

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gui.window import Studio

NAMES = [entry.name for entry in film_templates()]


@pytest.mark.parametrize("name", NAMES)
def test_a_templates_film_is_edited_like_any_other(
    studio: Studio, tmp_path: Path, name: str
) -> None:
    path = tmp_path / f"{name}.imvar"
    assert cli.run(["new", str(path), "--template", name, "--fps", "4"]) == 0
    studio.open(path)
    session = studio.session
    before = session.film
    last = before.timeline.keyframes[-1]
    session.selection.set(Selection.of_keyframes(last.id))
    assert studio.film.inspector.grab().toImage().height() > 0
    session.edit("Move", lambda timeline: move(timeline, {last.id}, 0.5))
    assert session.timeline.keyframes[-1].time == last.time + 0.5
    session.document.undo()
    assert session.film == before
    assert {track.parameter for track in before.timeline.tracks} <= {"edit-amount", "eta"}
    studio.until(lambda: session.frames.count > 1)
    assert session.frames.problem == ""
