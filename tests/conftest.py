"""What several rooms' tests share: tiny models of random weights, the starter, pictures."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imvar_studio.model.source import Asset
from imvar_studio.store.places import bundled_folder, starter_model

# before torch's threads start: a second busy process must not stall them
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from imvar_studio.engine.bundle import Bundle

WIDTH = 32  # of the tiny models' conditions

SCHEDULE = {
    "_class_name": "DDIMScheduler",
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
    "prediction_type": "epsilon",
}
# changes to SCHEDULE that make the tiny models' kinds; their weights are the same
KINDS: dict[str, dict[str, object]] = {
    "epsilon": {},
    "v_prediction": {"prediction_type": "v_prediction"},
    "sample": {"prediction_type": "sample"},
    "trained_betas": {"trained_betas": [0.0004 + 0.03 * (i / 999) ** 3 for i in range(1000)]},
    "zero_snr": {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True},
}


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Kind (of `KINDS`) -> a folder in diffusers layout: 64 px, latents (4, 8, 8), d = 32."""
    place = tmp_path_factory.mktemp("models")

    @functools.cache
    def folder(kind: str) -> Path:
        path = place / f"tiny-{kind.replace('_', '-')}"
        if kind == "epsilon":
            write_tiny_model(path)
        else:
            shutil.copytree(folder("epsilon"), path)
        config = json.dumps(SCHEDULE | KINDS[kind])
        (path / "scheduler" / "scheduler_config.json").write_text(config)
        return path

    return folder


def write_tiny_model(path: Path) -> None:
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import (
        CLIPTextConfig,
        CLIPTextModelWithProjection,
        CLIPVisionConfig,
        CLIPVisionModelWithProjection,
    )

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(20)
        unet = UNet2DConditionModel(
            sample_size=8, block_out_channels=(32, 64), layers_per_block=1,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=WIDTH, attention_head_dim=4, norm_num_groups=8,
        )  # fmt: skip
        with torch.no_grad():  # at their random start, conditions hardly matter
            unet.conv_out.weight *= 3
            for name, weight in unet.named_parameters():
                if "attn2.to_" in name and "to_out" not in name:
                    weight.mul_(4)
        vae = AutoencoderKL(
            block_out_channels=(8,) * 4, layers_per_block=1, norm_num_groups=4, sample_size=64,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        )  # fmt: skip
        common = {"hidden_size": 32, "intermediate_size": 64, "projection_dim": WIDTH,
                  "num_hidden_layers": 2, "num_attention_heads": 4}  # fmt: skip
        sees = CLIPVisionConfig(image_size=32, patch_size=8, **common)
        reads = CLIPTextConfig(
            vocab_size=4312, max_position_embeddings=32,
            bos_token_id=4310, eos_token_id=4311, pad_token_id=4311, **common,
        )  # fmt: skip
        image, text = CLIPVisionModelWithProjection(sees), CLIPTextModelWithProjection(reads)
    parts = {"unet": unet, "vae": vae, "image_encoder": image, "text_encoder": text}
    for name, part in parts.items():
        part.save_pretrained(path / name)
    shutil.copytree(starter_model() / "tokenizer", path / "tokenizer")
    (path / "scheduler").mkdir()
    index = {"_class_name": "StableDiffusionImageVariationPipeline"}
    for name in (*parts, "scheduler", "tokenizer"):
        index[name] = ["diffusers", "part"]
    (path / "model_index.json").write_text(json.dumps(index))


@pytest.fixture(scope="session")
def load_model(
    tiny_model: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Bundle]:
    """(`starter` or a tiny model's kind, precision) -> the bundle on the CPU, loaded once."""
    from imvar_studio.engine.device import choose_compute
    from imvar_studio.engine.library import load_bundle
    from imvar_studio.store.cache import DigestCache
    from imvar_studio.store.models import resolve

    hashes = DigestCache(tmp_path_factory.mktemp("hashes"))

    @functools.cache
    def load(model: str, precision: str) -> Bundle:
        place = model if model == "starter" else str(tiny_model(model))
        return load_bundle(resolve(place, hashes), choose_compute("cpu", precision))

    return load


class Pictures:
    """The engine's picture loader: samples by file name, and waves, "waves 80x100", of a size."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self.loads = 0

    def asset(self, name: str) -> Asset:
        sha = hashlib.sha256(name.encode()).hexdigest()
        self._names[sha] = name
        return Asset(sha)

    def __call__(self, sha: str, background: str) -> NDArray[np.uint8]:
        from imvar_studio.media.image_io import read_picture

        self.loads += 1
        name = self._names[sha]
        if name.startswith("waves"):
            width, height = map(int, name.split()[1].split("x"))
            return waves(width, height)
        return read_picture(bundled_folder("resources") / "samples" / "pictures" / name)


def waves(width: int, height: int) -> NDArray[np.uint8]:
    """(h, w, 3) uint8, smooth, no two places alike."""
    y, x = np.mgrid[0:height, 0:width]
    u, v = x / width, y / height
    red, green = 0.5 + 0.4 * np.sin(9 * u + 2 * v), 0.5 + 0.4 * np.cos(4 * u * v + 5 * v)
    return (np.stack([red, green, 0.2 + 0.6 * u], axis=-1) * 255).round().astype(np.uint8)


@pytest.fixture(scope="session")
def pictures() -> Pictures:
    return Pictures()
