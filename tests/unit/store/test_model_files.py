"""Folders of configs alone: each family, and everything that is none."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.errors import ModelError
from imvar_studio.model.model_card import CLIP_MEAN, IMAGE_VARIATION, TEXT
from imvar_studio.model.source import Size
from imvar_studio.store.model_files import recognise
from imvar_studio.store.model_profile import Profile
from imvar_studio.store.model_weights import safetensors_header
from imvar_studio.store.models import resolve

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.model.model_card import ModelCard


def safetensors(size: int = 8, name: str = "weight") -> bytes:
    tensor = {"dtype": "F16", "shape": [size // 2], "data_offsets": [0, size]}
    header = json.dumps({"__metadata__": {"format": "pt"}, name: tensor}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(size)


def put(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def change(path: Path, **fields: Any) -> None:
    put(path, {**json.loads(path.read_bytes()), **fields})


@pytest.fixture
def text_model(tmp_path: Path) -> Path:
    """Stable Diffusion 1.5's configs, as they are published."""
    folder = tmp_path / "stable-diffusion-v1-5"
    put(folder / "model_index.json", {"_class_name": "StableDiffusionPipeline"})
    unet = {
        "_class_name": "UNet2DConditionModel",
        "cross_attention_dim": 768,
        "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
        "in_channels": 4,
        "out_channels": 4,
        "sample_size": 64,
    }
    put(folder / "unet" / "config.json", unet)
    put(folder / "unet" / "diffusion_pytorch_model.safetensors", safetensors(64))
    vae = {"_class_name": "AutoencoderKL", "block_out_channels": [128, 256, 512, 512]}
    put(folder / "vae" / "config.json", {**vae, "latent_channels": 4})
    put(folder / "vae" / "diffusion_pytorch_model.safetensors", safetensors(32))
    text = {"architectures": ["CLIPTextModel"], "hidden_size": 768, "projection_dim": 768}
    put(folder / "text_encoder" / "config.json", {**text, "max_position_embeddings": 77})
    put(folder / "text_encoder" / "model.safetensors", safetensors(16))
    put(folder / "scheduler" / "scheduler_config.json", {"_class_name": "PNDMScheduler"})
    put(folder / "tokenizer" / "vocab.json", {"a": 0})
    put(folder / "tokenizer" / "merges.txt", b"#version: 0.2\n")
    return folder


@pytest.fixture
def image_model(text_model: Path) -> Path:
    """Stable Diffusion Image Variations' configs: .bin weights, no text tower."""
    folder = text_model.rename(text_model.with_name("sd-image-variations-diffusers"))
    for name in ("text_encoder", "tokenizer"):
        for file in (folder / name).iterdir():
            file.unlink()
        (folder / name).rmdir()
    for name in ("unet", "vae"):
        (folder / name / "diffusion_pytorch_model.safetensors").unlink()
        put(folder / name / "diffusion_pytorch_model.bin", b"PK" + bytes(40))
    image = {"architectures": ["CLIPVisionModelWithProjection"], "projection_dim": 768}
    put(folder / "image_encoder" / "config.json", {**image, "image_size": 224})
    put(folder / "image_encoder" / "pytorch_model.bin", b"PK" + bytes(50))
    put(folder / "feature_extractor" / "preprocessor_config.json", {"crop_size": 224, "size": 224})
    return folder


def card(folder: Path) -> ModelCard:
    return resolve(str(folder))


