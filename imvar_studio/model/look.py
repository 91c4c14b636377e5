"""Looks: what a picture should show, as an expression over pictures and prompts.

Evaluating a look gives its condition, a tensor (k, d): k tokens of the width d that the UNet
attends to. Only `engine.conditioning` evaluates; here are the values and their ranges.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from imvar_studio.model import checks
from imvar_studio.model.contents import parts
from imvar_studio.model.errors import SpecError
from imvar_studio.model.source import Rect, Source

MOST_PARTS = 8  # looks that one Join, Mix or ensemble may hold
CONDITION_PATHS = ("lerp", "slerp", "slerp-whole")
JITTERS = ("add", "multiply")
RESIZES = ("trained", "antialiased", "plain")


@dataclass(frozen=True, slots=True)
class Picture:
    """The image tower's embedding of a picture: (1, d).

    Args:
        source: the picture.
        resize: to the tower's size: as the model was `trained`, `antialiased`, or `plain`,
            without antialiasing. Bicubic in each case.
    """

    source: Source
    resize: str = "trained"

    def __post_init__(self) -> None:
        checks.choice(self.resize, "resize", RESIZES)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text: (1, d) in the image-variation family, hidden states in the text family.

    Args:
        text: at most 10,000 characters. The image-variation family reads one window word for
            word. The text family reads brackets as emphasis (`prompt_syntax`) and (77 n, d) of
            n windows, at most 8 (`prompt_windows`). What is not read is refused.
        match_norm: scale the embedding to the length that pictures' embeddings have.
    """

    text: str
    match_norm: bool = True

    def __post_init__(self) -> None:
        checks.put(self, text=checks.text(self.text, "prompt"))
        checks.flag(self.match_norm, "match_norm")


@dataclass(frozen=True, slots=True)
class Nothing:
    """The unconditional look: zeros, or the empty prompt in the text family."""


@dataclass(frozen=True, slots=True)
class Scale:
    """factor * look: embedding strength, in [0, 4]."""

    look: Look
    factor: float

    def __post_init__(self) -> None:
        checks.put(self, factor=checks.number(self.factor, "embedding strength", 0, 4))


@dataclass(frozen=True, slots=True)
class Weighted:
    """A look and its weight in [0, 100], as a part of a Mix or an ensemble."""

    look: Look
    weight: float = 1.0

    def __post_init__(self) -> None:
        checks.put(self, weight=checks.number(self.weight, "weight", 0, 100))


@dataclass(frozen=True, slots=True)
class Mix:
    """sum w_i look_i / sum w_i, token by token.

    Equal token counts are required in the image-variation family; the text family pads.
    """

    parts: tuple[Weighted, ...]

    def __post_init__(self) -> None:
        check_weights(self.parts, "mix")


@dataclass(frozen=True, slots=True)
class Join:
    """Looks side by side: their tokens concatenated, at most 8 looks."""

    looks: tuple[Look, ...]

    def __post_init__(self) -> None:
        _check_count(self.looks, "join")


@dataclass(frozen=True, slots=True)
class Edit:
    """look + amount * (E(target) - E(origin)): a direction between two texts, in [-2, 2]."""

    look: Look
    origin: str
    target: str
    amount: float

    def __post_init__(self) -> None:
        checks.put(self, origin=checks.text(self.origin, "edit origin", empty=False))
        checks.put(self, target=checks.text(self.target, "edit target", empty=False))
        checks.put(self, amount=checks.number(self.amount, "edit amount", -2, 2))


@dataclass(frozen=True, slots=True)
class Jitter:
    """look + scale * n, or look * (1 + scale * n), n ~ N(0, 1) drawn on the CPU from `seed`."""

    look: Look
    mode: str
    scale: float
    seed: int

    def __post_init__(self) -> None:
        checks.choice(self.mode, "jitter mode", JITTERS)
        checks.put(self, scale=checks.number(self.scale, "jitter scale", 0, 4))
        checks.seed(self.seed, "jitter seed")


