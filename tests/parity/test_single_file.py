"""One file in the original layout and a folder of the same weights make the same pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from imvar_studio.engine.device import choose_compute
from imvar_studio.engine.library import load_bundle
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.errors import ModelError
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.model_card import TEXT
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.source import Size
from imvar_studio.model.start import Noise
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.models import resolve
from tests.parity.measure import error

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle

LIMIT = 1e-6
COMPUTE = choose_compute("cpu", "fp32")
NOTES = {"text": {}, "text_2": {"modelspec.prediction_type": "v"}}


def final(bundle: Bundle, pictures: Any, **settings: Any) -> Tensor:
    defaults: dict[str, Any] = {"steps": 10, "guidance": 5.0, "sampler": "ddim"}
    wanted = Recipe(
        bundle.card.ref,
        (Weighted(Prompt("a red cat in the snow")),),
        Noise(7),
        Size(64, 64),
        negative=Prompt("a blurred dog"),
        **(defaults | settings),
    )
    return Renderer(bundle, pictures).latents([wanted])


@pytest.fixture(scope="module")
def from_file(
    tiny_model: Callable[[str], Path],
    write_original: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Bundle]:
    made: dict[str, Bundle] = {}
    hashes = DigestCache(tmp_path_factory.mktemp("hashes"))

    def load(kind: str) -> Bundle:
        if kind not in made:
            path = write_original(tiny_model(kind), **NOTES[kind])
            made[kind] = load_bundle(resolve(str(path), hashes), COMPUTE)
        return made[kind]

    return load


@pytest.mark.parametrize("kind", ["text", "text_2"])
def test_every_weight_finds_its_place(
    load_model: Callable[..., Bundle], from_file: Callable[[str], Bundle], kind: str
) -> None:
    folder, file = load_model(kind, "fp32"), from_file(kind)
    for part in ("unet", "vae", "text_tower"):
        ours = getattr(file, part).state_dict()
        theirs = getattr(folder, part).state_dict()
        assert ours.keys() == theirs.keys()
        for name, weight in theirs.items():
            assert torch.equal(ours[name], weight), f"{part} {name}"


@pytest.mark.parametrize("sampler", ["ddim", "dpmpp-2m", "unipc", "euler", "lms", "pndm"])
@pytest.mark.parametrize("kind", ["text", "text_2"])
def test_a_file_makes_the_folders_latents(
    load_model: Callable[..., Bundle],
    from_file: Callable[[str], Bundle],
    pictures: Any,
    kind: str,
    sampler: str,
) -> None:
    ours = final(from_file(kind), pictures, sampler=sampler)
    theirs = final(load_model(kind, "fp32"), pictures, sampler=sampler)
    assert error(ours, theirs) <= LIMIT


@pytest.mark.parametrize("kind", ["text", "text_2"])
def test_a_file_makes_the_folders_pictures(
    load_model: Callable[..., Bundle],
    from_file: Callable[[str], Bundle],
    pictures: Any,
    kind: str,
) -> None:
    def picture(bundle: Bundle) -> Any:
        wanted = Recipe(
            bundle.card.ref, (Weighted(Prompt("a cat")),), Noise(7), Size(64, 64), steps=4
        )
        return Renderer(bundle, pictures).render([wanted], 1, [0])[0]

    ours, theirs = picture(from_file(kind)), picture(load_model(kind, "fp32"))
    assert (ours == theirs).all()
    assert len(set(ours.flatten().tolist())) > 10


def test_what_a_file_says_of_itself(from_file: Callable[[str], Bundle]) -> None:
    first, second = from_file("text"), from_file("text_2")
    for bundle, width, prediction in ((first, 64, "epsilon"), (second, 128, "v_prediction")):
        card = bundle.card
        assert (card.family, card.window, card.width) == (TEXT, 77, width)
        assert (card.native, card.multiple, card.inpainting) == (Size(512, 512), 16, False)
        assert card.prediction == bundle.scheduler_config["prediction_type"] == prediction
        assert (card.sampler, card.spacing) == ("dpmpp-2m", "trailing")
        assert card.ref.id.startswith("tiny-text")
        assert card.weights_bytes > 10_000_000
    assert first.tokenizer.pad_token == "<|endoftext|>"
    assert second.tokenizer.pad_token == "!"


def test_half_precision_files_are_read(
    tiny_model: Callable[[str], Path],
    write_original: Callable[..., Path],
    load_model: Callable[..., Bundle],
    pictures: Any,
    tmp_path: Path,
) -> None:
    path = write_original(tiny_model("text"), torch.float16)
    bundle = load_bundle(resolve(str(path), DigestCache(tmp_path)), COMPUTE)
    assert bundle.unet.dtype == bundle.vae.dtype == bundle.text_tower.dtype == torch.float32
    far = error(final(bundle, pictures), final(load_model("text", "fp32"), pictures))
    assert LIMIT < far < 0.05


def test_a_moved_file_is_the_same_model_and_a_changed_one_another(
    tiny_model: Callable[[str], Path], write_original: Callable[..., Path], tmp_path: Path
) -> None:
    path, hashes = write_original(tiny_model("text")), DigestCache(tmp_path / "hashes")
    first = resolve(str(path), hashes).ref
    moved = tmp_path / "elsewhere" / "Other Name.safetensors"
    moved.parent.mkdir()
    data = bytearray(path.read_bytes())
    moved.write_bytes(data)
    assert resolve(str(moved), hashes).ref.weights == first.weights
    assert resolve(str(moved), hashes).ref.id == "other-name"
    data[-1] ^= 1
    moved.write_bytes(data)
    assert resolve(str(moved), hashes).ref.weights != first.weights


@pytest.mark.parametrize(
    "lost",
    [
        "model.diffusion_model.middle_block.0.in_layers.2.weight",
        "model.diffusion_model.time_embed.0.weight",
        "first_stage_model.decoder.conv_in.weight",
        "first_stage_model.decoder.mid.attn_1.q.weight",
        "first_stage_model.post_quant_conv.weight",
        "first_stage_model.encoder.down.0.block.0.conv1.weight",
        "cond_stage_model.transformer.text_model.final_layer_norm.weight",
        "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight",
        "cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1.weight",
        "model.diffusion_model.input_blocks.1.0.out_layers.3.weight",
    ],
)
def test_a_file_that_lacks_a_weight_is_refused_in_a_sentence(
    tiny_model: Callable[[str], Path], write_original: Callable[..., Path], tmp_path: Path,
    lost: str,
) -> None:  # fmt: skip
    weights = load_file(write_original(tiny_model("text")))
    del weights[lost]
    path = tmp_path / "torn.safetensors"
    save_file(weights, path)
    with pytest.raises(ModelError) as caught:
        load_bundle(resolve(str(path), DigestCache(tmp_path / "hashes")), COMPUTE)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "torn" in sentence
    assert caught.value.remedy


def test_weights_that_are_not_used_do_no_harm(
    tiny_model: Callable[[str], Path],
    write_original: Callable[..., Path],
    from_file: Callable[[str], Bundle],
    pictures: Any,
    tmp_path: Path,
) -> None:
    """Optimiser states and averaged weights, as files of trainings have them."""
    weights = load_file(write_original(tiny_model("text")))
    weights["model_ema.decay"] = torch.tensor(0.9999)
    weights["model_ema.diffusion_modeltime_embed0weight"] = torch.ones(128, 32)
    weights["loss.logvar"] = torch.ones(1)
    path = tmp_path / "more.safetensors"
    save_file(weights, path)
    bundle = load_bundle(resolve(str(path), DigestCache(tmp_path / "hashes")), COMPUTE)
    assert torch.equal(final(bundle, pictures), final(from_file("text"), pictures))


def test_an_inpainting_file_and_folder_are_loaded_alike(
    tiny_model: Callable[[str], Path], write_original: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tiny_model("text_inpainting")
    found = []
    for model in (folder, write_original(folder)):
        card = resolve(str(model), DigestCache(tmp_path / "hashes"))
        assert card.inpainting
        found.append(load_bundle(card, COMPUTE).unet)
    assert found[0].config.in_channels == found[1].config.in_channels == 9
    weights = [dict(unet.named_parameters()) for unet in found]
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