def refused(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        card(folder)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_stable_diffusion_is_of_the_text_family(text_model: Path) -> None:
    found = card(text_model)
    assert (found.family, found.ref.id) == (TEXT, "stable-diffusion-v1-5")
    assert (found.native, found.multiple, found.width) == (Size(512, 512), 64, 768)
    assert (found.image_tower, found.text_tower, found.window) == ("", "text_encoder", 77)
    assert (found.preprocessing, found.inpainting) == (None, False)
    sizes = [path.stat().st_size for path in text_model.rglob("*.safetensors")]
    assert found.weights_bytes == sum(sizes)


def test_stable_diffusion_2_differs_by_its_numbers(text_model: Path) -> None:
    change(text_model / "unet" / "config.json", cross_attention_dim=[1024] * 4, sample_size=96)
    assert "of width 1024, but text_encoder is CLIPTextModel" in refused(text_model)
    change(text_model / "text_encoder" / "config.json", hidden_size=1024, projection_dim=512)
    found = card(text_model)
    assert (found.family, found.native, found.width) == (TEXT, Size(768, 768), 1024)


def test_image_variations_are_told_by_their_image_tower(image_model: Path) -> None:
    found = card(image_model)
    assert (found.family, found.width, found.native) == (IMAGE_VARIATION, 768, Size(512, 512))
    assert (found.image_tower, found.text_tower, found.window) == ("image_encoder", "", 0)
    assert found.preprocessing is not None
    assert (found.preprocessing.size, found.preprocessing.antialias) == (224, False)
    assert found.preprocessing.mean == CLIP_MEAN
    assert found.weights_bytes == 42 + 42 + 52


def test_an_image_tower_beside_a_plain_text_tower_is_an_adapter(text_model: Path) -> None:
    image = {"architectures": ["CLIPVisionModelWithProjection"], "projection_dim": 768}
    put(text_model / "image_encoder" / "config.json", image)
    assert card(text_model).family == TEXT


def test_nine_channels_are_inpainting_and_others_are_refused(text_model: Path) -> None:
    change(text_model / "unet" / "config.json", in_channels=9)
    assert card(text_model).inpainting
    for channels in (5, 7, 8):
        change(text_model / "unet" / "config.json", in_channels=channels)
        assert f"UNet takes {channels} channels, which is not supported" in refused(text_model)


@pytest.mark.parametrize(
    "forms",
    [
        {"size": 224},
        {"crop_size": {"height": 224, "width": 224}, "size": {"shortest_edge": 300}},
        {"size": {"shortest_edge": 224}},
        {"crop_size": 224, "size": 300},
        {},
    ],
)
def test_every_form_of_a_size(image_model: Path, forms: dict[str, Any]) -> None:
    values = {"image_mean": [0.5, 0.25, 0], "image_std": [1, 0.5, 0.25]}
    put(image_model / "feature_extractor" / "preprocessor_config.json", {**forms, **values})
    preprocessing = card(image_model).preprocessing
    assert preprocessing is not None
    assert preprocessing.size == 224
    assert preprocessing.mean == (0.5, 0.25, 0.0)
    assert preprocessing.std == (1.0, 0.5, 0.25)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"size": 336}, "asks for pictures of 336 px, the image tower for 224"),
        ({"size": {"height": 224, "width": 300}}, "size must be one side"),
        ({"size": {"height": [1]}}, "size must be a side in pixels"),
        ({"size": {}}, "size must be one side"),
        ({"size": "big"}, "size must be a side in pixels"),
        ({"image_std": [0, 1, 1]}, "image_std must be above 0"),
        ({"image_mean": [0.5]}, "image_mean must be a number for each of 3 channels"),
        ({"image_mean": ["a", 1, 1]}, "image_mean must be a number"),
    ],
)
def test_a_wrong_preprocessor(image_model: Path, content: Any, sentence: str) -> None:
    put(image_model / "feature_extractor" / "preprocessor_config.json", content)
    assert sentence in refused(image_model)


def test_without_a_feature_extractor_the_tower_says(image_model: Path) -> None:
    (image_model / "feature_extractor" / "preprocessor_config.json").unlink()
    found = recognise(image_model, Profile(antialias=True)).preprocessing
    assert found is not None
    assert (found.size, found.antialias, found.mean) == (224, True, CLIP_MEAN)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("addition_embed_type", "image"),
        ("class_embed_type", "projection"),
        ("encoder_hid_dim_type", "image_proj"),
        ("num_class_embeds", 1000),
        ("time_cond_proj_dim", 256),
    ],
)
def test_a_unet_that_asks_for_more(text_model: Path, field: str, value: object) -> None:
    change(text_model / "unet" / "config.json", **{field: value})
    sentence = refused(text_model)
    assert f"needs {field} ({value})" in sentence
    assert "StableDiffusionPipeline" in sentence


def test_stable_diffusion_xl(text_model: Path, tmp_path: Path) -> None:
    change(text_model / "unet" / "config.json", addition_embed_type="text_time")
    assert "Stable Diffusion XL" in refused(text_model)
    put(tmp_path / "xl" / "text_encoder_2" / "config.json", {})
    put(tmp_path / "xl" / "model_index.json", {"_class_name": "StableDiffusionXLPipeline"})
    sentence = refused(tmp_path / "xl")
    assert "is StableDiffusionXLPipeline with two text towers" in sentence
    assert "is not supported" in sentence


@pytest.mark.parametrize("name", ["FluxPipeline", "StableDiffusion3Pipeline"])
def test_transformers(tmp_path: Path, name: str) -> None:
    put(tmp_path / "m" / "model_index.json", {"_class_name": name, "transformer": ["d", "T"]})
    assert f"{name} with a transformer" in refused(tmp_path / "m")


