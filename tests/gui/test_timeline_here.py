"""What the timeline shows and adds at a place: prompts from its menu, the end of a loop."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from imvar_studio.ui.timeline.menus import menu_for
from imvar_studio.ui.timeline.scene import Spot
from tests.gui.timeline_hands import ROW, timeline_panel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session
    from imvar_studio.ui.timeline.panel import TimelinePanel


@pytest.fixture
def panel(qtbot: QtBot, session: Session, screen_pictures: Pictures) -> Iterator[TimelinePanel]:
    with timeline_panel(qtbot, session, screen_pictures) as panel:
        yield panel


def test_a_prompt_is_added_where_the_menu_was_opened(
    panel: TimelinePanel, session: Session, qtbot: QtBot
) -> None:
    scene = panel.scene
    spot = Spot(scene.view.value.x(1.0), ROW)
    menu = menu_for(panel, scene.find(spot.x, spot.y), spot)
    (entry,) = [each for each in menu.actions() if each.text() == "Add a prompt here"]
    with qtbot.waitSignal(panel.prompt_requested) as asked:
        entry.trigger()
    assert asked.args == [1.0]
    assert session.playhead.value == 0.0


def test_the_film_strip_of_a_loop_ends_on_its_first_frame(
    panel: TimelinePanel, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.edit("Loop", lambda timeline: replace(timeline, loop=True))
    slow = replace(session.film.settings, fps=Fraction(2))  # several pictures a frame
    session.edit_film("Rate", lambda film: replace(film, settings=slow))
    panel.fit()
    asked: set[int] = set()
    monkeypatch.setattr(session.frames, "path", asked.add)
    panel.canvas.grab()
    assert 0 in asked
    assert max(asked) < session.frame_count
