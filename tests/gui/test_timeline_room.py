"""The timeline in its room: what it shows when the window grows, and where there are no tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.timeline import Track
from imvar_studio.model.track_edits import put_track
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.timeline.geometry import LANES_TOP, LEFT
from tests.gui.timeline_hands import timeline_panel

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


def ends(panel: TimelinePanel) -> tuple[int, int]:
    """How far the film's two ends are from the ends of the canvas, px."""
    view = panel.scene.view.value
    return round(view.x(0.0)), round(panel.canvas.width() - view.x(panel.scene.session.duration))


def test_the_whole_film_stays_in_sight_when_the_window_grows_and_shrinks(
    panel: TimelinePanel,
) -> None:
    assert ends(panel) == (LEFT, LEFT)
    for wide in (1500, 700):
        panel.resize(wide, panel.height())
        assert ends(panel) == (LEFT, LEFT)


def test_who_came_closer_stays_there_when_the_window_grows(panel: TimelinePanel) -> None:
    panel.zoom_in()
    before = panel.scene.view.value
    panel.resize(1500, panel.height())
    after = panel.scene.view.value
    assert (after.begin, after.scale) == (before.begin, before.scale)
    panel.fit()
    panel.resize(900, panel.height())
    assert ends(panel) == (LEFT, LEFT)


def test_the_place_of_tracks_says_what_it_is_for(panel: TimelinePanel, session: Session) -> None:
    panel.resize(900, LANES_TOP + 120)
    assert inked(panel)
    flat = Track("guidance", Curve((CurvePoint(0.0, 3.0), CurvePoint(4.0, 3.0))))
    session.edit("Add", lambda timeline: put_track(timeline, flat))
    assert not inked(panel)
    session.document.undo()
    assert inked(panel)
    panel.resize(900, LANES_TOP + 45)  # with the scroll bar too low for words
    assert not inked(panel)


def inked(panel: TimelinePanel) -> bool:
    """Whether words stand where the first track would begin, above its curve."""
    image = panel.canvas.grab().toImage()
    ground = current_theme().color("panel").rgb()
    rows = range(LANES_TOP + 14, LANES_TOP + 30)
    return any(image.pixel(x, y) != ground for x in range(LEFT + 4, LEFT + 200) for y in rows)
