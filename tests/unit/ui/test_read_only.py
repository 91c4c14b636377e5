"""What is said of a project that somebody else has open."""

from __future__ import annotations

import platform

import pytest

from imvar_studio.model.errors import StoreError
from imvar_studio.store.lock_file import UNKNOWN, Holder
from imvar_studio.ui.read_only import WRITER, read_only_message

SINCE = "2025-01-01T10:00:00+00:00"
REFUSED = StoreError("/films/night.imvar is open for writing by the window (process 12)", "wait")


@pytest.mark.parametrize(
    ("holder", "who"),
    [
        (Holder(platform.node(), 12, WRITER, SINCE), "Another window has"),
        (Holder(platform.node(), 12, "imvar add", SINCE), "The program “imvar add” has"),
        (Holder("attic", 12, WRITER, SINCE), "Another computer, attic, has"),
        (UNKNOWN, "Another program has"),
    ],
)
def test_it_says_who_has_it_and_what_still_goes(holder: Holder, who: str) -> None:
    message = read_only_message(REFUSED, holder)
    assert message.text == f"{who} this project open; it cannot be changed here."
    assert "render and export" in message.remedy
    assert message.details == "/films/night.imvar is open for writing by the window (process 12)."
    assert message.kind == "warning"


def test_a_project_that_cannot_be_written_says_why_on_demand() -> None:
    refused = StoreError(
        "cannot write project.json, the file system is read-only", "choose another"
    )
    message = read_only_message(refused, None)
    assert "cannot be changed here" in message.text
    assert "open it" not in message.remedy
    assert "file system is read-only" in message.details
