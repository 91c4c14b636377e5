"""Prompts that are longer than the model reads, as the inspector tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from imvar_studio.store.prompt_tokens import PromptReader
from tests.gui.inspector_hands import inspector_panel, select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.ui.inspector.panel import InspectorPanel
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session
    from imvar_studio.ui.widgets.prompt_edit import PromptEdit


@pytest.fixture
def panel(qtbot: Any, session: Session, screen_pictures: Pictures) -> Iterator[InspectorPanel]:
    with inspector_panel(qtbot, session, screen_pictures) as panel:
        yield panel


def hint(field: PromptEdit) -> str:
    """What stands beneath a prompt."""
    (label,) = field.findChildren(QLabel, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return str(label.text()) if label.isVisible() else ""


def test_a_prompt_that_is_too_long_says_so(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    select(session, "key-2")
    field = panel.look.prompt
    field.setFocus()
    assert hint(field) == ""
    field.selectAll()
    QTest.keyClicks(field, "owl " * 35)
    qtbot.waitUntil(lambda: hint(field) == "Too long: 35 tokens of at most 30")
    assert field.accessibleDescription() == hint(field)
    assert hint(panel.look.negative) == ""
    field.selectAll()
    QTest.keyClicks(field, "owl " * 30)  # as many as are read
    qtbot.waitUntil(lambda: hint(field) == "")
    assert session.timeline.keyframes[1].looks[0].look.text.count("owl") == 30
    select(session, "key-1")
    assert hint(field) == ""


def test_in_the_text_family_it_says_how_many_windows_there_are(
    qtbot: Any, panel: InspectorPanel, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = PromptReader(10, lambda text: [ord(word[0]) for word in text.split()], comma=0)
    monkeypatch.setattr("imvar_studio.ui.inspector.prompt_room.prompt_reader", lambda _: reader)
    select(session, "key-2")
    field = panel.look.prompt
    field.setFocus()
    for text, words in (
        ("owl " * 11, "2 windows"),
        ("owl " * 10, ""),
        ("a BREAK b BREAK c", "3 windows"),
        ("owl " * 81, "Too long: 9 windows of at most 8"),
        ("(owl:5)", "prompt weights must be in [0, 4], got 5"),
        ("(owl:4)", ""),
    ):
        field.selectAll()
        QTest.keyClicks(field, text)
        qtbot.waitUntil(lambda words=words: hint(field) == words)
        assert field.accessibleDescription() == words
    assert hint(panel.look.negative) == ""
