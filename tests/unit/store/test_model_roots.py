"""Folders of other programs: whole models are found, and by id once they are remembered."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.errors import ModelError, StoreError
from imvar_studio.store.model_roots import models_below, remember_root, remembered_roots
from imvar_studio.store.models import list_models, resolve
from imvar_studio.store.places import starter_model

if TYPE_CHECKING:
    from pathlib import Path

UNET, VAE = "model.diffusion_model.", "first_stage_model."


def put_file(path: Path) -> Path:
    """Write the header of a Stable Diffusion 1 file."""
    shapes = {
        f"{UNET}input_blocks.0.0.weight": [320, 4, 3, 3],
        f"{UNET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": [320, 768],
        f"{VAE}encoder.conv_in.weight": [128, 3, 3, 3],
        "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": [77, 768],
    }
    header = {
        name: {"dtype": "F16", "shape": shape, "data_offsets": [0, 2]}
        for name, shape in shapes.items()
    }
    content = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(content)) + content + bytes(2))
    return path


def put_folder(path: Path) -> Path:
    """Link the starter under another name; it has its own id in its profile."""
    path.mkdir(parents=True)
    for each in starter_model().iterdir():
        if each.name != "imvar_profile.json":
            (path / each.name).symlink_to(each)
    return path


@pytest.fixture
def comfy(tmp_path: Path) -> Path:
    root = tmp_path / "ComfyUI"
    put_file(root / "models" / "checkpoints" / "dream.safetensors")
    put_file(root / "models" / "checkpoints" / "sd15" / "Photo Real.safetensors")
    put_folder(root / "models" / "diffusers" / "owls")
    for place in ("loras", "vae", "controlnet", "clip", "unet", "upscale_models", "embeddings"):
        put_file(root / "models" / place / f"{place}.safetensors")
    (root / "models" / "checkpoints" / "put_checkpoints_here").touch()
    (root / "models" / "checkpoints" / "old.ckpt").write_bytes(b"\x80")
    put_file(root / "custom_nodes" / "x" / "weights.safetensors")
    return root


@pytest.fixture
def automatic(tmp_path: Path) -> Path:
    root = tmp_path / "stable-diffusion-webui"
    put_file(root / "models" / "Stable-diffusion" / "anime.safetensors")
    put_file(root / "models" / "Lora" / "style.safetensors")
    put_file(root / "models" / "VAE" / "vae.safetensors")
    put_file(root / "embeddings" / "word.safetensors")
    put_file(root / "extensions" / "controlnet" / "models" / "canny.safetensors")
    return root


def names(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in models_below(root)]


def test_of_comfyui_whole_models_alone(comfy: Path) -> None:
    inside = ["checkpoints/dream.safetensors", "checkpoints/sd15/Photo Real.safetensors",
              "diffusers/owls"]  # fmt: skip
    assert names(comfy) == [f"models/{each}" for each in inside]
    assert names(comfy / "models") == inside
    assert names(comfy / "models" / "checkpoints") == [
        each.removeprefix("checkpoints/") for each in inside[:2]
    ]


def test_of_automatic1111_whole_models_alone(automatic: Path) -> None:
    assert names(automatic) == ["models/Stable-diffusion/anime.safetensors"]
    assert names(automatic / "models") == ["Stable-diffusion/anime.safetensors"]


def test_a_plain_folder_is_looked_into(tmp_path: Path) -> None:
    put_file(tmp_path / "a.safetensors")
    put_file(tmp_path / "1" / "2" / "3" / "deep.safetensors")
    put_file(tmp_path / "1" / "2" / "3" / "4" / "too-deep.safetensors")
    put_folder(tmp_path / "owls")  # whose own files are not models
    assert names(tmp_path) == ["1/2/3/deep.safetensors", "a.safetensors", "owls"]
    assert names(tmp_path / "nowhere") == []


def test_a_models_own_folder_is_that_model(tmp_path: Path) -> None:
    folder = put_folder(tmp_path / "owls")
    assert models_below(folder) == [folder]


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    put_file(tmp_path / "a" / "one.safetensors")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert names(tmp_path) == ["a/one.safetensors"]


def test_remembered_folders_make_ids(comfy: Path, automatic: Path, user_home: Path) -> None:
    with pytest.raises(ModelError, match="no model called 'dream'"):
        resolve("dream")
    remember_root(comfy)
    remember_root(automatic)
    remember_root(comfy)  # once
    assert remembered_roots() == [comfy, automatic]
    assert [name for name, _ in list_models()] == [
        "starter", "dream", "photo-real", "owls", "anime",
    ]  # fmt: skip
    assert resolve("dream").path == str(comfy / "models" / "checkpoints" / "dream.safetensors")
    assert resolve("photo-real").width == 768
    assert resolve("owls").path == str(comfy / "models" / "diffusers" / "owls")
    assert resolve("anime").ref.id == "anime"
    stored = json.loads((user_home / "model-folders.json").read_bytes())
    assert stored == [str(comfy), str(automatic)]


def test_a_relative_folder_is_remembered_whole(
    comfy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pathlib import Path as HerePath

    monkeypatch.chdir(comfy.parent)
    remember_root(HerePath("ComfyUI"))
    monkeypatch.chdir("/")
    assert remembered_roots() == [comfy]
    assert "dream" in dict(list_models())


def test_the_first_of_two_with_one_id_has_it(comfy: Path, automatic: Path) -> None:
    second = put_file(automatic / "models" / "Stable-diffusion" / "Dream.safetensors")
    remember_root(comfy)
    remember_root(automatic)
    assert resolve("dream").path.startswith(str(comfy))
    assert resolve(str(second)).path == str(second)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, user_home: Path) -> None:
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(StoreError, match=f"{wrong.name} is not a folder: give the folder"):
            remember_root(wrong)
    assert not (user_home / "model-folders.json").exists()


def test_a_folder_that_went_away_hides_its_models_alone(comfy: Path, automatic: Path) -> None:
    remember_root(comfy)
    remember_root(automatic)
    comfy.rename(comfy.with_name("gone"))
    assert [name for name, _ in list_models()] == ["starter", "anime"]


@pytest.mark.parametrize("content", [b"{", b"{}", b"[1, null]", b"", b"\xff"])
def test_a_damaged_list_is_an_empty_one_and_is_written_anew(
    comfy: Path, user_home: Path, content: bytes
) -> None:
    (user_home / "model-folders.json").write_bytes(content)
    assert remembered_roots() == []
    assert [name for name, _ in list_models()] == ["starter"]
    remember_root(comfy)
    assert remembered_roots() == [comfy]
