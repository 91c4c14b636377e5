"""Loading a model that the memory does not hold: nothing is wrong with its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine import library
from imvar_studio.engine.device import choose_compute
from imvar_studio.engine.library import load_bundle
from imvar_studio.model.errors import ModelError
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.models import resolve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMPUTE = choose_compute("cpu", "fp32")


@pytest.fixture
def load(
    tiny_model: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Exception], object]:
    """Load a model whose loader ends in an exception."""
    card = resolve(str(tiny_model("epsilon")), DigestCache(tmp_path / "hashes"))

    def run(error: Exception) -> object:
        def fail(*args: Any) -> None:
            raise error

        monkeypatch.setattr(library, "_load_folder", fail)
        return load_bundle(card, COMPUTE)

    return run


@pytest.mark.parametrize(
    "error",
    [MemoryError(), torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
     RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
     RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes")],
)  # fmt: skip
def test_used_up_memory_is_said_in_one_way(
    load: Callable[[Exception], object], error: Exception
) -> None:
    with pytest.raises(MemoryError) as caught:
        load(error)
    assert str(caught.value) == str(error)


def test_what_torch_says_on_this_machine(
    load: Callable[[Exception], object],
) -> None:
    with pytest.raises(RuntimeError) as said:
        torch.empty(2**55)
    with pytest.raises(MemoryError, match="memory"):
        load(said.value)


def test_a_file_that_cannot_be_mapped_is_a_matter_of_memory(
    load: Callable[[Exception], object],
) -> None:
    with pytest.raises(MemoryError, match="allocate"):
        load(OSError(12, "Cannot allocate memory"))


@pytest.mark.parametrize("error", [RuntimeError("shapes do not fit"), OSError(2, "no such file")])
def test_other_faults_are_the_files(load: Callable[[Exception], object], error: Exception) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        load(error)
