"""The export dialog, by mouse and keyboard: what it asks the render desk for."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QStyle, QStyleOptionButton
from shiboken6 import isValid

from imvar_studio.jobs.estimate import Estimate
from imvar_studio.jobs.events import Failed
from imvar_studio.model.film_export import FilmExport
from imvar_studio.store.frames import FrameStore
from imvar_studio.ui.export.dialog import ExportDialog
from imvar_studio.ui.frames import Pictured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imvar_studio.ui.session import Session

LEFT = Qt.MouseButton.LeftButton
DIGESTS = tuple(f"{n:064x}" for n in range(49))


class Desk:
    """Keeps what it is asked for."""

    def __init__(self) -> None:
        self.exports: list[tuple[Path, FilmExport, bool, bool]] = []
        self.asked: list[FilmExport | None] = []
        self.answers: list[tuple[Callable[[Estimate], None], Callable[[Failed], None]]] = []

    def export(
        self, target: Path, export: FilmExport, *, overwrite: bool, keep_prompts: bool
    ) -> None:
        self.exports.append((target, export, overwrite, keep_prompts))

    def estimate(
        self,
        export: FilmExport | None,
        done: Callable[[Estimate], None],
        failed: Callable[[Failed], None],
    ) -> None:
        self.asked.append(export)
        self.answers.append((done, failed))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def partly(session: Session) -> Session:
    """The film with its first 20 frames rendered."""
    there = frozenset(DIGESTS[:20])
    store = FrameStore(session.folder.path)
    session.frames.plan(store, Pictured(DIGESTS, there, Fraction(12), 49))
    return session


@pytest.fixture
def make(desk: Desk, qtbot: Any) -> Iterator[Callable[..., ExportDialog]]:
    """Open dialogs, which are gone by themselves once they are closed."""
    made: list[ExportDialog] = []

    def run(session: Session, last_folder: Path | None = None) -> ExportDialog:
        dialog = ExportDialog(session, desk, None, last_folder)
        made.append(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    yield run
    for dialog in filter(isValid, made):
        dialog.reject()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not any(map(isValid, made))


@pytest.fixture
def opened(partly: Session, make: Callable[..., ExportDialog]) -> ExportDialog:
    return make(partly)


def finish(dialog: ExportDialog, qtbot: Any) -> None:
    """Press Export and wait until it is done."""
    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.export, LEFT)


def refuse(dialog: ExportDialog, desk: Desk, qtbot: Any) -> None:
    """Press Export, which must not close the dialog."""
    qtbot.mouseClick(dialog.export, LEFT)
    qtbot.waitUntil(dialog.export.isEnabled)
    assert dialog.isVisible()
    assert desk.exports == []


def choose(field: Any, value: str, qtbot: Any) -> None:
    """Choose among named values with the keyboard."""
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Home)
    for _ in range(field.findData(value)):
        qtbot.keyClick(field, Qt.Key.Key_Down)
    assert field.value() == value


def type_into(field: Any, text: str, qtbot: Any, key: Any = Qt.Key.Key_Tab) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    if key is not None:
        qtbot.keyClick(field, key)


def check(box: Any, qtbot: Any) -> None:
    """Click a box or a radio button where its sign is."""
    option = QStyleOptionButton()
    box.initStyleOption(option)
    part = QStyle.SubElement.SE_CheckBoxIndicator
    place = box.style().subElementRect(part, option, box).center()
    qtbot.mouseClick(box, LEFT, pos=QPoint(place.x(), box.height() // 2))


def test_the_whole_film_goes_beside_the_project(
    opened: ExportDialog, desk: Desk, session: Session, qtbot: Any
) -> None:
    with qtbot.waitSignal(opened.exported) as heard:
        finish(opened, qtbot)
    target = session.folder.path.parent / "Night animals.mp4"
    assert desk.exports == [(target, FilmExport(codec="h264"), False, True)]
    assert heard.args == [target]


def test_the_last_folder_is_remembered(
    partly: Session, desk: Desk, make: Any, qtbot: Any, tmp_path: Path
) -> None:
    films = tmp_path / "films"
    films.mkdir()
    dialog = make(partly, films)
    assert dialog.choice.target == films / "Night animals.mp4"
    assert dialog.form.place.text() == f"In {films}"


def test_all_fields_reach_the_task(opened: ExportDialog, desk: Desk, qtbot: Any) -> None:
    form = opened.form
    type_into(form.name, "owls", qtbot)
    assert form.name.text() == "owls.mp4"
    choose(form.kind, "h265.mp4", qtbot)
    choose(form.extent, "frames", qtbot)
    type_into(form.first, "10", qtbot)
    type_into(form.last, "30", qtbot)
    type_into(form.scale, "50", qtbot)
    type_into(form.crf, "23", qtbot)
    choose(form.preset, "slow", qtbot)
    check(form.there, qtbot)
    check(form.keep_prompts, qtbot)
    assert form.rendered.text() == "10 of 21 frames are rendered."
    assert form.size_hint.text().startswith("128 ")
    assert "without the prompts" in form.metadata.text()
    finish(opened, qtbot)
    [(target, export, overwrite, keep_prompts)] = desk.exports
    assert target.name == "owls.mp4"
    assert export == FilmExport(10, 30, True, 50, 23, "slow", "h265")
    assert (overwrite, keep_prompts) == (False, False)


def test_the_quality_slider_has_words(opened: ExportDialog, qtbot: Any) -> None:
    form = opened.form
    assert form.quality_hint.text() == "Visually lossless"
    form.crf_slider.setFocus()
    for _ in range(8):
        qtbot.keyClick(form.crf_slider, Qt.Key.Key_Right)
    assert form.crf.value() == 24
    assert form.quality_hint.text() == "Good, smaller files"
    choose(form.kind, "prores-hq.mov", qtbot)
    assert not form.crf.isEnabled()
    assert not form.preset.isEnabled()
    assert form.quality_hint.text() == "This format has one quality."


def test_a_format_gives_its_ending_and_an_ending_its_format(
    opened: ExportDialog, qtbot: Any
) -> None:
    form = opened.form
    choose(form.kind, "gif.gif", qtbot)
    assert form.name.text() == "Night animals.gif"
    type_into(form.name, "owls.webm", qtbot)
    assert form.kind.value() == "vp9.webm"


def test_marks_are_the_range_where_there_are_some(
    partly: Session, desk: Desk, make: Any, qtbot: Any
) -> None:
    partly.marks.set((5, 25))
    dialog = make(partly)
    assert dialog.form.extent.value() == "marks"
    assert (dialog.form.first.value(), dialog.form.last.value()) == (5, 25)
    assert dialog.form.extent_hint.text() == "21 frames, 1.8 s"
    finish(dialog, qtbot)
    assert desk.exports[0][1] == FilmExport(5, 25, codec="h264")


def test_a_file_that_is_there_is_asked_about_inline(
    opened: ExportDialog, desk: Desk, session: Session, qtbot: Any
) -> None:
    form = opened.form
    there = session.folder.path.parent / "owls.mp4"
    there.write_bytes(b"film")
    assert not form.overwrite.isVisible()
    type_into(form.name, "owls.mp4", qtbot)
    qtbot.waitUntil(form.overwrite.isVisible)
    assert form.place.text() == "owls.mp4 is there already."
    refuse(opened, desk, qtbot)
    assert opened.focusWidget() is form.overwrite
    check(form.overwrite, qtbot)
    assert form.place.text() == "owls.mp4 will be replaced."
    finish(opened, qtbot)
    assert desk.exports[0][2] is True


def test_a_file_that_appeared_meanwhile_is_seen(
    opened: ExportDialog, desk: Desk, session: Session, qtbot: Any
) -> None:
    opened.choice.target.write_bytes(b"film")
    refuse(opened, desk, qtbot)
    assert opened.form.overwrite.isVisible()


def test_bad_input_stands_by_its_field(opened: ExportDialog, desk: Desk, qtbot: Any) -> None:
    form = opened.form
    type_into(form.name, " ", qtbot, key=None)
    assert form.place.text() == "Give the file a name."
    refuse(opened, desk, qtbot)
    assert opened.focusWidget() is form.name
    type_into(form.name, "gone/owls.mp4", qtbot)
    qtbot.waitUntil(lambda: form.place.text().startswith("Nothing can be written into"))
    refuse(opened, desk, qtbot)
    type_into(form.name, "owls.mp4", qtbot)
    qtbot.waitUntil(lambda: form.place.text().startswith("In "))
    choose(form.extent, "frames", qtbot)
    type_into(form.first, "40", qtbot)
    type_into(form.last, "30", qtbot)
    assert form.extent_hint.text() == "The first frame is behind the last one; exchange them."
    refuse(opened, desk, qtbot)
    assert opened.focusWidget() is form.extent
    type_into(form.last, "48", qtbot)
    check(form.there, qtbot)
    assert not form.there.isEnabled()  # none of these is rendered
    finish(opened, qtbot)
    assert desk.exports[0][1] == FilmExport(40, codec="h264")


def test_a_film_too_fast_for_a_format_is_said(
    session: Session, desk: Desk, make: Any, qtbot: Any
) -> None:
    fast = replace(session.film.settings, fps=Fraction(60))
    session.edit_film("Fps", lambda film: replace(film, settings=fast))
    dialog = make(session)
    choose(dialog.form.kind, "gif.gif", qtbot)
    assert "at most 50 frames a second" in dialog.form.format_hint.text()
    refuse(dialog, desk, qtbot)
    assert dialog.focusWidget() is dialog.form.kind


def test_what_it_takes_is_asked_for_and_told(opened: ExportDialog, desk: Desk, qtbot: Any) -> None:
    form = opened.form
    assert form.rendered.text() == "20 of 49 frames are rendered."
    assert form.takes.text() == "Working out what it takes"
    qtbot.waitUntil(lambda: len(desk.asked) == 1)
    assert desk.asked == [FilmExport(codec="h264")]
    desk.answers[0][0](Estimate(29, 49, 70.0, 0, 4_000_000))
    assert form.takes.text() == "29 pictures to render: about 1 min 10 s, 4 MB on disk."
    choose(form.extent, "frames", qtbot)
    type_into(form.last, "30", qtbot)
    qtbot.waitUntil(lambda: len(desk.asked) == 2)
    desk.answers[0][0](Estimate(29, 49, 70.0, 0, 4_000_000))  # late
    assert form.takes.text() == "Working out what it takes"
    desk.answers[1][1](Failed("user", "the model is missing"))
    assert form.takes.text() == "The model is missing."
    type_into(form.last, "19", qtbot)
    assert form.takes.text() == "Nothing left to render: encoding takes a few seconds."


def test_frames_that_are_rendered_meanwhile_are_counted(
    opened: ExportDialog, session: Session, qtbot: Any
) -> None:
    for digest in DIGESTS[20:]:
        session.frames.made(digest)
    said = "All 49 frames are rendered."
    qtbot.waitUntil(lambda: opened.form.rendered.text() == said)
    assert not opened.form.there.isEnabled()


def test_a_film_that_is_planned_anew_is_asked_about_anew(
    opened: ExportDialog, partly: Session, desk: Desk, qtbot: Any
) -> None:
    qtbot.waitUntil(lambda: len(desk.answers) == 1)
    desk.answers[0][0](Estimate(29, 49, 70.0, 0, 4_000_000))
    plan = Pictured(DIGESTS, frozenset(DIGESTS[:30]), Fraction(12), 49)
    partly.frames.plan(FrameStore(partly.folder.path), plan)
    qtbot.waitUntil(lambda: len(desk.answers) == 2)
    assert opened.form.rendered.text() == "30 of 49 frames are rendered."
    assert opened.form.takes.text() == "Working out what it takes"


def test_return_exports_and_escape_closes(
    opened: ExportDialog, desk: Desk, partly: Session, make: Any, qtbot: Any
) -> None:
    with qtbot.waitSignal(opened.accepted):
        qtbot.keyClick(opened.form.name, Qt.Key.Key_Return)
    assert len(desk.exports) == 1
    dialog = make(partly)
    type_into(dialog.form.scale, "50", qtbot, key=Qt.Key.Key_Return)  # takes the number
    assert (dialog.isVisible(), dialog.choice.scale) == (True, 50)
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog.form.scale, Qt.Key.Key_Return)
    assert desk.exports[1][1].scale == 50
    third = make(partly)
    third.form.crf.setFocus()
    with qtbot.waitSignal(third.rejected):
        qtbot.keyClick(third.form.crf, Qt.Key.Key_Escape)
    assert len(desk.exports) == 2


def test_tab_goes_through_the_fields_in_order(opened: ExportDialog) -> None:
    form = opened.form
    form.name.setFocus()
    order = []
    for _ in range(10):
        order.append(opened.focusWidget())
        QTest.keyClick(opened.focusWidget(), Qt.Key.Key_Tab)
    assert order == [
        *(form.name, form.browse, form.kind, form.extent, form.scale, form.crf_slider),
        *(form.crf, form.preset, form.rest, form.keep_prompts),
    ]
    assert opened.focusWidget() is opened.cancel


def test_a_picked_file_is_taken(
    opened: ExportDialog, desk: Desk, tmp_path: Path, qtbot: Any
) -> None:
    qtbot.mouseClick(opened.form.browse, LEFT)
    files = opened.findChild(QFileDialog)
    assert files.testOption(QFileDialog.Option.DontConfirmOverwrite)
    (tmp_path / "films").mkdir()
    files.fileSelected.emit(str(tmp_path / "films" / "owls.mov"))
    files.close()
    assert opened.choice.target == tmp_path / "films" / "owls.mov"
    assert opened.form.kind.value() == "prores-hq.mov"
    finish(opened, qtbot)
    assert desk.exports[0][1].codec == "prores-hq"


def test_a_closed_dialog_is_gone_and_watches_no_more(
    opened: ExportDialog, session: Session, desk: Desk, qtbot: Any
) -> None:
    qtbot.waitUntil(lambda: len(desk.answers) == 1)
    with qtbot.waitSignal(opened.destroyed):
        opened.reject()
    session.frames.made(DIGESTS[30])
    desk.answers[0][0](Estimate(29, 49, 70.0, 0, 4_000_000))  # late
