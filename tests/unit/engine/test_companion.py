"""Prompts for an image-variation model without a text tower, through CLIP ViT-L/14's."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from imvar_studio.engine.device import choose_compute
from imvar_studio.engine.interruptible import interruptible
from imvar_studio.engine.library import load_bundle
from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.tensor_cache import TensorCache
from imvar_studio.engine.towers import Towers
from imvar_studio.model.errors import ModelError, SpecError
from imvar_studio.model.look import Blend, Edit, Picture, Prompt, Weighted
from imvar_studio.model.model_card import IMAGE_VARIATION
from imvar_studio.model.recipe import Recipe, recipe_digest
from imvar_studio.model.source import Size
from imvar_studio.model.start import Noise
from imvar_studio.store.model_roots import remember_root
from imvar_studio.store.models import list_models, resolve
from imvar_studio.store.places import bundled_folder, user_models_folder
from imvar_studio.worker.loading import find_model
from imvar_studio.worker.prompts import check_prompts
from tests.conftest import SCHEDULE, heed_conditions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.look import Look
    from imvar_studio.model.model_card import ModelCard

NAME = "clip-vit-large-patch14"
SEES = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1,
        "num_attention_heads": 4, "image_size": 224, "patch_size": 14}  # fmt: skip
# ids as OpenAI's config has them, which are not the tokenizer's
READS = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
         "num_attention_heads": 4, "vocab_size": 49408, "max_position_embeddings": 77,
         "projection_dim": 768, "bos_token_id": 0, "eos_token_id": 2}  # fmt: skip


def write_model(path: Path) -> None:
    """Stable Diffusion Image Variations of random weights: no text tower, width 768."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(30)
        unet = UNet2DConditionModel(
            sample_size=8, block_out_channels=(32, 64), layers_per_block=1,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=768, attention_head_dim=4, norm_num_groups=8,
        )  # fmt: skip
        heed_conditions(unet)
        vae = AutoencoderKL(
            block_out_channels=(8,) * 4, layers_per_block=1, norm_num_groups=4, sample_size=64,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        )  # fmt: skip
        image = CLIPVisionModelWithProjection(CLIPVisionConfig(**SEES, projection_dim=768))
    for name, part in {"unet": unet, "vae": vae, "image_encoder": image}.items():
        part.save_pretrained(path / name)
    (path / "scheduler").mkdir()
    (path / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULE))
    index = {"_class_name": "StableDiffusionImageVariationPipeline", "unet": ["diffusers", "x"]}
    (path / "model_index.json").write_text(json.dumps(index))


def write_clip(path: Path, seed: int, *, whole: bool = True) -> None:
    """CLIP of random weights as OpenAI publishes it, or its text tower alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        clip = CLIPModel(CLIPConfig(text_config=READS, vision_config=SEES, projection_dim=768))
    if whole:
        clip.save_pretrained(path)
    else:
        text = CLIPTextModelWithProjection(clip.config.text_config)
        text.load_state_dict(clip.state_dict(), strict=False)
        text.save_pretrained(path)
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(bundled_folder("resources") / "tokenizers" / "clip" / name, path / name)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("files")
    write_model(place / "sd-image-variations-diffusers")
    write_clip(place / "clip", 31)
    write_clip(place / "other", 32)
    write_clip(place / "text", 31, whole=False)
    return place


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def put(files: Path) -> Callable[[str], Path]:
    """Which CLIP -> its folder among the user's models, instead of the one before."""

    def copy(name: str) -> Path:
        place = user_models_folder() / NAME
        shutil.rmtree(place, ignore_errors=True)
        return shutil.copytree(files / name, place)

    return copy


@pytest.fixture
def card(files: Path) -> Callable[[], ModelCard]:
    return lambda: resolve(str(files / "sd-image-variations-diffusers"))


def loaded(card: ModelCard) -> Bundle:
    return load_bundle(card, choose_compute("cpu", "fp32"))


def recipe(card: ModelCard, *looks: Look) -> Recipe:
    weighted = tuple(map(Weighted, looks))
    return Recipe(card.ref, weighted, Noise(1), Size(64, 64), steps=2, guidance=2.0)


def towers(bundle: Bundle, cache: Any = None) -> Towers:
    tensors = TensorCache(cache, bundle.card.ref, "test")
    return Towers(bundle, lambda *_: pytest.fail("no picture"), tensors)