def test_other_pipelines(tmp_path: Path, text_model: Path) -> None:
    index = {"_class_name": "ShapEPipeline", "transformer": [None, None]}
    put(tmp_path / "k" / "model_index.json", index)
    assert "ShapEPipeline without a UNet" in refused(tmp_path / "k")
    change(text_model / "unet" / "config.json", _class_name="UNetMotionModel")
    assert "whose unet is UNetMotionModel" in refused(text_model)


def test_what_is_no_model(tmp_path: Path) -> None:
    lora = tmp_path / "lora"
    put(lora / "pytorch_lora_weights.safetensors", safetensors())
    assert "is a LoRA" in refused(lora)
    put(tmp_path / "peft" / "adapter_config.json", {})
    assert "is a LoRA" in refused(tmp_path / "peft")
    put(tmp_path / "photos" / "cat.jpg", b"")
    assert "it holds cat.jpg and no model_index.json" in refused(tmp_path / "photos")
    (tmp_path / "empty").mkdir()
    assert "it is empty" in refused(tmp_path / "empty")


def test_single_files(tmp_path: Path) -> None:
    put(tmp_path / "v1-5.safetensors", safetensors(name="model.diffusion_model.out"))
    assert "holds no VAE" in refused(tmp_path / "v1-5.safetensors")
    put(tmp_path / "style.safetensors", safetensors(name="lora_unet_down.weight"))
    assert "is a LoRA" in refused(tmp_path / "style.safetensors")
    put(tmp_path / "v1-5.ckpt", b"PK")
    assert "may run code" in refused(tmp_path / "v1-5.ckpt")
    put(tmp_path / "cut.safetensors", safetensors()[:-3])
    assert "3 bytes are missing" in refused(tmp_path / "cut.safetensors")


@pytest.mark.parametrize(
    "name",
    [
        "unet/config.json",
        "vae/config.json",
        "text_encoder/config.json",
        "scheduler/scheduler_config.json",
    ],
)
def test_a_config_that_is_missing_or_unreadable(text_model: Path, name: str) -> None:
    for content in (b"{", b"[]", b"\xff", b'{"a": 1, "a": 2}', b"[" * 5000):
        put(text_model / name, content)
        assert name in refused(text_model)
    (text_model / name).unlink()
    assert f"{name} is missing" in refused(text_model)


@pytest.mark.parametrize(
    ("name", "field", "values"),
    [
        ("unet", "cross_attention_dim", [None, "768", 0, -1, True, [], [1, "a"], [768, 1024]]),
        ("unet", "sample_size", ["64", 0, 10**6, [64, None], []]),
        ("unet", "down_block_types", [None, [], "x", ["x"] * 50]),
        ("unet", "in_channels", ["4", 0, 2.5]),
        ("vae", "block_out_channels", [None, [], 4, [1] * 50]),
        ("vae", "latent_channels", ["4", False]),
        ("text_encoder", "hidden_size", ["768", {}]),
        ("text_encoder", "max_position_embeddings", ["77", 0]),
    ],
)
def test_a_field_that_is_wrong_is_named(
    text_model: Path, name: str, field: str, values: list[Any]
) -> None:
    for value in values:
        change(text_model / name / "config.json", **{field: value})
        assert f"{name}/config.json: {field} must" in refused(text_model)


def test_sides_of_their_own(text_model: Path) -> None:
    change(text_model / "unet" / "config.json", sample_size=[64, 96])
    assert card(text_model).native == Size(768, 512)
    change(text_model / "unet" / "config.json", sample_size=None)
    assert card(text_model).native == Size(512, 512)


def test_a_missing_tokenizer(text_model: Path) -> None:
    (text_model / "tokenizer" / "merges.txt").unlink()
    assert "tokenizer lacks vocab.json and merges.txt" in refused(text_model)
    put(text_model / "tokenizer" / "tokenizer.json", {})
    assert card(text_model).family == TEXT
    put(text_model / "tokenizer" / "vocab.json", b'{"a": ')
    assert "vocab.json line 1" in refused(text_model)


def test_weights_that_are_missing_or_of_another_kind(text_model: Path) -> None:
    unet = text_model / "unet"
    (unet / "diffusion_pytorch_model.safetensors").unlink()
    assert "unet holds no weights" in refused(text_model)
    put(unet / "model.ckpt", b"PK")
    assert "holds model.ckpt, a pickle, which may run code" in refused(text_model)
    put(unet / "diffusion_pytorch_model.fp16.safetensors", safetensors())
    assert "holds diffusion_pytorch_model.fp16.safetensors, but not" in refused(text_model)
    put(unet / "diffusion_pytorch_model.bin", b"PK" + bytes(9))
    before = card(text_model)
    put(unet / "diffusion_pytorch_model.safetensors", safetensors(640))
    after = card(text_model)  # preferred now
    assert after.weights_bytes - before.weights_bytes == len(safetensors(640)) - 11
    assert after.ref.weights != before.ref.weights


