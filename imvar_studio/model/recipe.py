"""The recipe: everything that decides one picture. Same recipe, same picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from imvar_studio.model import checks
from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import SpecError
from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.look import Look, Nothing, Weighted, check_weights, texts_in
from imvar_studio.model.source import Size
from imvar_studio.model.start import (
    SPACINGS,
    Between,
    Encode,
    Noise,
    Start,
    encoded,
    inversions,
    start_step,
)

# Raised only when the engine makes other pixels from the same recipe, never with the version.
ENGINE_EPOCH = 1

PRECISIONS = ("fp32", "bf16", "fp16")
MOST_STEPS = 1000
MOST_GUIDANCE = 50.0
# samplers that add noise of their own at every step, whatever eta is
STOCHASTIC_SAMPLERS = ("euler-ancestral", "lcm")


@dataclass(frozen=True, slots=True)
class LoraRef:
    """A LoRA by the digest of its weights, with its strength in [-4, 4]."""

    weights: str
    strength: float = 1.0

    def __post_init__(self) -> None:
        checks.digest(self.weights, "LoRA weights")
        checks.put(self, strength=checks.number(self.strength, "LoRA strength", -4, 4))


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A model by its id and the digest of its weights, so that a changed file is another model.

    Args:
        id: what it is called.
        weights: the digest of its own files.
        loras: changes to its weights.
        text: the digest of a text tower that is not its own; "" without one. A recipe without
            texts is named as if there were none (`named`).
    """

    id: str
    weights: str
    loras: tuple[LoraRef, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        checks.slug(self.id, "model id")
        checks.digest(self.weights, "model weights")
        if self.text != "":
            checks.digest(self.text, "text tower")

    def serves(self, wanted: ModelRef) -> bool:
        """Whether this model makes what was made with `wanted`, whatever either is called."""
        same = (self.weights, self.loras) == (wanted.weights, wanted.loras)
        return same and wanted.text in ("", self.text)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides one picture.

    Args:
        model: the model, with its weights' digest.
        looks: one look, or an ensemble whose predictions are averaged with the weights.
        start: where sampling starts.
        size: of the finished picture; the engine works on the next size the model can take.
        steps: in [1, 1000].
        guidance: eps_u + g * (eps - eps_u), g in [0, 50]; 0 is unconditional.
        negative: the look of eps_u; `Nothing` is zeros (image variation) or the empty prompt.
        sampler: a registered sampler's name.
        spacing: how the timesteps lie: `trailing`, `leading`, `linspace`.
        eta: in [0, 1], DDIM's stochastic share.
        variance: the noise that eta or a stochastic sampler adds: `Noise`, with eta also
            `Between` two noises; None where none is added.
        precision: `fp32`, `bf16` or `fp16`, resolved before planning.
        inpaint: the part of a picture to which painting is kept; None paints all.
    """

    model: ModelRef
    looks: tuple[Weighted, ...]
    start: Start
    size: Size
    steps: int = 16
    guidance: float = 3.0
    negative: Look = Nothing()
    sampler: str = "dpmpp-2m"
    spacing: str = "trailing"
    eta: float = 0.0
    variance: Noise | Between | None = None
    precision: str = "fp32"
    inpaint: Inpaint | None = None

    def __post_init__(self) -> None:
        check_weights(self.looks, "ensemble")
        check_sampling(self)
        check_eta(self)
        _check_start_step(self)
        checks.choice(self.precision, "precision", PRECISIONS)
        noisy = self.eta > 0 or self.sampler in STOCHASTIC_SAMPLERS
        if noisy != (self.variance is not None):
            raise SpecError("variance must be given exactly where noise is added", "variance")
        if self.sampler in STOCHASTIC_SAMPLERS and not isinstance(self.variance, Noise):
            raise SpecError(f"variance of {self.sampler} must be one seed's noise", "variance")
        if self.inpaint is not None and inversions(self.start):
            raise SpecError(
                "inpainting cannot start from an inverted picture",
                "start",
                "start from noise or from a picture's noised latents",
            )


class Sampled(Protocol):
    """A value with the settings of a sampler."""

    @property
    def steps(self) -> int: ...  # noqa: D102

    @property
    def guidance(self) -> float: ...  # noqa: D102

    @property
    def sampler(self) -> str: ...  # noqa: D102

    @property
    def spacing(self) -> str: ...  # noqa: D102

    @property
    def eta(self) -> float: ...  # noqa: D102


def check_sampling(value: Sampled) -> None:
    """Check, and bring to their types, the settings that every sampled work has."""
    checks.integer(value.steps, "steps", 1, MOST_STEPS)
    checks.put(value, guidance=checks.number(value.guidance, "guidance", 0, MOST_GUIDANCE))
    checks.slug(value.sampler, "sampler")
    checks.choice(value.spacing, "spacing", SPACINGS)
    checks.put(value, eta=checks.number(value.eta, "eta", 0, 1))


def check_eta(value: Sampled) -> None:
    """Refuse eta where the sampler has none."""
    if value.eta > 0 and value.sampler != "ddim":
        raise SpecError(f"eta needs the sampler ddim, got {value.sampler}", "eta", "choose ddim")


def _check_start_step(recipe: Recipe) -> None:
    left_out = start_step(recipe.start)
    if not left_out:
        return
    if left_out >= recipe.steps:
        raise SpecError(
            f"the start step must be below the {recipe.steps} steps of sampling, got {left_out}",
            "start step",
            "take more steps",
        )
    if recipe.sampler != "ddim":  # others lay their timesteps elsewhere
        raise SpecError(
            f"a start step needs the sampler ddim, got {recipe.sampler}",
            "start step",
            "choose ddim",
        )


def noised_picture(recipe: Recipe) -> Encode | None:
    """Return an `Encode` that the recipe starts from, None where it starts from noise alone.

    Inpainting at strength 1 does that, as in diffusers; img2img at 1 keeps a trace of the picture.

    Raises:
        SpecError: for starts that do not go together.
    """
    found = encoded(recipe.start)
    if found is None or found.continuous or found.strength < 1 or recipe.inpaint is None:
        return found
    return None


def steps_run(recipe: Recipe) -> int:
    """Return how many of the recipe's steps are run: with `Encode` its share, at least 1.

    With `Inverted` all but those before its start step.

    Source: diffusers, `StableDiffusionImg2ImgPipeline.get_timesteps`.
    """
    found = encoded(recipe.start)
    if found is None or found.continuous:
        return recipe.steps - start_step(recipe.start)
    return max(min(int(recipe.steps * found.strength), recipe.steps), 1)


def recipe_digest(recipe: Recipe) -> str:
    """Return the picture's name: BLAKE2b-256 over the recipe and `ENGINE_EPOCH`, 64 hex digits."""
    return digest_data(recipe_record(recipe))


def recipe_record(recipe: Recipe) -> dict[str, Any]:
    """Return what the digest is taken over and what pictures carry as their recipe."""
    model = named(recipe.model, recipe)
    if model != recipe.model:
        recipe = replace(recipe, model=model)
    return {"epoch": ENGINE_EPOCH, "recipe": encode(recipe, rounded=True)}


def named(model: ModelRef, value: object) -> ModelRef:
    """Return how the name of what `model` makes of `value` has the model.

    A text tower that is not the model's own is left out where there is no text for it: pictures
    of pictures keep their names when it comes.
    """
    return replace(model, text="") if model.text and not texts_in(value) else model


def settled(recipe: Recipe) -> Recipe:
    """Return the recipe with its floats as the digest sees them: same name, same bits."""
    return decode(encode(recipe, rounded=True), Recipe)
