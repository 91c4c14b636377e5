"""Names of Stable Diffusion's weights as CompVis first published them, from diffusers' names.

The way back of what diffusers does when it reads a single file; as its script
convert_diffusers_to_original_stable_diffusion.py has it, written out by hand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Weights = dict[str, Tensor]

_UNET = (
    ("time_embedding.linear_1", "time_embed.0"),
    ("time_embedding.linear_2", "time_embed.2"),
    ("conv_norm_out", "out.0"),
    ("conv_out", "out.2"),
    ("conv_in", "input_blocks.0.0"),
    ("mid_block.resnets.0", "middle_block.0"),
    ("mid_block.attentions.0", "middle_block.1"),
    ("mid_block.resnets.1", "middle_block.2"),
)
_UNET_RESNET = (
    ("norm1", "in_layers.0"),
    ("conv1", "in_layers.2"),
    ("time_emb_proj", "emb_layers.1"),
    ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"),
    ("conv_shortcut", "skip_connection"),
)
_VAE = (
    ("conv_norm_out", "norm_out"),
    ("mid_block.attentions.0", "mid.attn_1"),
    ("mid_block.resnets.0", "mid.block_1"),
    ("mid_block.resnets.1", "mid.block_2"),
    ("down_blocks", "down"),
    ("resnets", "block"),
    ("downsamplers.0", "downsample"),
    ("upsamplers.0", "upsample"),
    ("conv_shortcut", "nin_shortcut"),
    ("group_norm", "norm"),
    ("to_q", "q"),
    ("to_k", "k"),
    ("to_v", "v"),
    ("to_out.0", "proj_out"),
)
_OPEN_CLIP = (
    ("embeddings.position_embedding.weight", "positional_embedding"),
    ("embeddings.token_embedding", "token_embedding"),
    ("final_layer_norm", "ln_final"),
    ("encoder.layers", "transformer.resblocks"),
    ("layer_norm1", "ln_1"),
    ("layer_norm2", "ln_2"),
    ("mlp.fc1", "mlp.c_fc"),
    ("mlp.fc2", "mlp.c_proj"),
    ("self_attn", "attn"),
)


def original_weights(
    unet: Weights, vae: Weights, text: Weights, *, layers: int, levels: int, open_clip: bool
) -> Weights:
    """Return the weights of one file.

    Args:
        unet, vae, text: under diffusers' and transformers' names.
        layers: residual blocks of one level of the UNet.
        levels: of the VAE.
        open_clip: as Stable Diffusion 2 keeps its text tower, else as 1 does.
    """
    attended = {int(n) for name in unet for n in re.findall(r"^up_blocks\.(\d+)\.attentions", name)}
    text = {name.removeprefix("text_model."): tensor for name, tensor in text.items()}
    made = {
        **_named("model.diffusion_model.", unet, lambda name: _unet_name(name, layers, attended)),
        **_named("first_stage_model.", vae, lambda name: _vae_name(name, levels)),
    }
    for name, tensor in made.items():  # attention by 1x1 convolutions
        if name.startswith("first_stage_model") and re.search(r"attn_1\.\w+\.weight", name):
            made[name] = tensor[:, :, None, None] if tensor.ndim == 2 else tensor
    if open_clip:
        return made | _named("cond_stage_model.model.", _open_clip(text), str)
    made |= _named("cond_stage_model.transformer.text_model.", text, str)
    window = made["cond_stage_model.transformer.text_model.embeddings.position_embedding.weight"]
    numbers = torch.arange(len(window))[None]  # older files keep them
    made["cond_stage_model.transformer.text_model.embeddings.position_ids"] = numbers
    return made


def _named(prefix: str, weights: Weights, rename: Callable[[str], str]) -> Weights:
    made = {prefix + rename(name): tensor for name, tensor in weights.items()}
    assert len(made) == len(weights)
    return {name: tensor.contiguous() for name, tensor in made.items()}


def _replaced(name: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for new, old in pairs:
        name = re.sub(rf"(^|\.){re.escape(new)}(\.|$)", rf"\g<1>{old}\g<2>", name)
    return name


def _unet_name(name: str, layers: int, attended: set[int]) -> str:
    if "resnets" in name:
        name = _replaced(name, _UNET_RESNET)
    found = re.match(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)$", name)
    if found is None:
        return _replaced(name, _UNET)
    way, block, kind, index, rest = found.groups()
    down = way == "down"
    first = int(block) * (layers + 1) + down
    place = "input_blocks" if down else "output_blocks"
    if kind == "downsamplers":
        return f"{place}.{first + layers}.0.op.{rest.removeprefix('conv.')}"
    if kind == "upsamplers":
        return f"{place}.{first + layers}.{1 + (int(block) in attended)}.{rest}"
    return f"{place}.{first + int(index)}.{int(kind == 'attentions')}.{rest}"


def _vae_name(name: str, levels: int) -> str:
    name = re.sub(r"up_blocks\.(\d+)", lambda found: f"up.{levels - 1 - int(found[1])}", name)
    return _replaced(name, _VAE)


def _open_clip(text: Weights) -> Weights:
    made: Weights = {}
    for new, tensor in text.items():
        name = _replaced(new, _OPEN_CLIP)
        found = re.match(r"(.+\.attn\.)([qkv])_proj\.(weight|bias)$", name)
        if found is None:
            made[name] = tensor
        elif found[2] == "q":
            others = [text[_others(found, letter)] for letter in "kv"]
            made[f"{found[1]}in_proj_{found[3]}"] = torch.cat([tensor, *others])
    last = 1 + max(int(n) for name in made for n in re.findall(r"resblocks\.(\d+)", name))
    for name in [name for name in made if f"resblocks.{last - 1}." in name]:
        # the file has one layer more, which is not used
        made[name.replace(f"resblocks.{last - 1}.", f"resblocks.{last}.")] = made[name] * 0 + 7
    width = made["positional_embedding"].shape[1]
    return made | {"text_projection": torch.eye(width), "logit_scale": torch.tensor(4.6)}


def _others(found: re.Match[str], letter: str) -> str:
    place = re.search(r"resblocks\.(\d+)", found[1])
    assert place is not None
    return f"encoder.layers.{place[1]}.self_attn.{letter}_proj.{found[3]}"
