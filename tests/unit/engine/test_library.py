"""Loading: what is refused, in one sentence, and what a bundle is made of."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file, save_file

from imvar_studio.engine.attention import SingleTokenAttention
from imvar_studio.engine.device import choose_compute
from imvar_studio.engine.library import load_bundle
from imvar_studio.model.errors import ModelError
from imvar_studio.model.model_card import Preprocessing
from imvar_studio.model.source import Size
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.models import resolve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.model_card import ModelCard

COMPUTE = choose_compute("cpu", "fp32")
UNET, VAE = "unet/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.safetensors"
IMAGE, TOWER = "image_encoder/model.safetensors", "text_encoder/model.safetensors"


@pytest.fixture
def model(tiny_model: Callable[[str], Path], tmp_path: Path) -> Path:
    return shutil.copytree(tiny_model("epsilon"), tmp_path / "copy")


@pytest.fixture
def card(model: Path, tmp_path: Path) -> ModelCard:
    """Read while the files were whole."""
    return resolve(str(model), DigestCache(tmp_path / "hashes"))


def refusal(card: ModelCard) -> str:
    with pytest.raises(ModelError) as caught:
        load_bundle(card, COMPUTE)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "copy" in sentence  # the model's id
    assert caught.value.remedy
    assert not sentence.endswith(".")
    return sentence


def test_a_bundle_is_what_the_files_say(load_model: Callable[..., Bundle]) -> None:
    for precision, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        bundle = load_model("zero_snr", precision)
        assert bundle.unet.dtype == bundle.vae.dtype == dtype
        assert bundle.image_tower.dtype == bundle.text_tower.dtype == torch.float32
        assert bundle.precise_unet().dtype == torch.float32
        assert (bundle.precise_unet() is bundle.unet) == (precision == "fp32")
        assert bundle.scheduler_config["rescale_betas_zero_snr"] is True
        for part in (bundle.unet, bundle.vae, bundle.image_tower, bundle.text_tower):
            assert not part.training
            assert not any(weight.requires_grad for weight in part.parameters())
    processors = bundle.unet.attn_processors.values()
    assert {type(each) for each in processors} == {SingleTokenAttention}


def test_sizes_and_shapes(load_model: Callable[..., Bundle]) -> None:
    tiny, starter = load_model("epsilon", "fp32"), load_model("starter", "fp32")
    assert tiny.card.preprocessing == Preprocessing(32, antialias=False)
    assert (tiny.card.multiple, tiny.card.width, tiny.card.native) == (16, 32, Size(64, 64))
    assert tiny.working_size(Size(65, 96)) == Size(80, 96)
    assert tiny.latent_shape(Size(80, 96)) == (4, 12, 10)
    assert starter.latent_shape(starter.card.native) == (4, 32, 32)


@pytest.mark.parametrize("file", [UNET, VAE, IMAGE, TOWER])
def test_missing_weights_are_said(model: Path, card: ModelCard, file: str) -> None:
    (model / file).unlink()
    assert refusal(card).startswith("model copy cannot be loaded (")


@pytest.mark.parametrize("file", [UNET, VAE, IMAGE, TOWER])
def test_damaged_weights_are_said(model: Path, card: ModelCard, file: str) -> None:
    whole = (model / file).read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"\xff" * 100):
        (model / file).write_bytes(damaged)
        assert refusal(card).startswith("model copy cannot be loaded (")


@pytest.mark.parametrize("file", [UNET, VAE, IMAGE, TOWER])
def test_a_missing_tensor_is_never_made_up(model: Path, card: ModelCard, file: str) -> None:
    weights = load_file(model / file)
    name = next(
        key for key in weights if key.endswith((".bias", "_projection.weight", "proj.weight"))
    )
    weights.pop(name)
    save_file(weights, model / file, metadata={"format": "pt"})
    assert name in refusal(card)


@pytest.mark.parametrize("file", [UNET, VAE, IMAGE, TOWER])
def test_a_tensor_of_another_shape_is_said(model: Path, card: ModelCard, file: str) -> None:
    weights = load_file(model / file)
    name = next(key for key in weights if key.endswith(".bias"))
    weights[name] = torch.zeros(len(weights[name]) + 1)
    save_file(weights, model / file, metadata={"format": "pt"})
    assert refusal(card).startswith("model copy cannot be loaded (")


@pytest.mark.parametrize(
    "file", ["unet/config.json", "vae/config.json", "image_encoder/config.json",
             "scheduler/scheduler_config.json"],
)  # fmt: skip
def test_missing_and_damaged_configs_are_said(model: Path, card: ModelCard, file: str) -> None:
    (model / file).write_text("{")
    assert refusal(card).startswith("model copy cannot be loaded (")
    (model / file).unlink()
    assert refusal(card).startswith("model copy cannot be loaded (")


def test_a_model_without_a_text_tower_loads(model: Path, tmp_path: Path) -> None:
    shutil.rmtree(model / "text_encoder")
    shutil.rmtree(model / "tokenizer")
    index = json.loads((model / "model_index.json").read_text())
    index = {key: index[key] for key in index if key not in ("text_encoder", "tokenizer")}
    (model / "model_index.json").write_text(json.dumps(index))
    bundle = load_bundle(resolve(str(model), DigestCache(tmp_path / "hashes")), COMPUTE)
    assert bundle.text_tower is bundle.tokenizer is None
    assert bundle.image_tower is not None
