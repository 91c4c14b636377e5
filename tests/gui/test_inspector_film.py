"""The inspector of the film and of tracks, as a person uses it."""

from __future__ import annotations

import ast
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, Qt

from imvar_studio.model.curve import Curve, CurvePoint, Easing
from imvar_studio.model.film_edits import set_sampler
from imvar_studio.model.source import Size
from imvar_studio.model.timeline import Track
from imvar_studio.model.track_edits import put_track
from imvar_studio.store.places import bundled_folder
from imvar_studio.ui.inspector.words import sampler_choices
from imvar_studio.ui.selection import Selection
from tests.gui.inspector_hands import LEFT, inspector_panel, retype

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.model.project import FilmSettings
    from imvar_studio.ui.inspector.panel import InspectorPanel
    from imvar_studio.ui.messages import Message
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session


@pytest.fixture
def panel(qtbot: Any, session: Session, screen_pictures: Pictures) -> Iterator[InspectorPanel]:
    models = (("starter", "Starter"), ("sd15", "Stable Diffusion 1.5"))
    with inspector_panel(qtbot, session, screen_pictures, models) as panel:
        qtbot.waitUntil(lambda: panel.film.model.count() == 2)
        yield panel


def settings(session: Session) -> FilmSettings:
    return session.film.settings


def test_the_film_in_short(panel: InspectorPanel, session: Session) -> None:
    assert panel.film._summary.text() == "256 px · 12 fps · DPM++ 2M 16 · Starter"


