"""Prompts of the text family in windows of tokens, which the text tower reads one by one.

Source: AUTOMATIC1111's web UI, `modules/sd_hijack_clip.py`: windows of 75 tokens, each between a
beginning and an end; a full window ends at its last comma, where one is near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model.errors import SpecError
from imvar_studio.model.prompt_syntax import Break, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_WINDOWS = 8
COMMA_REACH = 20  # tokens from a window's end, among which a comma may end it
COMMA = ",</w>"  # as CLIP's vocabulary has it
_SHOWN = 40  # characters of a prompt in a message


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens that the text tower reads at once.

    Args:
        tokens: at most a window's room, without the beginning, the end and the padding.
        weights: of each token, in [0, 4].
    """

    tokens: tuple[int, ...]
    weights: tuple[float, ...]


def windows(
    prompt: str, tokens: Callable[[str], Sequence[int]], comma: int, room: int
) -> tuple[Window, ...]:
    """Return a prompt's windows, at least one, as they are read.

    Args:
        prompt: with brackets and BREAK as `prompt_syntax` reads them.
        tokens: returns a text's tokens, without beginning and end.
        comma: the token of a comma.
        room: tokens a window holds, 75 in CLIP.

    Raises:
        SpecError: a weight outside [0, 4], or more than 8 windows.
    """
    found = split(prompt, tokens, comma, room)
    if len(found) > MOST_WINDOWS:
        raise SpecError(
            f"prompt {shortened(prompt)!r} fills {len(found)} windows of {room} tokens, "
            f"at most {MOST_WINDOWS} are read",
            "prompt",
            "shorten it",
        )
    return found


def split(
    prompt: str, tokens: Callable[[str], Sequence[int]], comma: int, room: int
) -> tuple[Window, ...]:
    """Return what `windows` does, however many there are."""
    full: list[list[tuple[int, float]]] = []
    open_: list[tuple[int, float]] = []
    for part in parse(prompt):
        if isinstance(part, Break):
            full.append(open_)
            open_ = []
            continue
        for token in tokens(part.text):
            if len(open_) == room:
                end = room if token == comma else _end(open_, comma)
                full.append(open_[:end])
                open_ = open_[end:]
            open_.append((token, part.weight))
    if open_ or not full:
        full.append(open_)
    return tuple(
        Window(tuple(token for token, _ in each), tuple(weight for _, weight in each))
        for each in full
    )


def most_windows(prompt: str, room: int) -> int:
    """Return how many windows a prompt can fill at most, told without its tokens.

    A token takes at least a byte, blanks take none, and what a comma leaves of a window is more
    than its room less 20.
    """
    least = max(room - COMMA_REACH, 1)
    return prompt.count("BREAK") + 1 + len("".join(prompt.split()).encode()) // least


def shortened(prompt: str) -> str:
    """Return a prompt's beginning, short enough for a message."""
    return prompt if len(prompt) <= _SHOWN else prompt[: _SHOWN - 3] + "..."


def _end(window: list[tuple[int, float]], comma: int) -> int:
    """Return where a full window ends: behind its last comma, if that is near its end."""
    for place in range(len(window) - 1, max(len(window) - COMMA_REACH, 0) - 1, -1):
        if window[place][0] == comma:
            return place + 1
    return len(window)
