"""What is known of a model from its files alone, before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from imvar_studio.model.errors import ModelError
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.source import Size

IMAGE_VARIATION, TEXT = "image-variation", "text"
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a picture meets the image tower: a squash to a square by bicubic resize.

    Args:
        size: side in pixels.
        antialias: whether the resize filters; part of how the model was trained.
        mean, std: per channel, over values in [0, 1].
    """

    size: int
    antialias: bool
    mean: tuple[float, ...] = CLIP_MEAN
    std: tuple[float, ...] = CLIP_STD


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model that was recognised.

    Args:
        ref: id and weights' digest.
        path: folder in diffusers layout, or a single file.
        family: `image-variation` or `text`.
        name, licence: for people; "" where the files say nothing.
        native: the size the model was trained at.
        multiple: both sides of the working size are multiples of it, in pixels.
        width: d, the width of a condition's tokens.
        image_tower, text_tower: folders that are there, relative to `path`; "" where absent.
        window: tokens the text tower takes, 0 without one.
        preprocessing: for the image tower, None without one.
        image_norm: length that picture embeddings have, None where not known.
        inpainting: the UNet takes 9 channels.
        weights_bytes: of the files that are loaded.
        sampler, spacing: the model's own defaults.
        prediction: of a single file, whose schedule is not beside it; "" for folders.
        tokenizer_path: folder of a tokenizer that is not the model's own: CLIP's for a single
            file, the companion's; "" where it lies in `path`.
        companion: folder of a CLIP whose text tower stands in for the one that the model lacks;
            its digest is `ref.text`. "" without one.
        text_remedy: how a model without a text tower comes by one; "" where it cannot.
    """

    ref: ModelRef
    path: str
    family: str
    name: str
    licence: str
    native: Size
    multiple: int
    width: int
    image_tower: str = ""
    text_tower: str = ""
    window: int = 0
    preprocessing: Preprocessing | None = None
    image_norm: float | None = None
    inpainting: bool = False
    weights_bytes: int = 0
    sampler: str = "dpmpp-2m"
    spacing: str = "trailing"
    prediction: str = ""
    tokenizer_path: str = ""
    companion: str = ""
    text_remedy: str = ""

    @property
    def reads_prompts(self) -> bool:
        """Whether there is a text tower, be it another model's."""
        return bool(self.text_tower or self.companion)


def check_paints(recipe: Recipe, card: ModelCard) -> None:
    """Refuse an inpainting model where nothing says what to paint.

    Raises:
        ModelError: a UNet of 9 channels and a recipe without `inpaint`.
    """
    if card.inpainting and recipe.inpaint is None:
        raise ModelError(
            f"model {card.ref.id} is an inpainting model, it needs a picture and a mask",
            "choose another model, or paint with 'imvar picture --inpaint'",
        )


def prompts_only(card: ModelCard, what: str, remedy: str) -> ModelError:
    """Return what is said where a picture meets a model that takes prompts only.

    Args:
        card: the model's.
        what: came of it, as the sentence goes on.
        remedy: what the user can do.
    """
    return ModelError(f"model {card.ref.id} takes prompts only, {what}", remedy)


def no_picture_look(card: ModelCard) -> ModelError:
    """Return what is said where a picture is the look of a model that takes prompts only."""
    what = "a picture cannot be its look"
    return prompts_only(card, what, "use a prompt, or an image-variation model")


def no_text_tower(card: ModelCard) -> ModelError:
    """Return what is said where a text meets a model that reads none."""
    remedy = card.text_remedy or "use pictures, or another model"
    return ModelError(f"model {card.ref.id} has no text tower", remedy)
