"""Folders that are no prior, or not one that can be used: what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.errors import ModelError
from imvar_studio.store.places import starter_model
from imvar_studio.store.priors import find_prior, is_prior
from tests.priors import KANDINSKY, KARLO, change, make_prior, schedule_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=[KANDINSKY, KARLO])
def prior(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return make_prior(tmp_path / "prior", 32, request.param)


def test_a_prior_that_is_not_there(prior: Path, user_home: Path) -> None:
    models = user_home / "models"
    with pytest.raises(
        ModelError, match="no prior called 'karlo', the known ids are none"
    ) as found:
        find_prior("karlo")
    assert str(found.value).endswith(f"like kakaobrain/karlo-v1-alpha, into a folder in {models}")
    models.mkdir()
    prior.rename(models / "kandinsky")
    with pytest.raises(ModelError, match="the known ids are kandinsky: give one of them, or put"):
        find_prior("karlo")
    with pytest.raises(ModelError, match=r"there is nothing at .*karlo: check the path"):
        find_prior("./karlo")
    for asked in ("x" * 5000, "~nobody-at-all/x"):
        with pytest.raises(ModelError, match=r"there is no prior .*: give the id or the path"):
            find_prior(asked)


def test_what_is_no_prior(prior: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.safetensors").touch()
    index = "StableDiffusionImageVariationPipeline"
    for path, sentence in (
        (starter_model(), f"is {index}, which is no prior: choose a prior like kakaobrain/karlo"),
        (tmp_path / "empty", "is not a prior, it holds no model_index.json: choose a prior"),
        (tmp_path / "a.safetensors", "is a file, and a prior is a folder in diffusers layout"),
        (prior / "prior", f"no model_index.json: give the whole prior, {prior}"),
    ):
        with pytest.raises(ModelError, match=sentence):
            find_prior(str(path))
    change(prior / "model_index.json", "_class_name")
    with pytest.raises(ModelError, match="is of no known kind, which is no prior"):
        find_prior(str(prior))


@pytest.mark.parametrize("kind", ["KandinskyV22PriorPipeline", "KandinskyV22PriorEmb2EmbPipeline"])
def test_kandinsky_2_2_is_refused_by_name(prior: Path, kind: str) -> None:
    change(prior / "model_index.json", _class_name=kind)
    assert is_prior(prior)
    with pytest.raises(ModelError, match=r"is Kandinsky 2\.2's prior, .* 1280 numbers: ") as found:
        find_prior(str(prior))
    assert found.value.remedy == (
        "use one that makes 768, like kakaobrain/karlo-v1-alpha or "
        "kandinsky-community/kandinsky-2-1-prior"
    )


@pytest.mark.parametrize(
    "name",
    [
        "prior/config.json",
        "prior/diffusion_pytorch_model.safetensors",
        "text_encoder/config.json",
        "text_encoder/model.safetensors",
        "tokenizer/vocab.json",
        "schedule",
    ],
)
def test_a_part_that_is_missing_or_damaged(prior: Path, name: str) -> None:
    path = schedule_of(prior) if name == "schedule" else prior / name
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError) as found:
        find_prior(str(prior))
    assert path.name in found.value.message
    path.unlink()
    with pytest.raises(ModelError) as found:
        find_prior(str(prior))
    assert path.name in found.value.message
    assert found.value.remedy == "copy or download the model again"


@pytest.mark.parametrize(
    ("part", "fields", "sentence"),
    [
        ("prior", {"_class_name": "UNet2DModel"}, "_class_name must be PriorTransformer, got UNet"),
        ("prior", "_class_name", "names no _class_name, which must be PriorTransformer"),
        ("prior", {"embedding_dim": 0}, "embedding_dim must be a whole number above 0"),
        ("prior", {"num_embeddings": 1.5}, "num_embeddings must be a whole number above 0"),
        ("prior", {"additional_embeddings": 3}, "additional_embeddings must be 4, got 3"),
        ("prior", {"additional_embeddings": 4.0}, r"additional_embeddings must be 4, got 4\.0"),
        ("prior", {"added_emb_type": None}, "added_emb_type must be prd, got null"),
        ("prior", {"encoder_hid_proj_type": None}, "encoder_hid_proj_type must be linear, got n"),
        ("prior", {"clip_embed_dim": 64}, "clip_embed_dim must be 32, got 64"),
        ("prior", {"embedding_proj_dim": 64}, "embedding_proj_dim must be 32, got 64"),
        ("prior", {"embedding_dim": 64}, "text_encoder/config.json: projection_dim must be 64"),
        ("prior", {"num_embeddings": 77}, "max_position_embeddings must be 77, got 32"),
        ("text_encoder", {"architectures": ["CLIPTextModel"]},
         "must be CLIPTextModelWithProjection, got .*CLIPTextModel"),
        ("text_encoder", "architectures", "names no architectures, which must be CLIPText"),
        ("text_encoder", {"projection_dim": 64}, "projection_dim must be 32, got 64"),
        ("text_encoder", "projection_dim", "names no projection_dim, which must be 32"),
        ("text_encoder", {"hidden_size": 64}, "hidden_size must be 32, got 64"),
        ("schedule", {"_class_name": "DDPMScheduler"}, "_class_name must be UnCLIPScheduler, got"),
        ("schedule", {"prediction_type": "epsilon"}, "prediction_type must be sample, got epsilon"),
        ("schedule", "prediction_type", "names no prediction_type, which must be sample"),
        ("schedule", {"variance_type": "learned_range"}, "variance_type must be fixed_small_log"),
        ("schedule", {"beta_schedule": "linear"}, "beta_schedule must be squaredcos_cap_v2, got l"),
    ],
)  # fmt: skip
def test_a_part_of_another_kind(
    prior: Path, part: str, fields: dict[str, Any] | str, sentence: str
) -> None:
    file = schedule_of(prior) if part == "schedule" else prior / part / "config.json"
    if isinstance(fields, str):
        change(file, fields)  # without it
    else:
        change(file, **fields)
    with pytest.raises(ModelError, match=sentence) as found:
        find_prior(str(prior))
    assert found.value.remedy
    assert str(prior) in found.value.message
