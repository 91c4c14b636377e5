r"""What brackets and BREAK mean in prompts of the text family: runs of words with their weights.

The syntax is the one artists know from AUTOMATIC1111's web UI: `(word)` weighs 1.1 times as much,
`[word]` a 1.1th, `(word:1.2)` exactly 1.2 times; brackets nest; `\(`, `\)`, `\[`, `\]` and
`\\` are the characters themselves; the word BREAK ends a window of tokens. As there, a bracket
that is never closed reaches to the end, and one that was never opened is a character.
Other than there, BREAK breaks within brackets too, and a backslash before any other character
stays. Prompt editing (`[from:to:when]`), alternation (`[a|b]`) and AND are not read.

Source: github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/Features, "Attention/emphasis".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from imvar_studio.model.errors import SpecError

MOST_WEIGHT = 4.0
_STEP = 1.1  # what a pair of brackets multiplies or divides by
_PIECES = re.compile(
    r"""
    \\(?P<escaped>[\\()\[\]])
    | (?P<open>[(\[])
    | :\s*(?P<weight>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))\s*\)
    | (?P<close>[)\]])
    | (?P<words>[^\\()\[\]:]+|[\\:])
    """,
    re.VERBOSE,
)
_BREAK = re.compile(r"\s*\bBREAK\b\s*")


@dataclass(frozen=True, slots=True)
class Run:
    """Words that weigh alike.

    Args:
        text: not empty.
        weight: in [0, 4]; 1 is no emphasis.
    """

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Break:
    """The end of a window, full or not."""


def parse(prompt: str) -> tuple[Run | Break, ...]:
    """Return a prompt's runs in order, neighbours of one weight as one; none for an empty prompt.

    Raises:
        SpecError: a weight outside [0, 4].
    """
    pieces: list[Run | Break] = []
    opened: dict[str, list[int]] = {"(": [], "[": []}  # where in `pieces` each bracket opened
    for match in _PIECES.finditer(prompt):
        kind, text = match.lastgroup, match.group()
        if kind == "open":
            opened[text].append(len(pieces))
        elif kind == "weight" and opened["("]:
            _weigh(pieces, opened["("].pop(), float(match["weight"]))
        elif kind == "close" and opened[(bracket := "(" if text == ")" else "[")]:
            _weigh(pieces, opened[bracket].pop(), _factor(bracket))
        elif kind == "escaped":
            pieces.append(Run(match["escaped"]))
        else:
            pieces += _split(text)
    for bracket, places in opened.items():
        for place in places:
            _weigh(pieces, place, _factor(bracket))
    return _merged(pieces)


def _factor(bracket: str) -> float:
    return _STEP if bracket == "(" else 1 / _STEP


def _weigh(pieces: list[Run | Break], begin: int, factor: float) -> None:
    for place in range(begin, len(pieces)):
        piece = pieces[place]
        if isinstance(piece, Run):
            pieces[place] = Run(piece.text, piece.weight * factor)


def _split(text: str) -> list[Run | Break]:
    """Return words with a `Break` for every BREAK, which takes the blanks around it along."""
    first, *others = _BREAK.split(text)
    found: list[Run | Break] = [Run(first)]
    for each in others:
        found += [Break(), Run(each)]
    return found


def _merged(pieces: list[Run | Break]) -> tuple[Run | Break, ...]:
    found: list[Run | Break] = []
    for piece in pieces:
        if isinstance(piece, Break):
            found.append(piece)
            continue
        if not piece.text:
            continue
        if not 0 <= piece.weight <= MOST_WEIGHT:  # nor is it NaN
            message = f"prompt weights must be in [0, {MOST_WEIGHT:g}], got {piece.weight:g}"
            raise SpecError(message, "prompt weight", "write \\( for a bracket that is none")
        last = found[-1] if found else None
        if isinstance(last, Run) and last.weight == piece.weight:
            found[-1] = Run(last.text + piece.text, piece.weight)
        else:
            found.append(piece)
    return tuple(found)