def test_the_size_is_typed_or_taken_from_the_menu(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    size = panel.film.size_field
    retype(qtbot, size.width_field, "512")
    assert settings(session).size == Size(512, 256)
    size.presets.presets.actions()[6].trigger()
    assert settings(session).size == Size(1024, 1024)
    assert size.height_field.value() == 1024
    session.document.undo()
    session.document.undo()
    assert (size.value(), session.document.step) == (Size(256, 256), 0)


def test_the_rate_is_a_fraction_where_broadcast_has_one(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    heard: list[Message] = []
    session.messages.connect(heard.append)
    rate = panel.film.rate
    retype(qtbot, rate.text, "23.976")
    assert settings(session).fps == Fraction(24000, 1001)
    retype(qtbot, rate.text, "fast")
    assert [each.text for each in heard] == [
        "The frame rate must be like 12, 23.976 or 24000/1001, got 'fast'."
    ]
    assert (rate.text.text(), settings(session).fps) == ("23.976", Fraction(24000, 1001))
    rate.presets.presets.actions()[4].trigger()
    assert settings(session).fps == 25
    assert panel.film._summary.text().startswith("256 px · 25 fps")
    session.document.undo()
    assert rate.text.text() == "23.976"


def test_eta_acts_with_ddim_only_and_says_so(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    film = panel.film
    assert not film.eta.isEnabled()
    assert "Eta needs the sampler DDIM." in film.words.text()
    for _ in range(2):
        qtbot.keyClick(film.sampler, Qt.Key.Key_Down)
    assert settings(session).sampler == "ddim"
    assert [film.eta.isEnabled(), film.motion.isEnabled()] == [True, False]
    retype(qtbot, film.eta.field, "0.5")
    assert settings(session).eta == 0.5
    assert film.motion.isEnabled()
    qtbot.keyClick(film.motion, Qt.Key.Key_Down)
    assert settings(session).noise_motion == "walk"
    session.edit_film("Sampler", lambda film: set_sampler(film, "euler"))
    assert (settings(session).eta, film.eta.isEnabled()) == (0.0, False)


def test_model_steps_seed_and_guidance(qtbot: Any, panel: InspectorPanel, session: Session) -> None:
    film = panel.film
    qtbot.keyClick(film.model, Qt.Key.Key_Down)
    assert session.film.model == "sd15"
    retype(qtbot, film.steps.field, "40")
    retype(qtbot, film.guidance.field, "7.5")
    qtbot.mouseClick(film.seed.dice, LEFT)
    now = settings(session)
    assert (now.steps, now.guidance, now.seed) == (40, 7.5, film.seed.value())
    assert session.document.step == 4
    qtbot.mouseClick(film.steps.reset_button, LEFT)
    assert settings(session).steps == 16


def test_length_and_loop(qtbot: Any, panel: InspectorPanel, session: Session) -> None:
    film = panel.film
    qtbot.mouseClick(film.loop, LEFT, pos=QPoint(8, film.loop.height() // 2))
    assert session.timeline.loop
    assert film.length.value() == 6.0  # the way back is as long as the last transition
    retype(qtbot, film.length.field, "8")
    assert session.timeline.duration == 8.0
    heard: list[Message] = []
    session.messages.connect(heard.append)
    retype(qtbot, film.length.field, "3")
    assert heard[0].text == "Duration must be after the last keyframe at 4 s, got 3 s."
    assert film.length.value() == 8.0
    qtbot.mouseClick(film.length.reset_button, LEFT)
    assert session.timeline.duration is None


def test_a_track_of_one_point_says_so(panel: InspectorPanel, session: Session) -> None:
    track = Track("guidance", Curve((CurvePoint(0.0, 3.0),)))
    session.edit("Track", lambda timeline: put_track(timeline, track))
    session.selection.set(Selection(track="guidance"))
    assert "Guidance from 0 to 50, 1 point\n" in panel.track.words.text()


def test_a_track_and_its_points(qtbot: Any, panel: InspectorPanel, session: Session) -> None:
    points = (CurvePoint(0.0, 1.0), CurvePoint(2.0, 4.0), CurvePoint(4.0, 4.0))
    session.edit("Track", lambda timeline: put_track(timeline, Track("guidance", Curve(points))))
    session.selection.set(Selection(track="guidance"))
    track = panel.track
    assert panel.head.name.text() == "Guidance"
    assert "Guidance from 0 to 50, 3 points" in track.words.text()
    assert track.time.isHidden()
    session.selection.set(Selection(track="guidance", points=frozenset({1})))
    assert (track.time.value(), track.value.value()) == (2.0, 4.0)
    retype(qtbot, track.time.field, "1.25")
    retype(qtbot, track.value.field, "6")
    qtbot.keyClick(track.easing, Qt.Key.Key_End)
    found = session.timeline.track("guidance")
    assert found is not None
    point = found.curve.points[1]
    assert (point.time, point.value, point.easing.shape) == (1.25, 6.0, "bezier")
    assert session.document.step == 4
    session.selection.set(Selection(track="guidance", points=frozenset({0, 1})))
    assert (track.value.value(), track.easing.value()) == (None, None)
    retype(qtbot, track.value.field, "2")
    track.presets.presets.actions()[2].trigger()
    found = session.timeline.track("guidance")
    assert found is not None
    assert [(each.time, each.value) for each in found.curve.points] == [
        (0.0, 2.0),
        (session.duration / 2, 4.0),
        (session.duration, 2.0),
    ]
    assert found.curve.points[0].easing == Easing("sine-in-out")
    qtbot.mouseClick(track.remove_button, LEFT)
    assert session.timeline.tracks == ()
    assert panel.track.isHidden()


def test_a_track_that_decides_is_said(panel: InspectorPanel, session: Session) -> None:
    track = Track("guidance", Curve((CurvePoint(0.0, 1.0),)))
    session.edit("Track", lambda timeline: put_track(timeline, track))
    assert not panel.film.guidance.isEnabled()
    assert "The guidance track decides." in panel.film.words.text()
    session.selection.set(Selection.of_keyframes("key-2"))
    assert not panel.look.guidance.isEnabled()


def test_every_built_in_sampler_can_be_chosen() -> None:
    text = (bundled_folder("resources").parent / "imvar_studio/engine/samplers.py").read_text()
    made = next(
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name == "built_in_samplers"
    )
    loop = next(node for node in made.body if isinstance(node, ast.For))
    assert isinstance(loop.iter, ast.Tuple)
    names = [ast.literal_eval(each.elts[0]) for each in loop.iter.elts]  # type: ignore[attr-defined]
    assert names == [choice.value for choice in sampler_choices()]
