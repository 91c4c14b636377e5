"""Parts of models, loaded from folders in diffusers and transformers layout."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from safetensors import SafetensorError
from transformers import CLIPTokenizer

from imvar_studio.engine.out_of_memory import memory_used_up
from imvar_studio.model.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.engine.device import Compute

T = TypeVar("T")

_log = logging.getLogger(__name__)


def loaded(load: Callable[[], T], what: str) -> T:
    """Return what `load` gives; its errors are told of `what`.

    Raises:
        ModelError: for files that don't load.
        MemoryError: if the memory does not hold it.
    """
    try:
        return load()
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        if memory_used_up(error):
            raise MemoryError(str(error)) from error
        _log.debug("loading %s failed", what, exc_info=True)
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"{what} cannot be loaded ({reason})", "get its files again") from error


def component(cls: Any, path: Path, dtype: torch.dtype, **config: Any) -> Any:
    """Return a module with the weights of its folder.

    Args:
        cls: of diffusers or transformers.
        path: of the folder.
        dtype: of the weights.
        config: in place of what its config says.

    Raises:
        ValueError: for weights that its files lack.
    """
    # diffusers still calls transformers' `dtype` by its older name
    name = "torch_dtype" if cls.__module__.startswith("diffusers") else "dtype"
    module, found = cls.from_pretrained(
        path, local_files_only=True, output_loading_info=True, **{name: dtype}, **config
    )
    # what a file lacks would be random numbers, others each time
    if missing := sorted(found["missing_keys"]):
        raise ValueError(f"{path.name} lacks the weights {missing[0]}")
    return module


def read_tokenizer(path: Path) -> Any:
    """Return the tokenizer of a folder."""
    return CLIPTokenizer.from_pretrained(path, local_files_only=True)


def placed(part: Any, compute: Compute, dtype: torch.dtype) -> Any:
    """Return a module on its device, ready to be run; None of None."""
    if part is None:
        return None
    # torch's own: diffusers' warns of modules to be kept in fp32, of which there are none
    module = torch.nn.Module.to(part, compute.device, dtype)
    return module.eval().requires_grad_(False)