def test_without_the_folder_it_is_said_where_to_put_it(
    card: Callable[[], ModelCard], pictures: Any
) -> None:
    found = card()
    assert (found.family, found.width, found.text_tower) == (IMAGE_VARIATION, 768, "")
    assert (found.companion, found.ref.text, found.reads_prompts) == ("", "", False)
    sentence = (
        "model sd-image-variations-diffusers has no text tower: put the files of "
        f"openai/{NAME} into {user_models_folder() / NAME}, or use pictures"
    )
    bundle = loaded(found)
    with pytest.raises(ModelError) as caught:
        Renderer(bundle, pictures).latents([recipe(found, Prompt("a cat"))])
    assert str(caught.value) == sentence
    with pytest.raises(ModelError) as caught:
        check_prompts(Edit(Picture(pictures.asset("waves 64x64")), "a", "b", 1), found)
    assert str(caught.value) == sentence
    shown = recipe(found, Picture(pictures.asset("waves 64x64")))
    assert torch.isfinite(Renderer(bundle, pictures).latents([shown])).all()


@pytest.mark.parametrize("layout", ["clip", "text"])
@torch.inference_mode()
def test_prompts_are_the_embeddings_of_transformers_own_tower(
    card: Callable[[], ModelCard], put: Callable[[str], Path], layout: str
) -> None:
    place = put(layout)
    found = card()
    assert (found.companion, found.window, found.text_remedy) == (str(place), 77, "")
    ours = towers(loaded(found))
    tokenizer = CLIPTokenizer.from_pretrained(place, local_files_only=True)
    text_tower = CLIPTextModelWithProjection.from_pretrained(place, local_files_only=True)
    for text in ("a cat", "", "An owl (at night), [BREAK] é", "cat " * 75):
        theirs = text_tower(**tokenizer(text, return_tensors="pt")).text_embeds
        embedding = ours.prompt(Prompt(text))
        assert embedding.shape == (1, 768)
        assert (embedding - theirs).norm() <= 1e-6 * theirs.norm()
        # nothing is known of pictures' length there, so that the text keeps its own
        assert torch.equal(ours.prompt(Prompt(text, match_norm=False)), embedding)
    assert (ours.prompt(Prompt("a cat")) - ours.prompt(Prompt("a dog"))).norm() > 0.01
    with pytest.raises(SpecError, match=r"has 76 tokens, .* reads at most 75: shorten it"):
        ours.prompt(Prompt("cat " * 76))
    with pytest.raises(SpecError, match="has 76 tokens"):
        check_prompts(Prompt("cat " * 76), found)


@torch.inference_mode()
def test_the_whole_clip_says_the_same(put: Callable[[str], Path], card: Any) -> None:
    place = put("clip")
    clip = CLIPModel.from_pretrained(place, local_files_only=True)
    tokens = CLIPTokenizer.from_pretrained(place)("an owl", return_tensors="pt")
    theirs = clip.text_projection(clip.text_model(**tokens).pooler_output)
    ours = towers(loaded(card())).prompt(Prompt("an owl"))
    assert (ours - theirs).norm() <= 1e-6 * theirs.norm()


def test_it_is_loaded_when_a_text_is_met_and_not_for_pictures(
    card: Callable[[], ModelCard], put: Callable[[str], Path], pictures: Any
) -> None:
    put("clip")
    found = card()
    bundle = loaded(found)
    renderer = Renderer(bundle, pictures)
    picture = Picture(pictures.asset("waves 64x64"))
    shown = renderer.latents([recipe(found, picture)])
    assert bundle.text_tower is bundle.tokenizer is None
    with interruptible(bundle, lambda: None):  # it may come in the middle of a job
        read = renderer.latents([recipe(found, Prompt("a cat"))])
    tower = bundle.text_tower
    assert tower is not None
    assert tower.dtype == torch.float32
    assert not any(weight.requires_grad for weight in tower.parameters())
    between = renderer.latents([recipe(found, Blend(picture, Prompt("a cat"), 0.5))])
    assert bundle.text_tower is tower
    size = shown.abs().max()
    assert (shown - read).abs().max() > 0.01 * size
    assert (between - read).abs().max() > 0.005 * size


def test_names_have_the_tower_where_it_was_asked(
    card: Callable[[], ModelCard], put: Callable[[str], Path], pictures: Any, cache: Any
) -> None:
    picture = Picture(pictures.asset("waves 64x64"))
    without = card()
    put("clip")
    clip = card()
    put("other")
    other = card()
    assert without.ref.weights == clip.ref.weights == other.ref.weights
    assert len({without.ref.text, clip.ref.text, other.ref.text}) == 3
    cards = without, clip, other
    # pictures of pictures keep their names, whatever reads texts
    assert len({recipe_digest(recipe(each, picture)) for each in cards}) == 1
    for look in (Prompt("a cat"), Edit(picture, "day", "night", 1), Blend(picture, Prompt(""), 0)):
        assert len({recipe_digest(recipe(each, look)) for each in cards}) == 3
    # and what is cached of them is found again
    names = [TensorCache(cache, each.ref, "test") for each in cards]
    assert len({each.digest("picture", (picture, Size(64, 64))) for each in names}) == 1
    assert len({each.digest("prompt", Prompt("a cat")) for each in names}) == 3


