"""What several rooms' tests share: tiny models of random weights, the starter, pictures."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
import pytest

from imvar_studio.model.source import Asset
from imvar_studio.store.places import bundled_folder, starter_model

# before torch's threads start: a second busy process must not stall them
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# as the program has it, so that its own words stand alone
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
# how long an example takes says nothing on a machine that does other things, too
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

pytest_plugins = ["tests.program"]

if TYPE_CHECKING:
    from collections.abc import Callable

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
PNDM_LACKS = ("_class_name", "clip_sample")
# of the text family: built like Stable Diffusion 1 and 2, and like 1's inpainting model
TEXT_KINDS = ("text", "text_2", "text_inpainting")

# rooms whose files take minutes, begun first where tests run side by side
LONG_ROOMS = ("meaning", "faults", "gui", "parity", "integration")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave short files for the end, so that no process of tests waits long for another."""
    if not hasattr(config, "workerinput"):
        return
    here = Path(__file__).parent
    places = {room: place for place, room in enumerate(LONG_ROOMS)}
    items.sort(key=lambda item: places.get(item.path.relative_to(here).parts[0], len(places)))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Kind (of `KINDS`) -> a folder in diffusers layout: 64 px, latents (4, 8, 8), d = 32.

    Those of `TEXT_KINDS` have d = 64, 128 and 64 and a window of 77 tokens.
    """
    place = tmp_path_factory.mktemp("models")

    @functools.cache
    def folder(kind: str) -> Path:
        path = place / f"tiny-{kind.replace('_', '-')}"
        if kind in TEXT_KINDS:
            write_tiny_text_model(
                path, second=kind == "text_2", channels=9 if kind == "text_inpainting" else 4
            )
            return path
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
        heed_conditions(unet)
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


def heed_conditions(unet: Any) -> None:
    """Change random weights, to which conditions hardly matter, so that they do."""
    import torch

    with torch.no_grad():
        unet.conv_out.weight *= 3
        for name, weight in unet.named_parameters():
            if "attn2.to_" in name and "to_out" not in name:
                weight.mul_(4)


def write_tiny_text_model(path: Path, *, second: bool, channels: int = 4) -> None:
    """Write Stable Diffusion 1, or 2 where `second`, of random weights, by diffusers' pipeline."""
    import torch
    from diffusers import (
        AutoencoderKL,
        PNDMScheduler,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    width = 128 if second else 64
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(21)
        unet = UNet2DConditionModel(
            sample_size=8, block_out_channels=(64, 128) if second else (32, 64),
            in_channels=channels, layers_per_block=1, cross_attention_dim=width,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            attention_head_dim=(1, 2) if second else 8, use_linear_projection=second,
        )  # fmt: skip
        heed_conditions(unet)
        vae = AutoencoderKL(
            block_out_channels=(8, 16, 16, 16), layers_per_block=1, norm_num_groups=8,
            sample_size=64, down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
        )  # fmt: skip
        text = CLIPTextModel(CLIPTextConfig(
            vocab_size=49408, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=2,
            num_attention_heads=width // 64, max_position_embeddings=77, projection_dim=width,
            hidden_act="gelu" if second else "quick_gelu",
            bos_token_id=49406, eos_token_id=49407, pad_token_id=0 if second else 49407,
        ))  # fmt: skip
    schedule = {key: value for key, value in SCHEDULE.items() if key not in PNDM_LACKS}
    kind = {"prediction_type": "v_prediction"} if second else {}
    tokenizer = CLIPTokenizer.from_pretrained(
        bundled_folder("resources") / "tokenizers" / "clip",
        local_files_only=True,
        pad_token="!" if second else "<|endoftext|>",
    )
    StableDiffusionPipeline(
        unet=unet, vae=vae, text_encoder=text, tokenizer=tokenizer,
        scheduler=PNDMScheduler(**(schedule | kind), skip_prk_steps=True),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    ).save_pretrained(path)  # fmt: skip
    # PNDM knows nothing of clipping, and diffusers' DDIM clips where it is not told
    config = path / "scheduler" / "scheduler_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"clip_sample": False}))


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
