from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.errors import ModelError
from imvar_studio.model.model_card import CLIP_MEAN, CLIP_STD, IMAGE_VARIATION
from imvar_studio.model.source import Size
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.hashing import blake2b_of_file
from imvar_studio.store.models import list_models, resolve
from imvar_studio.store.places import starter_model

if TYPE_CHECKING:
    from pathlib import Path

PROFILE = {
    "format": "imvar-model-profile",
    "version": 1,
    "id": "starter",
    "name": "Imvar starter",
    "licence": "Apache-2.0",
    "image_size": 128,
    "antialias": True,
    "image_norm": 16.0,
    "native_size": 256,
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The starter under another name and without a profile; its weights are links."""
    folder = tmp_path / "My Starter (2)"
    for file in sorted(starter_model().rglob("*")):
        if file.is_dir() or file.name == "imvar_profile.json":
            continue
        copy = folder / file.relative_to(starter_model())
        copy.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".safetensors":
            copy.symlink_to(file)
        else:
            copy.write_bytes(file.read_bytes())
    return folder


def put_profile(model: Path, **changes: object) -> None:
    content = {key: value for key, value in {**PROFILE, **changes}.items() if value is not None}
    (model / "imvar_profile.json").write_text(json.dumps(content))


def digest(model: Path) -> str:
    return resolve(str(model)).ref.weights


def test_the_starter_is_recognised() -> None:
    card = resolve("starter")
    assert card.ref.id == "starter"
    assert card.path == str(starter_model())
    assert card.family == IMAGE_VARIATION
    assert (card.native, card.multiple, card.width) == (Size(256, 256), 32, 256)
    assert (card.image_tower, card.text_tower) == ("image_encoder", "text_encoder")
    assert (card.window, card.inpainting) == (32, False)
    assert card.preprocessing is not None
    assert card.preprocessing.size == 128
    assert (card.preprocessing.mean, card.preprocessing.std) == (CLIP_MEAN, CLIP_STD)
    weights = sum(path.stat().st_size for path in starter_model().rglob("*.safetensors"))
    assert card.weights_bytes == weights > 100_000_000


def test_the_profile_adds_what_the_files_do_not_say(model: Path) -> None:
    bare = resolve(str(model))
    assert (bare.ref.id, bare.name, bare.licence) == ("my-starter-2-", "My Starter (2)", "")
    assert bare.image_norm is None
    assert bare.preprocessing is not None
    assert not bare.preprocessing.antialias
    put_profile(model, native_size=512)
    card = resolve(str(model))
    assert (card.ref.id, card.name, card.licence) == ("starter", "Imvar starter", "Apache-2.0")
    assert (card.image_norm, card.native) == (16.0, Size(512, 512))
    assert card.preprocessing is not None
    assert card.preprocessing.antialias


def test_the_digest_follows_what_changes_pixels_and_nothing_else(model: Path) -> None:
    bare = digest(model)
    put_profile(model)
    with_profile = digest(model)
    assert with_profile != bare
    put_profile(model, id="other", name="Other", licence="MIT", native_size=512)
    (model / "README.md").write_text("about")
    (model / "unet" / "notes.txt").write_text("about")
    assert digest(model) == with_profile
    put_profile(model, image_norm=15.0)
    assert digest(model) not in (bare, with_profile)
    put_profile(model, antialias=None, image_norm=None)
    assert digest(model) == bare
    for name in ("scheduler/scheduler_config.json", "tokenizer/merges.txt", "vae/config.json"):
        path = model / name
        before = path.read_bytes()
        path.write_bytes(before.rstrip() + b"\n \n")
        assert digest(model) != bare
        path.write_bytes(before.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        assert digest(model) == bare  # as git checks it out on Windows
        path.write_bytes(before)


def test_a_flipped_bit_in_the_weights_is_another_model(model: Path) -> None:
    before = digest(model)
    vae = model / "vae" / "diffusion_pytorch_model.safetensors"
    data = bytearray(vae.read_bytes())
    vae.unlink()
    vae.write_bytes(data)
    assert digest(model) == before
    data[-1] ^= 1
    vae.write_bytes(data)
    assert digest(model) != before


def test_large_files_are_hashed_once(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def count(path: Path) -> str:
        hashed.append(path.parent.name)
        return blake2b_of_file(path)

    monkeypatch.setattr("imvar_studio.store.model_digest.blake2b_of_file", count)
    hashes = DigestCache(tmp_path / "hashes")
    first = resolve(str(model), hashes)
    assert sorted(hashed) == ["image_encoder", "text_encoder", "unet", "vae"]
    hashed.clear()
    assert resolve(str(model), DigestCache(tmp_path / "hashes")) == first
    assert hashed == []
    for entry in (tmp_path / "hashes").rglob("*"):
        if entry.is_file():
            entry.write_bytes(b"damaged")
    assert resolve(str(model), hashes) == first
    assert len(hashed) == 4


def test_a_cache_that_cannot_be_written_does_not_matter(model: Path, tmp_path: Path) -> None:
    (tmp_path / "hashes").touch()
    assert resolve(str(model), DigestCache(tmp_path / "hashes")).width == 256


def test_ids_come_from_both_places_and_the_bundled_go_first(model: Path, user_home: Path) -> None:
    assert list_models() == [("starter", starter_model())]
    models = user_home / "models"
    models.mkdir()
    mine = model.rename(models / "Mine")
    (models / "notes").mkdir()
    assert list_models() == [("starter", starter_model()), ("mine", mine)]
    assert resolve("mine").path == str(mine)
    put_profile(mine)
    assert list_models() == [("starter", starter_model())]
    (mine / "imvar_profile.json").write_text("damaged")
    assert [name for name, _ in list_models()] == ["starter", "mine"]
    with pytest.raises(ModelError, match=r"imvar_profile\.json line 1"):
        resolve("mine")


def test_an_id_goes_before_a_folder_of_its_name(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = model.rename(model.with_name("starter"))
    monkeypatch.chdir(here.parent)
    assert resolve("starter").path == str(starter_model())
    assert resolve("./starter").path == str(here)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("dreamer", r"no model called 'dreamer', the known ids are starter: give one"),
        ("./dreamer", r"there is nothing at .*dreamer: check the path"),
        ("lambdalabs/sd-image-variations", r"there is nothing at .*lambdalabs"),
        ("x" * 5000, "there is no model"),
        ("~nobody-at-all/x", "there is no model"),
    ],
)
def test_a_model_that_is_not_there(asked: str, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        resolve(asked)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": "x"}, 'does not begin with "format"'),
        ({"version": None}, "has no version"),
        ({"version": 2}, "newer version: update"),
        ({"colour": "red"}, "field 'colour'"),
        ({"antialias": "yes"}, "antialias must be true or false"),
        ({"image_size": 8}, r"image_size must be in \[16, 4096\], got 8"),
        ({"image_norm": 0}, "image_norm must be in"),
        ({"native_size": 1.5}, "native_size must be a whole number"),
        ({"id": "No Slug"}, "id must be"),
        ({"image_size": 224}, "the profile asks for pictures of 224 px, the image tower for 128"),
    ],
)
def test_a_wrong_profile(model: Path, changes: dict[str, object], sentence: str) -> None:
    put_profile(model, **changes)
    with pytest.raises(ModelError, match=sentence):
        resolve(str(model))


def test_the_store_loads_no_torch_and_is_quick() -> None:
    code = (
        "import sys, time; t = time.perf_counter()\n"
        "from imvar_studio.store.models import resolve; resolve('starter')\n"
        "import imvar_studio.store.takes\n"
        "assert not {'torch', 'numpy', 'PIL'} & set(sys.modules)\n"
        "print(time.perf_counter() - t)"
    )
    root = starter_model().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 5  # 0.25 s on two cores; room for a busy machine
