"""A model's family and measures, read from the files of its folder; nothing is loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model.errors import ModelError
from imvar_studio.model.model_card import IMAGE_VARIATION, TEXT, Preprocessing
from imvar_studio.model.source import LARGEST_SIDE, SMALLEST_SIDE, Size
from imvar_studio.model.start import SPACINGS
from imvar_studio.store.model_config import COPY_AGAIN, Config
from imvar_studio.store.model_preprocessing import image_preprocessing
from imvar_studio.store.model_weights import component_weights

if TYPE_CHECKING:
    from imvar_studio.store.model_profile import Profile

CHOOSE = "choose an image-variation model, or Stable Diffusion 1.x or 2.x"
_VISION, _CLIP_TEXT = "CLIPVisionModelWithProjection", "CLIPTextModel"
_CLIP_TEXT_PROJECTED = "CLIPTextModelWithProjection"
_UNET, _VAE = "UNet2DConditionModel", "AutoencoderKL"
_NATIVE_LATENTS = 64  # diffusers' own, where the config names none
_MOST_BLOCKS = 8
_WINDOW = 77  # CLIP's
_TOKENIZER = (
    "tokenizer.json",
    "vocab.json",
    "merges.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)
_SAMPLERS = {
    "DDIMScheduler": "ddim",
    "DPMSolverMultistepScheduler": "dpmpp-2m",
    "EulerAncestralDiscreteScheduler": "euler-ancestral",
    "EulerDiscreteScheduler": "euler",
    "LCMScheduler": "lcm",
    "LMSDiscreteScheduler": "lms",
    "PNDMScheduler": "pndm",
    "UniPCMultistepScheduler": "unipc",
}
# settings of a UNet that asks for more than a timestep and a condition
_EXTRAS = (
    "addition_embed_type",
    "class_embed_type",
    "encoder_hid_dim",
    "encoder_hid_dim_type",
    "num_class_embeds",
    "time_cond_proj_dim",
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the files say; the fields are `ModelCard`'s.

    Args:
        files: all that decide the pictures: configs, weights, tokenizer.
        weights: those of them that are weights.
    """

    family: str
    native: Size
    multiple: int
    width: int
    inpainting: bool
    image_tower: str = ""
    text_tower: str = ""
    window: int = 0
    preprocessing: Preprocessing | None = None
    sampler: str = "dpmpp-2m"
    spacing: str = "trailing"
    files: tuple[Path, ...] = ()
    weights: tuple[Path, ...] = ()


def recognise(folder: Path, profile: Profile) -> Recognised:
    """Return what a folder in diffusers layout is.

    Raises:
        ModelError: naming what was found, if it is of no supported family or not whole.
    """
    index = _index(folder)
    unet, vae = Config(folder / "unet" / "config.json"), Config(folder / "vae" / "config.json")
    _check_parts(folder, index, unet, vae)
    image, text = _tower(folder, "image_encoder"), _tower(folder, "text_encoder")
    found = replace(_measures(unet, vae, profile), family=_family(folder, unet, image, text))
    if found.family == TEXT or text is not None:
        assert text is not None
        window = text.integer("max_position_embeddings", _WINDOW)
        found = replace(found, text_tower="text_encoder", window=window)
    if found.family == IMAGE_VARIATION:
        assert image is not None
        preprocessing = image_preprocessing(folder, image, profile)
        found = replace(found, image_tower="image_encoder", preprocessing=preprocessing)
    return _with_files(folder, _with_sampling(folder, found))


def _with_sampling(folder: Path, found: Recognised) -> Recognised:
    """Add the scheduler the model ships, and its spacing where it names one."""
    scheduler = Config(folder / "scheduler" / "scheduler_config.json")
    spacing = scheduler.text("timestep_spacing")
    return replace(
        found,
        sampler=_SAMPLERS.get(scheduler.text("_class_name"), found.sampler),
        spacing=spacing if spacing in SPACINGS else found.spacing,
    )


def _index(folder: Path) -> Config:
    """Return model_index.json, or say what a folder without one is."""
    if (folder / "pytorch_lora_weights.safetensors").is_file() or (
        folder / "adapter_config.json"
    ).is_file():
        raise ModelError(f"{folder} is a LoRA, a change to a model and no model", CHOOSE)
    if not (folder / "model_index.json").is_file():
        found = sorted(path.name for path in folder.iterdir())[:3]
        what = f"it holds {', '.join(found)}" if found else "it is empty"
        message = f"{folder} is not a model in diffusers layout, {what} and no model_index.json"
        raise ModelError(message, CHOOSE)
    index = Config(folder / "model_index.json")
    if _names(index, "transformer"):
        raise _unsupported(folder, index, "with a transformer, like Flux or Stable Diffusion 3")
    if _names(index, "text_encoder_2"):
        raise _unsupported(folder, index, "with two text towers, like Stable Diffusion XL")
    if not _names(index, "unet"):
        raise _unsupported(folder, index, "without a UNet")
    return index


def _names(index: Config, part: str) -> bool:
    """Whether a part is there or should be; `[null, null]` says that it need not be."""
    return (index.path.parent / part).is_dir() or any(index.names(part))


def _unsupported(folder: Path, index: Config, what: str) -> ModelError:
    pipeline = index.text("_class_name") or "a model"
    return ModelError(f"{folder} is {pipeline} {what}, which is not supported", CHOOSE)


