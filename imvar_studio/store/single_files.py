"""Single safetensors files: what one is, told by the names and shapes of its tensors."""

from __future__ import annotations

import re
from statistics import pstdev
from typing import TYPE_CHECKING

from imvar_studio.model.errors import ModelError
from imvar_studio.model.model_card import TEXT
from imvar_studio.model.source import Size
from imvar_studio.store.model_files import CHOOSE, Recognised
from imvar_studio.store.model_weights import safetensors_header, safetensors_values
from imvar_studio.store.places import bundled_folder

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.model.codec import Data

_UNET, _VAE = "model.diffusion_model.", "first_stage_model."
_SD1, _SD2 = "cond_stage_model.transformer.text_model.", "cond_stage_model.model."
_POSITIONS = (
    f"{_SD1}embeddings.position_embedding.weight",
    f"{_SD2}positional_embedding",
)
_LATENTS = 4
_PICKLES = {".ckpt", ".pt", ".pth", ".pkl", ".bin"}
_OPEN_CLIP = 1024  # the width of Stable Diffusion 2's text tower
_WIDEST_OF_EPSILON = 0.09
_V_NATIVE, _NATIVE = Size(768, 768), Size(512, 512)
_KINDS = (
    (r"^(lora_|lycoris_)|\.lora_(up|down|A|B)\.", "a LoRA, a change to a model and no model"),
    (r"^control_model\.|^input_hint_block", "a ControlNet, a part of a model"),
    (r"^conditioner\.embedders\.", "a Stable Diffusion XL model, which is not supported"),
    (r"^(model\.diffusion_model\.)?double_blocks\.", "a Flux model, which is not supported"),
    (r"joint_blocks\.", "a Stable Diffusion 3 model, which is not supported"),
    (r"^(emb_params|string_to_param)", "a textual inversion, a word for a model and no model"),
)


def recognise_file(path: Path) -> tuple[Recognised, str]:
    """Return what a single file is, and how its UNet predicts.

    Raises:
        ModelError: naming what was found, if it is not Stable Diffusion 1.x or 2.x, or not whole.
    """
    if path.suffix.lower() != ".safetensors":
        what = "is a pickle, which may run code when it is read"
        if path.suffix.lower() not in _PICKLES:
            what = "is not a model's folder and not a .safetensors file"
        raise ModelError(f"{path} {what}", CHOOSE)
    header = safetensors_header(path)
    for pattern, what in _KINDS:
        if any(re.search(pattern, name) for name in header):
            raise ModelError(f"{path} is {what}", CHOOSE)
    for prefix, part in ((_UNET, "UNet"), (_VAE, "VAE")):
        if not any(name.startswith(prefix) for name in header):
            raise ModelError(f"{path} holds no {part} of Stable Diffusion's layout", CHOOSE)
    window = next((_shape(header, name)[0] for name in _POSITIONS if name in header), 0)
    if not window:
        raise ModelError(f"{path} holds no text tower of Stable Diffusion 1.x or 2.x", CHOOSE)
    return _measured(path, header, window)


def _measured(path: Path, header: dict[str, Data], window: int) -> tuple[Recognised, str]:
    widths = [_shape(header, name)[-1] for name in header if "attn2.to_k.weight" in name]
    first = f"{_UNET}input_blocks.0.0.weight"
    if not widths or first not in header:
        raise ModelError(f"{path} holds a UNet that is not known", CHOOSE)
    channels = _shape(header, first)[1]
    if channels not in (_LATENTS, 2 * _LATENTS + 1):
        raise ModelError(f"{path} has a UNet of {channels} channels, which is not known", CHOOSE)
    halvings = rf"({_UNET}input_blocks\.\d+\.0\.op|{_VAE}encoder\.down\.\d+\.downsample\.conv)"
    shrinks = sum(re.fullmatch(rf"{halvings}\.weight", name) is not None for name in header)
    prediction = _prediction(path, header, widths[0])
    native = _V_NATIVE if prediction == "v_prediction" and widths[0] > 768 else _NATIVE
    tokenizer = bundled_folder("resources") / "tokenizers" / "clip"
    recognised = Recognised(
        family=TEXT,
        native=native,
        multiple=1 << shrinks,
        width=widths[0],
        inpainting=channels != _LATENTS,
        text_tower="cond_stage_model",
        window=window,
        files=(path, tokenizer / "vocab.json", tokenizer / "merges.txt"),
        weights=(path,),
    )
    return recognised, prediction


def _prediction(path: Path, header: dict[str, Data], width: int) -> str:
    """Return how the UNet predicts.

    As the file says. Stable Diffusion 2 comes in both kinds, with the same names and shapes: its
    base predicts noise, and the later ones that were trained on to predict v have wider biases
    in the last attention's first norm (as ComfyUI tells them apart).
    """
    notes = header.get("__metadata__")
    said = str(notes.get("modelspec.prediction_type", "")) if isinstance(notes, dict) else ""
    if said:
        return "v_prediction" if said.startswith("v") else "epsilon"
    if width != _OPEN_CLIP:
        return "epsilon"
    biases = safetensors_values(path, f"{_UNET}output_blocks.11.1.transformer_blocks.0.norm1.bias")
    narrow = bool(biases) and pstdev(biases) <= _WIDEST_OF_EPSILON
    return "epsilon" if narrow else "v_prediction"


def _shape(header: dict[str, Data], name: str) -> list[int]:
    tensor = header[name]
    shape = tensor.get("shape") if isinstance(tensor, dict) else None
    if not isinstance(shape, list) or not shape or any(type(n) is not int for n in shape):
        return [0, 0]
    return shape