def test_shards(text_model: Path) -> None:
    unet = text_model / "unet"
    (unet / "diffusion_pytorch_model.safetensors").unlink()
    index = unet / "diffusion_pytorch_model.safetensors.index.json"
    put(
        index,
        {"weight_map": {"a": "one.safetensors", "b": "two.safetensors", "c": "one.safetensors"}},
    )
    put(unet / "one.safetensors", safetensors())
    assert "unet/two.safetensors is missing" in refused(text_model)
    put(unet / "two.safetensors", safetensors(80))
    first = card(text_model)
    put(unet / "two.safetensors", safetensors(80)[:-1] + b"x")
    assert card(text_model).ref.weights != first.ref.weights
    put(unet / "two.safetensors", safetensors(80)[:-1])
    assert "1 bytes are missing" in refused(text_model)
    for places in (
        {},
        None,
        {"a": "../vae/config.json"},
        {"a": 3},
        {"a": [], "b": "one.safetensors"},
    ):
        put(index, {"weight_map": places})
        assert "does not name the files" in refused(text_model)


def test_git_lfs_pointers(text_model: Path, image_model: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    put(image_model / "unet" / "diffusion_pytorch_model.bin", pointer)
    assert "Git LFS pointer, not the weights: run 'git lfs pull'" in refused(image_model)
    put(image_model / "unet" / "diffusion_pytorch_model.safetensors", pointer)
    assert "Git LFS pointer" in refused(image_model)


def test_safetensors_cut_anywhere_are_told(tmp_path: Path) -> None:
    path, whole = tmp_path / "model.safetensors", safetensors(16)
    put(path, whole)
    assert safetensors_header(path)["weight"]["shape"] == [8]
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        with pytest.raises(ModelError, match=r"damaged|cut short"):
            safetensors_header(path)
    path.write_bytes(whole + b"x")
    with pytest.raises(ModelError, match="longer than it should be"):
        safetensors_header(path)


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b"{",
        b'{"a": 1}',
        b'{"a": {"data_offsets": [0]}}',
        b'{"a": {"data_offsets": [4, 0]}}',
        b'{"a": {"data_offsets": [-4, 0]}}',
        b'{"a": {"data_offsets": ["0", 8]}}',
        b'{"a": {"data_offsets": [0, 1.5]}}',
    ],
)
def test_a_header_that_is_none(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    with pytest.raises(ModelError, match=r"model\.safetensors is (damaged|not a safetensors)"):
        safetensors_header(path)


@pytest.mark.parametrize(
    ("shipped", "sampler"),
    [
        ("DDIMScheduler", "ddim"),
        ("DPMSolverMultistepScheduler", "dpmpp-2m"),
        ("EulerAncestralDiscreteScheduler", "euler-ancestral"),
        ("EulerDiscreteScheduler", "euler"),
        ("LCMScheduler", "lcm"),
        ("LMSDiscreteScheduler", "lms"),
        ("PNDMScheduler", "pndm"),
        ("UniPCMultistepScheduler", "unipc"),
        ("HeunDiscreteScheduler", "dpmpp-2m"),
        (None, "dpmpp-2m"),
        (["PNDMScheduler"], "dpmpp-2m"),
    ],
)
def test_the_shipped_scheduler_is_the_default(text_model: Path, shipped: Any, sampler: str) -> None:
    config = text_model / "scheduler" / "scheduler_config.json"
    put(config, {"_class_name": shipped} if shipped else {})
    assert (card(text_model).sampler, card(text_model).spacing) == (sampler, "trailing")
    # whoever knows better says so in the profile
    profile = {"format": "imvar-model-profile", "version": 1, "sampler": "unipc"}
    put(text_model / "imvar_profile.json", profile)
    assert card(text_model).sampler == "unipc"


@pytest.mark.parametrize(
    ("said", "spacing"),
    [("leading", "leading"), ("linspace", "linspace"), ("trailing", "trailing"),
     ("quadratic", "trailing"), (7, "trailing"), (None, "trailing")],
)  # fmt: skip
def test_the_shipped_spacing_is_the_default(text_model: Path, said: Any, spacing: str) -> None:
    change(text_model / "scheduler" / "scheduler_config.json", timestep_spacing=said)
    assert card(text_model).spacing == spacing
