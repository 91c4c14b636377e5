"""Files that the desktop opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QDesktopServices

from imvar_studio.ui.outside import open_outside

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.ui.messages import Message


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("opens", [True, False])
def test_what_is_not_opened_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool, opens: bool
) -> None:
    film = tmp_path / "owls.mp4"
    if there:
        film.write_bytes(b"film")
    asked: list[str] = []
    told: list[Message] = []

    def open_url(url: object) -> bool:
        asked.append(url.toLocalFile())  # type: ignore[attr-defined]
        return opens

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    open_outside(film, told.append)
    assert asked == ([str(film)] if there else [])
    assert len(told) == (not (there and opens))
    if told:
        assert str(film) in told[0].text
        assert told[0].kind == "warning"
