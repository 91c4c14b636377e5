"""The monkey, for as long as every test run can bear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QDrag

from imvar_studio.store.places import bundled_folder
from tests.gui.monkey import Monkey

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gui.window import Studio


EVENTS = 700


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_a_monkey_does_breaks_the_window(
    studio: Studio, seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(QDrag, "exec", QDrag.exec)  # the monkey's own goes with the test
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n no picture")
    samples = bundled_folder("resources") / "samples" / "pictures"
    monkey = Monkey(studio, seed, [*sorted(samples.glob("*.jpg")), broken])
    monkey.run(EVENTS)
    monkey.end()
    assert monkey.faults == []
    assert monkey.edits > EVENTS / 10
