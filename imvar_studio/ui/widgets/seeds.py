"""Seeds as they are typed: whole numbers up to 2**63 - 1, never rounded."""

from __future__ import annotations

import secrets

from imvar_studio.ui.widgets.numbers import MIXED

MOST = 2**63 - 1
FRIENDLY = 1_000_000  # a new seed is below: six digits are read out and typed with ease


def read_seed(text: str) -> int | None:
    """Return the seed that was typed, at most `MOST`; None if it is none."""
    text = "".join(text.split()).replace("_", "")
    if not (text.isascii() and text.isdecimal()):
        return None
    return min(int(text), MOST)


def seed_text(seed: int | None) -> str:
    """Return how a seed is written; None, for seeds that differ, is a dash."""
    return MIXED if seed is None else str(seed)


def new_seed(old: int | None) -> int:
    """Return a random seed that is not the old one."""
    while True:
        seed = secrets.randbelow(FRIENDLY)
        if seed != old:
            return seed
