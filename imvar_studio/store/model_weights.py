"""The weights of a model's component: which files they are, and whether they are whole.

Source of the safetensors layout: github.com/huggingface/safetensors, README, "Format".
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from imvar_studio.model.errors import FormatError, ModelError
from imvar_studio.store.atomic import store_error
from imvar_studio.store.model_config import COPY_AGAIN, Config
from imvar_studio.store.strict_json import parse_json

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.model.codec import Data

# names diffusers and transformers write, the one that is preferred first
_DIFFUSERS = ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin")
_TRANSFORMERS = ("model.safetensors", "pytorch_model.bin")
_PICKLES = {".ckpt", ".pt", ".pth", ".pkl", ".pickle"}
_WEIGHTS = {".safetensors", ".bin"}
_MOST_HEADER = 100_000_000  # as the safetensors library has it
_PREFIX = 8
_STORED = {"F64": "d", "F32": "f", "F16": "e", "BF16": "H"}  # as struct has them
_LFS = b"version https://git-lfs"


def component_weights(folder: Path, *, transformers: bool) -> tuple[Path, ...]:
    """Return the files of a component's weights; safetensors where both kinds are there.

    Args:
        folder: the component's.
        transformers: written by transformers (towers), else by diffusers (UNet, VAE).

    Returns:
        One file, or for sharded weights the index and every shard.

    Raises:
        ModelError: if there are none that can be read, or a file is cut short.
    """
    for name in _TRANSFORMERS if transformers else _DIFFUSERS:
        for found in ((folder / name,), _shards(folder / f"{name}.index.json")):
            if found and found[0].is_file():
                for path in found:
                    _check_file(path)
                return found
    raise _no_weights(folder, transformers)


def safetensors_header(path: Path) -> dict[str, Data]:
    """Return the header of a safetensors file whose data is all there.

    Raises:
        ModelError: if the file is not safetensors, or cut short.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            prefix = file.read(_PREFIX)
            length = struct.unpack("<Q", prefix)[0] if len(prefix) == _PREFIX else size
            whole = length <= min(_MOST_HEADER, size - _PREFIX)
            content = file.read(length) if whole else prefix + file.read(len(_LFS))
    except OSError as error:
        raise store_error(error, "read", path) from error
    if not whole:
        raise _damaged(path, content)
    try:
        header = parse_json(content, str(path))
    except FormatError as error:
        raise ModelError(f"{path} is damaged, its header is not readable", COPY_AGAIN) from error
    end = _data_end(header) if isinstance(header, dict) else None
    if not isinstance(header, dict) or end is None:
        raise ModelError(f"{path} is not a safetensors file", COPY_AGAIN)
    missing = _PREFIX + length + end - size
    if missing:
        what = f"{missing} bytes are missing" if missing > 0 else "it is longer than it should be"
        raise ModelError(f"{path} is damaged, {what}", COPY_AGAIN)
    return header


def safetensors_values(path: Path, name: str) -> list[float]:
    """Return one small tensor of a whole safetensors file, flat; none if it has none such.

    Only the tensor's own bytes are read. Known are the types that checkpoints come in: F64, F32,
    F16 and BF16.
    """
    tensor = safetensors_header(path).get(name)
    if not isinstance(tensor, dict) or tensor.get("dtype") not in _STORED:
        return []
    begin, end = tensor["data_offsets"]
    try:
        with path.open("rb") as file:
            length = struct.unpack("<Q", file.read(_PREFIX))[0]
            file.seek(_PREFIX + length + begin)
            data = file.read(end - begin)
    except OSError as error:
        raise store_error(error, "read", path) from error
    stored = _STORED[str(tensor["dtype"])]
    count = len(data) // struct.calcsize(stored)
    values = struct.unpack_from(f"<{count}{stored}", data)
    if stored == "H":  # a BF16 is the upper half of an F32
        values = struct.unpack(f"<{count}f", struct.pack(f"<{count}I", *(v << 16 for v in values)))
    return list(values)


def _shards(index: Path) -> tuple[Path, ...]:
    """Return a sharded component's index and shards, none where there is no index."""
    if not index.is_file():
        return ()
    places = Config(index).raw("weight_map")
    listed = list(places.values()) if isinstance(places, dict) else []
    names = sorted({name for name in listed if isinstance(name, str) and _is_plain(name)})
    if not names or any(name not in names for name in listed):
        raise ModelError(f"{index} does not name the files of the weights", COPY_AGAIN)
    return (index, *(index.parent / name for name in names))


def _is_plain(name: str) -> bool:
    """Whether a name stays in its folder."""
    return name not in ("", ".", "..") and not set(name) & set("/\\:\0")


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise ModelError(f"{path} is missing", COPY_AGAIN)
    if path.suffix == ".safetensors":
        safetensors_header(path)
        return
    with path.open("rb") as file:
        beginning = file.read(len(_LFS))
    if not beginning or beginning == _LFS:
        raise _damaged(path, beginning)


def _no_weights(folder: Path, transformers: bool) -> ModelError:
    found = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    pickles = [name for name in found if any(name.endswith(each) for each in _PICKLES)]
    others = [name for name in found if any(name.endswith(each) for each in _WEIGHTS)]
    wanted = (_TRANSFORMERS if transformers else _DIFFUSERS)[0]
    if others:
        message = f"{folder} holds {others[0]}, but not {wanted}"
        return ModelError(message, "download the full weights, or give the file that name")
    if pickles:
        message = f"{folder} holds {pickles[0]}, a pickle, which may run code when it is read"
        return ModelError(message, f"convert it to {wanted}")
    return ModelError(f"{folder} holds no weights ({wanted})", COPY_AGAIN)


def _damaged(path: Path, beginning: bytes) -> ModelError:
    if beginning.startswith(_LFS):
        return ModelError(f"{path} is a Git LFS pointer, not the weights", "run 'git lfs pull'")
    return ModelError(f"{path} is damaged or cut short", COPY_AGAIN)


def _data_end(header: dict[str, Data]) -> int | None:
    """Return where the data ends, counted from the header's end; None if there is no telling."""
    end = 0
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        offsets = tensor.get("data_offsets") if isinstance(tensor, dict) else None
        if not isinstance(offsets, list) or [type(each) for each in offsets] != [int, int]:
            return None
        if not 0 <= offsets[0] <= offsets[1]:
            return None
        end = max(end, offsets[1])
    return end
