"""Single files by their headers alone: what each is, in one sentence; no torch is needed."""

from __future__ import annotations

import json
import pickle  # noqa: TID251  (a file that must not be read)
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import save_file

from imvar_studio.model.errors import ModelError
from imvar_studio.model.model_card import TEXT
from imvar_studio.model.source import Size
from imvar_studio.store.models import resolve

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.model.model_card import ModelCard

UNET, VAE = "model.diffusion_model.", "first_stage_model."
NORM = f"{UNET}output_blocks.11.1.transformer_blocks.0.norm1.bias"
CLIP, OPEN_CLIP = "cond_stage_model.transformer.text_model.", "cond_stage_model.model."
Shapes = dict[str, tuple[int, ...]]


def stable_diffusion(width: int = 768, channels: int = 4) -> Shapes:
    """Return the names that tell Stable Diffusion 1 (width 768) or 2 (1024)."""
    shapes: Shapes = {
        f"{UNET}input_blocks.0.0.weight": (320, channels, 3, 3),
        f"{UNET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, width),
        f"{UNET}out.2.weight": (4, 320, 3, 3),
        f"{VAE}encoder.conv_in.weight": (128, 3, 3, 3),
        f"{VAE}post_quant_conv.weight": (4, 4, 1, 1),
        "alphas_cumprod": (1000,),
    }
    for block in (3, 6, 9):
        shapes[f"{UNET}input_blocks.{block}.0.op.weight"] = (320, 320, 3, 3)
    for level in (0, 1, 2):
        shapes[f"{VAE}encoder.down.{level}.downsample.conv.weight"] = (128, 128, 3, 3)
    if width == 1024:
        shapes[f"{OPEN_CLIP}positional_embedding"] = (77, 1024)
        shapes[f"{OPEN_CLIP}logit_scale"] = ()
    else:
        shapes[f"{CLIP}embeddings.position_embedding.weight"] = (77, width)
        shapes[f"{CLIP}embeddings.position_ids"] = (1, 77)
    return shapes


def put(path: Path, shapes: Shapes, notes: dict[str, Any] | None = None) -> Path:
    """Write a header; each tensor has two bytes, since nothing reads them."""
    header: dict[str, Any] = {} if notes is None else {"__metadata__": notes}
    for index, (name, shape) in enumerate(shapes.items()):
        offsets = [2 * index, 2 * index + 2]
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": offsets}
    content = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(content)) + content + bytes(2 * len(shapes)))
    return path


def without(shapes: Shapes, *beginnings: str) -> Shapes:
    return {name: shape for name, shape in shapes.items() if not name.startswith(beginnings)}


def card(path: Path) -> ModelCard:
    return resolve(str(path))


def refused(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        card(path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert str(path) in sentence
    assert caught.value.remedy
    assert len(sentence) < len(str(path)) + 200
    return sentence


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "My Model v1.5.safetensors"


def test_stable_diffusion_1(file: Path) -> None:
    found = card(put(file, stable_diffusion()))
    assert (found.family, found.ref.id, found.name) == (TEXT, "my-model-v1.5", "My Model v1.5")
    assert (found.native, found.multiple, found.width) == (Size(512, 512), 64, 768)
    assert (found.window, found.inpainting, found.prediction) == (77, False, "epsilon")
    assert (found.sampler, found.spacing) == ("dpmpp-2m", "trailing")
    assert (found.path, found.weights_bytes) == (str(file), file.stat().st_size)
    assert found.image_tower == ""
    assert found.tokenizer_path.endswith("tokenizers/clip")


def test_stable_diffusion_2(file: Path) -> None:
    found = card(put(file, stable_diffusion(1024)))
    assert (found.native, found.width) == (Size(768, 768), 1024)
    assert found.prediction == "v_prediction"


@pytest.mark.parametrize(
    ("width", "said", "prediction", "side"),
    [
        (768, "v", "v_prediction", 512),
        (768, "epsilon", "epsilon", 512),
        (1024, "epsilon", "epsilon", 512),
        (1024, "v_prediction", "v_prediction", 768),
    ],
)
def test_a_file_may_say_how_it_predicts(
    file: Path, width: int, said: str, prediction: str, side: int
) -> None:
    found = card(put(file, stable_diffusion(width), {"modelspec.prediction_type": said}))
    assert (found.prediction, found.native) == (prediction, Size(side, side))


@pytest.mark.parametrize("dtype", ["F16", "BF16", "F32", "F64"])
@pytest.mark.parametrize(("spread", "prediction"), [(0.03, "epsilon"), (0.2, "v_prediction")])
def test_the_two_kinds_of_stable_diffusion_2_are_told_apart_by_their_biases(
    file: Path, dtype: str, spread: float, prediction: str
) -> None:
    biases = torch.randn(320, generator=torch.Generator().manual_seed(2)) * spread
    types = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32}
    tensors = {name: torch.zeros(shape) for name, shape in stable_diffusion(1024).items()}
    tensors[NORM] = biases.to(types.get(dtype, torch.float64))
    save_file(tensors, file)
    found = card(file)
    side = 512 if prediction == "epsilon" else 768
    assert (found.prediction, found.native) == (prediction, Size(side, side))


def test_the_tokenizer_is_part_of_what_makes_the_pictures(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = card(put(file, stable_diffusion())).ref
    other = tmp_path / "resources" / "tokenizers" / "clip"
    other.mkdir(parents=True)
    (other / "vocab.json").write_text("{}")
    (other / "merges.txt").write_text("#version: 0.2\n")
    monkeypatch.setattr(
        "imvar_studio.store.single_files.bundled_folder", lambda name: tmp_path / name
    )
    assert card(file).ref.weights != before.weights


def test_inpainting_is_told_by_nine_channels(file: Path) -> None:
    assert card(put(file, stable_diffusion(channels=9))).inpainting
    for channels in (3, 5, 7, 8):
        sentence = refused(put(file, stable_diffusion(channels=channels)))
        assert f"has a UNet of {channels} channels, which is not known" in sentence


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (
            ["conditioner.embedders.0.transformer.text_model.embeddings.position_embedding.weight",
             f"{UNET}label_emb.0.0.weight", f"{VAE}encoder.conv_in.weight"],
            "is a Stable Diffusion XL model, which is not supported",
        ),
        (["double_blocks.0.img_attn.qkv.weight"], "is a Flux model, which is not supported"),
        ([f"{UNET}double_blocks.0.img_attn.qkv.weight", f"{VAE}encoder.conv_in.weight"],
         "is a Flux model, which is not supported"),
        ([f"{UNET}joint_blocks.0.context_block.attn.qkv.weight"],
         "is a Stable Diffusion 3 model, which is not supported"),
        (["lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight",
          "lora_te_text_model_encoder_layers_0_mlp_fc1.alpha"], "is a LoRA"),
        (["unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_k.lora_A.weight"],
         "is a LoRA"),
        (["control_model.input_blocks.0.0.weight", "control_model.zero_convs.0.0.weight"],
         "is a ControlNet"),
        (["input_hint_block.0.weight"], "is a ControlNet"),
        (["emb_params"], "is a textual inversion"),
        (["string_to_param.*"], "is a textual inversion"),
        (["encoder.conv_in.weight", "decoder.conv_in.weight"], "holds no UNet"),
        (["conv_in.weight", "down_blocks.0.resnets.0.conv1.weight"], "holds no UNet"),
        ([], "holds no UNet"),
    ],
)  # fmt: skip
def test_other_kinds_are_named(file: Path, names: list[str], what: str) -> None:
    assert what in refused(put(file, dict.fromkeys(names, (1, 1))))