def _check_parts(folder: Path, index: Config, unet: Config, vae: Config) -> None:
    """Refuse a UNet or VAE that the sampling loop does not know."""
    if unet.raw("addition_embed_type") == "text_time":
        raise _unsupported(folder, index, "of Stable Diffusion XL's kind")
    for config, known in ((unet, _UNET), (vae, _VAE)):
        name = config.text("_class_name")
        if name != known:
            raise _unsupported(folder, index, f"whose {config.path.parent.name} is {name or '?'}")
    for key in _EXTRAS:
        if unet.raw(key) is not None:
            extra = f"whose UNet needs {key} ({str(unet.raw(key))[:40]})"
            raise _unsupported(folder, index, extra)
    latents, channels = vae.integer("latent_channels", 4), unet.integer("in_channels", 4)
    if channels not in (latents, 2 * latents + 1) or unet.integer("out_channels", 4) != latents:
        raise _unsupported(folder, index, f"whose UNet takes {channels} channels")


def _tower(folder: Path, name: str) -> Config | None:
    return Config(folder / name / "config.json") if (folder / name).is_dir() else None


def _measures(unet: Config, vae: Config, profile: Profile) -> Recognised:
    """Return what does not depend on the family."""
    scale = _halvings(vae, "block_out_channels")
    return Recognised(
        family="",
        native=_native(unet, scale, profile),
        multiple=scale * _halvings(unet, "down_block_types"),
        width=_width(unet),
        inpainting=unet.integer("in_channels", 4) != vae.integer("latent_channels", 4),
    )


def _halvings(config: Config, key: str) -> int:
    """Return by how much the blocks listed under `key` shrink a side: all but the last halve it."""
    blocks = config.raw(key)
    if not isinstance(blocks, list) or not 1 <= len(blocks) <= _MOST_BLOCKS:
        config.refuse(key, f"must be a list of 1 to {_MOST_BLOCKS} blocks")
    return 1 << (len(blocks) - 1)


def _native(unet: Config, scale: int, profile: Profile) -> Size:
    if profile.native_size is not None:
        return Size(profile.native_size, profile.native_size)
    listed = isinstance(unet.raw("sample_size"), list)
    rows = unet.integers("sample_size") if listed else ()
    height, width = (
        (rows[0], rows[-1]) if rows else (unet.integer("sample_size", _NATIVE_LATENTS),) * 2
    )
    sides = width * scale, height * scale
    if not SMALLEST_SIDE <= min(sides) <= max(sides) <= LARGEST_SIDE:
        unet.refuse("sample_size", f"must give pictures of {SMALLEST_SIDE} to {LARGEST_SIDE} px")
    return Size(*sides)


def _width(unet: Config) -> int:
    """Return the width of a condition's tokens, which must be one for all blocks."""
    if not isinstance(unet.raw("cross_attention_dim"), list):
        return unet.integer("cross_attention_dim")
    widths = set(unet.integers("cross_attention_dim"))
    if len(widths) > 1:
        unet.refuse("cross_attention_dim", "must be one width")
    return widths.pop()


def _family(folder: Path, unet: Config, image: Config | None, text: Config | None) -> str:
    """Tell the family by what the towers give and what the UNet takes."""
    width = _width(unet)
    image_kind, text_kind = _kind(image), _kind(text)
    sees = image_kind == _VISION and _gives(image, "projection_dim") == width
    if sees and text is None:
        return IMAGE_VARIATION
    if sees and text_kind == _CLIP_TEXT_PROJECTED and _gives(text, "projection_dim") == width:
        return IMAGE_VARIATION
    if text_kind == _CLIP_TEXT and _gives(text, "hidden_size") == width:
        return TEXT
    towers = [
        f"{config.path.parent.name} is {_kind(config) or 'of no known kind'} with {key} "
        f"{config.raw(key)}"
        for config, key in (
            (image, "projection_dim"),
            (text, "hidden_size" if text_kind == _CLIP_TEXT else "projection_dim"),
        )
        if config is not None
    ]
    has = ", ".join(towers) or "there is no image_encoder and no text_encoder"
    message = f"{folder} has a UNet for conditions of width {width}, but {has}"
    raise ModelError(message, CHOOSE)


def _kind(tower: Config | None) -> str:
    names = tower.names("architectures") if tower is not None else ()
    return names[0][:100] if names else ""


def _gives(tower: Config | None, key: str) -> int:
    return tower.integer(key, 512) if tower is not None else 0  # 512 is CLIP's where none is named


def _with_files(folder: Path, found: Recognised) -> Recognised:
    """Add the files; those of towers that are not used are left out."""
    towers = [name for name in (found.image_tower, found.text_tower) if name]
    weights: list[Path] = []
    for name in ("unet", "vae", *towers):
        weights += component_weights(folder / name, transformers=name in towers)
    files = [folder / name / "config.json" for name in ("unet", "vae", *towers)]
    files.append(folder / "scheduler" / "scheduler_config.json")
    if found.text_tower:
        files += tokenizer_files(folder / "tokenizer")
    return replace(found, files=(*files, *weights), weights=tuple(weights))


def tokenizer_files(folder: Path) -> list[Path]:
    """Return the files of CLIP's tokenizer that are in a folder.

    Raises:
        ModelError: if there are not enough of them, or one does not read.
    """
    files = [folder / name for name in _TOKENIZER if (folder / name).is_file()]
    names = {path.name for path in files}
    if "tokenizer.json" not in names and not {"vocab.json", "merges.txt"} <= names:
        raise ModelError(f"{folder} lacks vocab.json and merges.txt", COPY_AGAIN)
    for path in files:
        if path.suffix == ".json":
            Config(path)
    return files
