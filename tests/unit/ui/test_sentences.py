"""What errors say, as sentences."""

from __future__ import annotations

import pytest

from imvar_studio.ui.sentences import sentence


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("", ""),
        ("the disk is full", "The disk is full."),
        ("a frame is broken.", "A frame is broken."),
        ("a0.png has another content than cat", "a0.png has another content than cat."),
        ("films/night.imvar is not there", "films/night.imvar is not there."),
        ("no. It cannot be read", "No. It cannot be read."),
        ("stopped: no memory", "Stopped: no memory."),
    ],
)
def test_a_sentence_begins_with_a_capital_but_for_a_file(said: str, read: str) -> None:
    assert sentence(said) == read
