"""A shot: one picture of a sheet, said in the words of the experiments.

A recipe says what the engine does; a shot says what an artist varies: guidance, embedding
strength, the share of a second picture, how far an edit goes. `plan.sheet` turns it into a
recipe. What is at its neutral value (a strength of 1, a share of 0) leaves no trace there.
"""

from __future__ import annotations

from dataclasses import dataclass

from imvar_studio.model import checks
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import RESIZES, Look, Nothing, Weighted, check_weights
from imvar_studio.model.recipe import MOST_GUIDANCE, MOST_STEPS
from imvar_studio.model.source import Asset
from imvar_studio.model.start import InversionSpec

STARTS = ("noise", "picture", "inverted")
MOST_CROPS = 64
INVERSIONS = {
    "fixed-point": InversionSpec(),
    # eta replaces a share of the noise at every step: after few, most of it is the picture's own
    "few-steps": InversionSpec(steps=3, evaluations=10),
    # as first published: plain inversion in many steps, decoded in few
    "classic": InversionSpec(method="plain", steps=500, spacing="leading", start_step=1),
}
# what is sampled from an inversion by that name, where nothing else is said
DECODED: dict[str, dict[str, float]] = {
    "few-steps": {"guidance": 1.0},
    "classic": {"steps": 50, "guidance": 3.0},
}


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture before its model is resolved.

    Args:
        looks: one look, or an ensemble whose predictions are averaged.
        picture: the input: shown beside its row, and what `start` means; None has none.
        second: the look that `mix` leads to.
        origin, target: the texts that `edit` leads from and to.
        negative: the look of the unconditional prediction.
        model: an id or a path.
        seed: of the start's noise, of jitter and of random crops.
        steps: in [1, 1000]; where the start is inverted, the steps back to the picture.
        guidance: in [0, 50].
        sampler: None is the model's own; an inverted start, and eta, take DDIM.
        eta: in [0, 1], DDIM's stochastic share.
        scale: embedding strength, in [0, 4].
        mix: share of `second` in [0, 1]; the rest is the look's.
        edit: amount in [-2, 2].
        jitter: scale of added noise, in [0, 4].
        multiply: scale of multiplied noise, in [0, 4].
        crops: random crops whose embeddings' mean stands for the picture, in [0, 64]; 0 takes
            the picture whole.
        start: `noise`, `picture` (its latents, noised to `strength`: img2img) or `inverted` (its
            latents led back to the noise they could have come from).
        strength: of img2img, in (0, 1].
        inversion: how the picture is inverted.
        resize: of pictures before the image tower: as the model was `trained`, `antialiased`
            or `plain`.
        shift: constant added to every component of the embedding, in [-1, 1].
        latent_shift: constant added to every component of the start's latents, in [-1, 1].
    """

    looks: tuple[Weighted, ...]
    picture: Asset | None = None
    second: Look | None = None
    origin: str = ""
    target: str = ""
    negative: Look = Nothing()
    model: str = "starter"
    seed: int = 0
    steps: int = 16
    guidance: float = 4.0
    sampler: str | None = None
    eta: float = 0.0
    scale: float = 1.0
    mix: float = 0.0
    edit: float = 0.0
    jitter: float = 0.0
    multiply: float = 0.0
    crops: int = 0
    start: str = "noise"
    strength: float = 0.75
    inversion: InversionSpec = InversionSpec()
    resize: str = "trained"
    shift: float = 0.0
    latent_shift: float = 0.0

    def __post_init__(self) -> None:
        check_weights(self.looks, "ensemble")
        _check_texts(self)
        _check_numbers(self)
        checks.choice(self.start, "start", STARTS)
        checks.choice(self.resize, "resize", RESIZES)
        _check_together(self)


def _check_texts(shot: Shot) -> None:
    for name in ("origin", "target"):
        checks.put(shot, **{name: checks.text(getattr(shot, name), f"edit {name}")})
    checks.put(shot, model=checks.text(shot.model, "model", 4096, empty=False))
    if shot.sampler is not None:
        checks.slug(shot.sampler, "sampler")


def _check_numbers(shot: Shot) -> None:
    checks.seed(shot.seed)
    checks.integer(shot.steps, "steps", 1, MOST_STEPS)
    checks.integer(shot.crops, "crops", 0, MOST_CROPS)
    for name, said, low, high in (
        ("guidance", "guidance", 0, MOST_GUIDANCE),
        ("eta", "eta", 0, 1),
        ("scale", "embedding strength", 0, 4),
        ("mix", "mix", 0, 1),
        ("edit", "edit amount", -2, 2),
        ("jitter", "jitter", 0, 4),
        ("multiply", "multiplied noise", 0, 4),
        ("shift", "shift", -1, 1),
        ("latent_shift", "latent shift", -1, 1),
    ):
        checks.put(shot, **{name: checks.number(getattr(shot, name), said, low, high)})
    checks.put(shot, strength=checks.number(shot.strength, "strength", 0, 1, open_low=True))


def _check_together(shot: Shot) -> None:
    if shot.mix and shot.second is None:
        raise SpecError("mix needs a second look", "mix", "say what to mix in")
    if shot.edit and not (shot.origin.strip() and shot.target.strip()):
        raise SpecError("edit needs two texts", "edit", "say what it leads from and to")
    if shot.start != "noise" and shot.picture is None:
        raise SpecError(f"a start of {shot.start} needs a picture", "start", "give a picture")
    if shot.crops and shot.picture is None:
        raise SpecError("random crops need a picture", "crops", "give a picture")
