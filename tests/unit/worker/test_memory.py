"""The steps down when memory is used up, in order, each said, and their end."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from imvar_studio.engine.out_of_memory import memory_used_up
from imvar_studio.model.errors import OutOfMemoryError
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.source import Size
from imvar_studio.model.start import Noise
from imvar_studio.plan.plan import gather
from imvar_studio.worker.memory import Fallback

RECIPE = Recipe(ModelRef("m", "ab" * 32), (Weighted(Prompt("a")),), Noise(1), Size(64, 80))
PLAN = gather([RECIPE], Fraction(1), 6)
CUDA = torch.OutOfMemoryError("CUDA out of memory")
CPU = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")


class Renderer:
    tiles = ""

    def fingerprint(self, batch: int) -> str:
        return f"batch-{batch}{self.tiles}"

    def use_tiles(self, stage: str) -> None:
        self.tiles += f" {stage} tiled"


class Context(list):
    def step(self, event):
        self.append(event.text)


@pytest.fixture
def said():
    return Context()


@pytest.fixture
def fallback(said):
    return Fallback(Renderer(), PLAN, said)


def test_what_says_that_memory_is_used_up():
    assert all(map(memory_used_up, (MemoryError(), CUDA, CPU)))
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**55)
    assert memory_used_up(caught.value)
    assert not memory_used_up(RuntimeError("shapes do not fit"))
    assert not memory_used_up(ValueError("can't allocate memory"))


@pytest.mark.parametrize("error", [MemoryError(), CUDA, CPU], ids=["python", "cuda", "cpu"])
def test_the_batch_halves_down_to_one_then_come_tiles(fallback, said, error):
    tried = []

    def work():
        tried.append(fallback.fingerprint)
        if len(tried) < 4:
            raise error
        return "made"

    assert fallback.attempt(work) == "made"
    assert tried == ["batch-6", "batch-3", "batch-1", "batch-1 decode tiled"]
    assert [text.split(".")[0] for text in said] == [
        "The memory was used up: going on with 3 pictures at once",
        "The memory was used up: going on with 1 picture at once",
        "The memory was used up: going on in tiles",
    ]
    # what was found out holds for the rest of the job
    assert fallback.attempt(lambda: fallback.fingerprint) == "batch-1 decode tiled"


def test_where_the_batch_changes_nothing_tiles_are_next(fallback):
    tried = []

    def work():
        tried.append(fallback.fingerprint)
        if len(tried) < 2:
            raise CUDA

    fallback.attempt(work, batched=False)
    assert tried == ["batch-6", "batch-6 encode tiled"]
    assert fallback.attempt(lambda: fallback.batch) == 6


def test_after_the_last_step_there_is_a_remedy(fallback, said):
    def work():
        raise CPU

    says = "does not hold one picture of 64x80, not even in tiles: choose a smaller size"
    with pytest.raises(OutOfMemoryError, match=says):
        fallback.attempt(work)
    assert len(said) == 3


def test_other_faults_stay_faults(fallback, said):
    def work():
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes"):
        fallback.attempt(work)
    assert said == []
