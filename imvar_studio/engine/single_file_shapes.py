"""What the components of a single file look like, read off the shapes of its tensors."""

from __future__ import annotations

import re
from typing import Any

Shapes = dict[str, tuple[int, ...]]
_UNET = "model.diffusion_model."
_VAE = "first_stage_model."
_CLIP = "cond_stage_model.transformer."
_OPEN_CLIP = "cond_stage_model.model."
_HEAD = 64  # channels a head in every CLIP text tower and in Stable Diffusion 2's UNet
_HEADS = 8  # heads of every layer in Stable Diffusion 1's UNet


def unet_config(shapes: Shapes) -> dict[str, Any]:
    """Return diffusers' config of the UNet.

    Raises:
        KeyError: a tensor every such UNet has is missing.
    """
    channels, attends, layers = _unet_levels(shapes)
    keys = [name for name in shapes if name.startswith(_UNET) and "attn2.to_k.weight" in name]
    if not keys:
        raise KeyError("attn2.to_k.weight")
    projections = [name for name in shapes if name.startswith(_UNET) and "proj_in.weight" in name]
    linear = len(shapes[projections[0]]) == 2
    down = ["CrossAttnDownBlock2D" if attended else "DownBlock2D" for attended in attends]
    up = ["CrossAttnUpBlock2D" if attended else "UpBlock2D" for attended in reversed(attends)]
    return {
        "in_channels": shapes[f"{_UNET}input_blocks.0.0.weight"][1],
        "out_channels": shapes[f"{_UNET}out.2.weight"][0],
        "block_out_channels": channels,
        "layers_per_block": layers,
        "down_block_types": down,
        "up_block_types": up,
        "cross_attention_dim": shapes[keys[0]][1],
        "attention_head_dim": [c // _HEAD for c in channels] if linear else _HEADS,
        "use_linear_projection": linear,
        "sample_size": 64,
    }


def _unet_levels(shapes: Shapes) -> tuple[list[int], list[bool], int]:
    """Return channels and attention of each level, and the residual blocks of one."""
    inputs = f"{_UNET}input_blocks."
    last = max(int(n) for name in shapes for n in re.findall(rf"^{re.escape(inputs)}(\d+)", name))
    channels: list[int] = []
    attends: list[bool] = []
    counts = [0]
    for block in range(1, last + 1):
        if f"{inputs}{block}.0.op.weight" in shapes:  # the way down to the next level
            counts.append(0)
            continue
        out = shapes[f"{inputs}{block}.0.out_layers.3.weight"][0]
        counts[-1] += 1
        if counts[-1] == 1:
            channels.append(out)
            attends.append(f"{inputs}{block}.1.norm.weight" in shapes)
    return channels, attends, counts[0]


def vae_config(shapes: Shapes) -> dict[str, Any]:
    """Return diffusers' config of the VAE.

    Raises:
        KeyError: a tensor every such VAE has is missing.
    """
    places = f"{_VAE}encoder.down."
    levels = 1 + max(int(n) for s in shapes for n in re.findall(rf"^{re.escape(places)}(\d+)", s))
    blocks = {s for s in shapes if re.match(rf"{re.escape(places)}0\.block\.\d+\.conv1\.weight", s)}
    channels = [shapes[f"{places}{level}.block.0.conv1.weight"][0] for level in range(levels)]
    return {
        "in_channels": shapes[f"{_VAE}encoder.conv_in.weight"][1],
        "out_channels": shapes[f"{_VAE}decoder.conv_out.weight"][0],
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
        "block_out_channels": channels,
        "layers_per_block": len(blocks),
        "latent_channels": shapes[f"{_VAE}post_quant_conv.weight"][0],
        "norm_num_groups": min(32, channels[0]),
        "scaling_factor": 0.18215,
    }


def text_config(shapes: Shapes) -> dict[str, Any]:
    """Return transformers' config of the text tower.

    Raises:
        KeyError: a tensor every such tower has is missing.
    """
    if f"{_OPEN_CLIP}positional_embedding" in shapes:
        window, hidden = shapes[f"{_OPEN_CLIP}positional_embedding"]
        found = rf"^{re.escape(_OPEN_CLIP)}transformer\.resblocks\.(\d+)"
        layers = max(int(n) for name in shapes for n in re.findall(found, name))  # all but the last
        inner = shapes[f"{_OPEN_CLIP}transformer.resblocks.0.mlp.c_fc.weight"][0]
        vocabulary, act = shapes[f"{_OPEN_CLIP}token_embedding.weight"][0], "gelu"
    else:
        embeddings = f"{_CLIP}text_model.embeddings."
        window, hidden = shapes[f"{embeddings}position_embedding.weight"]
        found = rf"^{re.escape(_CLIP)}text_model\.encoder\.layers\.(\d+)"
        layers = 1 + max(int(n) for name in shapes for n in re.findall(found, name))
        inner = shapes[f"{_CLIP}text_model.encoder.layers.0.mlp.fc1.weight"][0]
        vocabulary, act = shapes[f"{embeddings}token_embedding.weight"][0], "quick_gelu"
    return {
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": max(hidden // _HEAD, 1),
        "intermediate_size": inner,
        "max_position_embeddings": window,
        "vocab_size": vocabulary,
        "hidden_act": act,
        "projection_dim": hidden,
    }
