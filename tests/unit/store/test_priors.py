"""Priors by id and path: what is recognised, what the digest follows, where they are found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from diffusers import PriorTransformer, UnCLIPScheduler
from safetensors.torch import load_file
from transformers import CLIPTextModelWithProjection

from imvar_studio.model.errors import ModelError
from imvar_studio.model.prior_card import PriorCard
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.hashing import blake2b_of_file
from imvar_studio.store.model_roots import remember_root
from imvar_studio.store.models import list_models, resolve
from imvar_studio.store.places import starter_model
from imvar_studio.store.priors import find_prior, is_prior, list_priors
from tests.priors import KANDINSKY, KARLO, WINDOW, change, make_prior, schedule_of


@pytest.fixture(params=[KANDINSKY, KARLO])
def prior(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return make_prior(tmp_path / "My Prior", 32, request.param)


def put_profile(prior: Path, **fields: str) -> None:
    content = {"format": "imvar-model-profile", "version": 1, **fields}
    (prior / "imvar_profile.json").write_text(json.dumps(content))


def digest(prior: Path) -> str:
    return find_prior(str(prior)).weights


# ---- what is recognised


def test_a_prior_is_recognised_and_its_parts_load_from_where_the_card_says(prior: Path) -> None:
    card = find_prior(str(prior))
    assert card == PriorCard(
        id="my-prior",
        weights=card.weights,
        path=str(prior),
        width=32,
        window=WINDOW,
        scheduler=schedule_of(prior).parent.name,
        name="My Prior",
        weights_bytes=sum(path.stat().st_size for path in prior.rglob("*.safetensors")),
    )
    place = Path(card.path)
    loop = PriorTransformer.from_pretrained(place / "prior", local_files_only=True)
    text = CLIPTextModelWithProjection.from_pretrained(place / "text_encoder")
    schedule = UnCLIPScheduler.from_pretrained(place / card.scheduler, local_files_only=True)
    assert (loop.config.embedding_dim, loop.config.num_embeddings) == (card.width, card.window)
    assert text.config.projection_dim == card.width
    assert schedule.config.prediction_type == "sample"


def test_configs_that_leave_to_diffusers_what_is_its_own_are_read_so(tmp_path: Path) -> None:
    """Karlo's and Kandinsky 2.1's files are older than some of the fields."""
    prior = make_prior(tmp_path / "karlo", 768, KARLO)
    names = ("added_emb_type", "encoder_hid_proj_type", "additional_embeddings", "embedding_dim",
             "embedding_proj_dim", "clip_embed_dim")  # fmt: skip
    change(prior / "prior" / "config.json", *names)
    change(schedule_of(prior), "variance_type", "beta_schedule")
    assert "embedding_dim" not in PriorTransformer.load_config(prior / "prior")
    assert find_prior(str(prior)).width == 768
    change(prior / "prior" / "config.json", "num_embeddings")  # 77
    with pytest.raises(ModelError, match=r"max_position_embeddings must be 77, got 32"):
        find_prior(str(prior))
    change(prior / "text_encoder" / "config.json", max_position_embeddings=77)
    assert find_prior(str(prior)).window == 77


def test_the_profile_gives_id_name_and_licence(prior: Path) -> None:
    bare = find_prior(str(prior))
    put_profile(prior, id="karlo", name="Karlo v1 alpha", licence="CreativeML Open RAIL-M")
    card = find_prior(str(prior))
    assert (card.id, card.name) == ("karlo", "Karlo v1 alpha")
    assert card.licence == "CreativeML Open RAIL-M"
    assert card.weights == bare.weights
    (prior / "imvar_profile.json").write_text("damaged")
    with pytest.raises(ModelError, match=r"imvar_profile\.json line 1"):
        find_prior(str(prior))


def test_torch_weights_are_read_where_there_are_no_others(prior: Path) -> None:
    import torch

    for part, name, old in (
        ("prior", "diffusion_pytorch_model", "diffusion_pytorch_model"),
        ("text_encoder", "model", "pytorch_model"),
    ):
        file = prior / part / f"{name}.safetensors"
        torch.save(load_file(file), file.with_name(f"{old}.bin"))
        file.unlink()
    size = sum(path.stat().st_size for path in prior.rglob("*.bin"))
    assert find_prior(str(prior)).weights_bytes == size > 100_000


# ---- the digest


def test_the_digest_follows_what_changes_embeddings_and_nothing_else(prior: Path) -> None:
    before = digest(prior)
    put_profile(prior, id="other", name="Other", licence="MIT")
    (prior / "README.md").write_text("about")
    (prior / "decoder").mkdir(exist_ok=True)
    (prior / "decoder" / "config.json").write_text("{}")
    change(prior / "model_index.json", _diffusers_version="9")
    assert digest(prior) == before
    assert digest(Path(shutil.copytree(prior, prior.with_name("elsewhere")))) == before
    texts = ("prior/config.json", "text_encoder/config.json", "tokenizer/merges.txt",
             "tokenizer/vocab.json", schedule_of(prior).relative_to(prior))  # fmt: skip
    for name in texts:
        path = prior / name
        content = path.read_bytes()
        path.write_bytes(content.rstrip() + b"\n \n")
        assert digest(prior) != before
        path.write_bytes(content.replace(b"\n", b"\r\n"))
        assert digest(prior) == before  # as git checks it out on Windows
        path.write_bytes(content)


@pytest.mark.parametrize(
    "name", ["prior/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"]
)
def test_a_flipped_bit_in_the_weights_is_another_prior(prior: Path, name: str) -> None:
    before = digest(prior)
    data = bytearray((prior / name).read_bytes())
    data[-1] ^= 1
    (prior / name).write_bytes(data)
    assert digest(prior) != before


def test_hashes_of_large_files_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prior = make_prior(tmp_path / "wide", 256)
    hashed: list[str] = []

    def count(path: Path) -> str:
        hashed.append(path.parent.name)
        return blake2b_of_file(path)

    monkeypatch.setattr("imvar_studio.store.model_digest.blake2b_of_file", count)
    first = find_prior(str(prior), DigestCache(tmp_path / "hashes"))
    assert "text_encoder" in hashed  # larger than a MiB
    hashed.clear()
    assert find_prior(str(prior), DigestCache(tmp_path / "hashes")) == first
    assert "text_encoder" not in hashed


# ---- where they are found


def test_ids_find_priors_among_the_models_and_in_remembered_folders(
    prior: Path, user_home: Path, tmp_path: Path
) -> None:
    assert list_priors() == []
    (user_home / "models").mkdir()
    mine = prior.rename(user_home / "models" / "Karlo v1")
    assert list_priors() == [("karlo-v1", mine)]
    assert find_prior("karlo-v1").path == str(mine)
    put_profile(mine, id="karlo")
    more = tmp_path / "more"
    shutil.copytree(mine, more / "deep" / "karlo")
    other = Path(shutil.copytree(mine, more / "other"))
    put_profile(other, id="other")
    remember_root(more)
    assert list_priors() == [("karlo", mine), ("other", other)]
    assert find_prior("karlo").path == str(mine)
    assert find_prior("other").id == "other"
    assert find_prior(str(more / "deep" / "karlo")).path == str(more / "deep" / "karlo")


def test_priors_and_models_are_told_apart(prior: Path, user_home: Path) -> None:
    (user_home / "models").mkdir()
    mine = prior.rename(user_home / "models" / "starter")  # an id of a model
    assert (is_prior(mine), is_prior(starter_model())) == (True, False)
    assert is_prior(mine / "model_index.json") is is_prior(mine / "prior") is False
    assert list_models() == [("starter", starter_model())]
    assert resolve("starter").path == str(starter_model())
    assert find_prior("starter").path == str(mine)


def test_a_prior_that_is_not_whole_is_still_one(prior: Path) -> None:
    for each in prior.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
    assert is_prior(prior)
    (prior / "model_index.json").write_text("damaged")
    assert not is_prior(prior)


def test_an_id_goes_before_a_folder_of_its_name(
    prior: Path, user_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = prior.rename(prior.with_name("karlo"))
    monkeypatch.chdir(here.parent)
    assert find_prior("karlo").path == str(here)
    mine = Path(shutil.copytree(here, user_home / "models" / "karlo"))
    assert find_prior("karlo").path == str(mine)
    assert find_prior("./karlo").path == str(here)


def test_a_prior_is_no_model_and_says_how_it_is_used(prior: Path, user_home: Path) -> None:
    wanted = "is a prior, .* paints no pictures: give its id with --prior"
    with pytest.raises(ModelError, match=wanted):
        resolve(str(prior))
    (user_home / "models").mkdir()
    prior.rename(user_home / "models" / "karlo")
    with pytest.raises(ModelError, match=wanted):
        resolve("karlo")
    with pytest.raises(ModelError, match="'karla', the known ids are starter: give one"):
        resolve("karla")