def test_a_lora_that_was_trained_on_a_whole_model_stays_a_lora(file: Path) -> None:
    shapes = stable_diffusion() | {"lora_unet_x.lora_up.weight": (4, 4)}
    assert "is a LoRA" in refused(put(file, shapes))


@pytest.mark.parametrize(
    ("lost", "what"),
    [
        (VAE, "holds no VAE of Stable Diffusion's layout"),
        (UNET, "holds no UNet of Stable Diffusion's layout"),
        ("cond_stage_model.", "holds no text tower of Stable Diffusion 1.x or 2.x"),
        (f"{UNET}input_blocks.1.1", "holds a UNet that is not known"),
        (f"{UNET}input_blocks.0.0", "holds a UNet that is not known"),
    ],
)
def test_parts_that_are_missing_are_named(file: Path, lost: str, what: str) -> None:
    assert what in refused(put(file, without(stable_diffusion(), lost)))


@pytest.mark.parametrize("shape", [[], None, "x", [1.5, 2], [True, 4], [10**9] * 40])
def test_shapes_that_are_none(file: Path, shape: Any) -> None:
    for name in stable_diffusion():
        put(file, stable_diffusion())
        data = file.read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8 : 8 + length])
        header[name]["shape"] = shape
        content = json.dumps(header).encode()
        file.write_bytes(struct.pack("<Q", len(content)) + content + data[8 + length :])
        with suppress(ModelError):  # a shape that is not looked at may be anything
            card(file)


def test_a_truncated_file(file: Path) -> None:
    whole = put(file, stable_diffusion()).read_bytes()
    for kept in (0, 1, 7, 8, 9, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:kept])
        sentence = refused(file)
        assert "is damaged" in sentence
        assert sentence.endswith("copy or download the model again")
    file.write_bytes(whole + b"\0")
    assert "is longer than it should be" in refused(file)


@pytest.mark.parametrize(
    "content",
    [b"Just some notes about a model.\n" * 20, b"{}", b"<!DOCTYPE html><html>Sign in</html>",
     b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(1000), b"\xff" * 1000],
)  # fmt: skip
def test_another_file_of_that_name(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    sentence = refused(file)
    assert "is damaged" in sentence or "is not a safetensors file" in sentence


def test_a_git_lfs_pointer(file: Path) -> None:
    file.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    assert "is a Git LFS pointer, not the weights: run 'git lfs pull'" in refused(file)


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return (open, ("/tmp/imvar-was-read", "w"))


@pytest.mark.parametrize("ending", ["ckpt", "CKPT", "pt", "pth", "bin", "pkl"])
def test_pickles_are_not_read(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"model.{ending}"
    path.write_bytes(pickle.dumps(Trap()))
    assert "is a pickle, which may run code when it is read" in refused(path)


@pytest.mark.parametrize("name", ["model.gguf", "model.txt", "model", "model.safetensors.part"])
def test_other_files(tmp_path: Path, name: str) -> None:
    put(tmp_path / name, stable_diffusion())
    assert "is not a model's folder and not a .safetensors file" in refused(tmp_path / name)


def test_an_ending_in_capitals_is_the_same(tmp_path: Path) -> None:
    assert card(put(tmp_path / "A.SAFETENSORS", stable_diffusion())).ref.id == "a"


def test_a_file_and_a_folder_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing at .*gone\.safetensors: check the path"):
        card(tmp_path / "gone.safetensors")