@dataclass(frozen=True, slots=True)
class Crop:
    """The embedding of a region of a picture, or the mean over `count` random crops.

    Args:
        source: the picture.
        region: a fixed region; None draws `count` in [1, 64] random ones from `seed`.
    """

    source: Source
    region: Rect | None = None
    count: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        checks.integer(self.count, "crop count", 1, 64)
        checks.seed(self.seed, "crop seed")


@dataclass(frozen=True, slots=True)
class Shift:
    """look + offset, a constant in [-1, 1] added to every component."""

    look: Look
    offset: float

    def __post_init__(self) -> None:
        checks.put(self, offset=checks.number(self.offset, "shift", -1, 1))


@dataclass(frozen=True, slots=True)
class Prior:
    """The image embedding that a prior model makes of a text; its width must be d.

    Args:
        text: the prompt.
        model: id of the prior.
        seed: of the prior's own noise.
        steps: in [2, 1000].
        guidance: in [0, 50].
        weights: digest of the prior; "" is whichever has the id.
    """

    text: str
    model: str
    seed: int = 0
    steps: int = 25
    guidance: float = 4.0
    weights: str = ""

    def __post_init__(self) -> None:
        checks.put(self, text=checks.text(self.text, "prompt", empty=False))
        if self.weights != "":
            checks.digest(self.weights, "prior weights")
        checks.slug(self.model, "prior model")
        checks.seed(self.seed)
        checks.integer(self.steps, "prior steps", 2, 1000)
        checks.put(self, guidance=checks.number(self.guidance, "prior guidance", 0, 50))


@dataclass(frozen=True, slots=True)
class Blend:
    """A look on the way from `first` (u = 0) to `second` (u = 1): the frame of a transition.

    Different token counts are repeated to their least common multiple; the text family pads the
    shorter with windows of the empty prompt.

    Args:
        first, second: the ends.
        u: in [-1, 2]: an easing may overshoot.
        path: `lerp`, `slerp` per token, or `slerp-whole` over the whole tensor.
    """

    first: Look
    second: Look
    u: float
    path: str = "lerp"

    def __post_init__(self) -> None:
        checks.put(self, u=checks.number(self.u, "blend", -1, 2))
        checks.choice(self.path, "condition path", CONDITION_PATHS)


Look = (
    Picture | Prompt | Nothing | Scale | Mix | Join | Edit | Jitter | Crop | Shift | Prior | Blend
)


def token_count(look: Look) -> int:
    """Return the tokens of a look's condition, in units of one text's or picture's.

    A text is one unit, however many windows the text family reads it in: that takes a tokenizer
    to tell, and the renderer looks after it.
    """
    match look:
        case Join():
            return sum(map(token_count, look.looks))
        case Blend():
            return math.lcm(token_count(look.first), token_count(look.second))
        case Mix():
            return token_count(look.parts[0].look)
        case Scale() | Edit() | Jitter() | Shift():
            return token_count(look.look)
        case _:
            return 1


def unequal_mix(counts: set[int]) -> SpecError:
    """Return what is said of a mix of looks whose token counts differ and do not meet."""
    message = f"mix needs looks of equal token counts, got {sorted(counts)}"
    return SpecError(message, "mix", "join them instead")


def texts_in(value: object) -> tuple[str, ...]:
    """Return every text that a text tower reads for `value`, however deep, each once."""
    found: dict[str, None] = {}
    for part in parts(value):
        if isinstance(part, Prompt):
            found[part.text] = None
        elif isinstance(part, Edit):
            found.update(dict.fromkeys((part.origin, part.target)))
    return tuple(found)


def check_weights(parts: tuple[Weighted, ...], field: str) -> None:
    """Refuse no parts, more than 8, and weights that sum to zero."""
    _check_count(parts, field)
    if sum(part.weight for part in parts) <= 0:
        raise SpecError(f"{field} weights must not all be 0", field)


def _check_count(parts: tuple[object, ...], field: str) -> None:
    if not 1 <= len(parts) <= MOST_PARTS:
        raise SpecError(f"{field} must hold 1 to {MOST_PARTS} looks, got {len(parts)}", field)