@torch.inference_mode()
def test_another_towers_embedding_is_not_taken_from_the_cache(
    card: Callable[[], ModelCard], put: Callable[[str], Path], cache: Any
) -> None:
    put("clip")
    first = towers(loaded(card()), cache).prompt(Prompt("a cat"))
    put("other")
    second = towers(loaded(card()), cache).prompt(Prompt("a cat"))
    assert (first - second).norm() > 0.1 * first.norm()
    put("clip")
    again = card()
    assert torch.equal(towers(loaded(again), cache).prompt(Prompt("a cat")), first)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda place: (place / "merges.txt").unlink(), "lacks vocab.json and merges.txt"),
        (lambda place: (place / "model.safetensors").unlink(), "holds no weights"),
        (lambda place: (place / "config.json").write_text("{}"), "architectures must be CLIPModel"),
        (lambda place: change(place, projection_dim=512), "projection_dim must be 768, got 512"),
    ],
)
def test_a_folder_that_is_not_whole_is_told_to_prompts_alone(
    card: Callable[[], ModelCard], put: Callable[[str], Path], damage: Any, sentence: str
) -> None:
    damage(put("clip"))
    found = card()
    assert found.companion == ""
    with pytest.raises(ModelError) as caught:
        check_prompts(Prompt("a cat"), found)
    assert sentence in str(caught.value)
    assert "has no text tower: copy or download the model again, as " in str(caught.value)
    assert str(user_models_folder() / NAME) in str(caught.value)


def change(place: Path, **text: Any) -> None:
    config = json.loads((place / "config.json").read_text())
    config["text_config"] |= text
    (place / "config.json").write_text(json.dumps(config))


def test_weights_that_do_not_fit_are_told(
    card: Callable[[], ModelCard], put: Callable[[str], Path]
) -> None:
    change(put("clip"), hidden_size=48)
    with pytest.raises(ModelError, match=f"the text tower in .*{NAME} cannot be loaded"):
        towers(loaded(card())).prompt(Prompt("a cat"))


@pytest.mark.parametrize(
    "changes", [{"patch_size": 16}, {"hidden_act": "gelu"}, {"image_size": 336}], ids=str
)
def test_other_image_towers_have_another_space(
    files: Path, tmp_path: Path, put: Callable[[str], Path], changes: dict[str, Any]
) -> None:
    put("clip")
    model = shutil.copytree(files / "sd-image-variations-diffusers", tmp_path / "other")
    config = model / "image_encoder" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | changes))
    found = resolve(str(model))
    assert (found.companion, found.ref.text) == ("", "")
    with pytest.raises(ModelError, match="model other has no text tower: use pictures, or an"):
        check_prompts(Prompt("a cat"), found)


def test_it_is_found_in_remembered_folders_and_is_no_model(
    card: Callable[[], ModelCard], files: Path, tmp_path: Path
) -> None:
    place = tmp_path / "elsewhere" / "openai" / NAME.upper()
    shutil.copytree(files / "clip", place)
    assert card().companion == ""
    remember_root(tmp_path / "elsewhere")
    assert card().companion == str(place)
    assert [path for _, path in list_models() if path.is_relative_to(place)] == []


def test_a_job_keeps_to_the_tower_it_was_made_for(
    card: Callable[[], ModelCard], put: Callable[[str], Path]
) -> None:
    without = card()
    put("clip")
    clip = card()
    assert find_model(clip.path, clip.ref) == clip
    # a tower that came since: the job's names know none
    later = find_model(clip.path, without.ref)
    assert (later.ref, later.reads_prompts) == (without.ref, False)
    with pytest.raises(ModelError, match="no text tower: make the job anew, with the one that is"):
        check_prompts(Prompt("a cat"), later)
    put("other")
    changed = find_model(clip.path, clip.ref)
    assert (changed.ref, changed.reads_prompts) == (clip.ref, False)
    with pytest.raises(ModelError, match="no text tower: make the job anew, with the other one"):
        check_prompts(Prompt("a cat"), changed)
    shutil.rmtree(user_models_folder() / NAME)
    gone = find_model(clip.path, clip.ref)
    assert gone.ref == clip.ref
    with pytest.raises(ModelError, match="no text tower: put the files of openai"):
        check_prompts(Prompt("a cat"), gone)
    assert clip.ref.serves(without.ref)
    assert clip.ref.serves(replace(clip.ref, id="another-name"))
    assert not without.ref.serves(clip.ref)
