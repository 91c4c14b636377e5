from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.source import Size
from imvar_studio.model.start import Noise
from imvar_studio.plan.plan import gather
from imvar_studio.worker.memory import enough_memory

RECIPE = Recipe(ModelRef("m", "ab" * 32), (Weighted(Prompt("a")),), Noise(1), Size(64, 80))
PLAN = gather([RECIPE], Fraction(1), 3)


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory")])
def test_used_up_memory_has_a_remedy(error):
    says = "does not hold 3 pictures of 64x80 at once: choose a smaller batch"
    with pytest.raises(SpecError, match=says), enough_memory(PLAN):
        raise error


def test_what_torch_says_on_this_machine():
    with pytest.raises(SpecError), enough_memory(PLAN):
        torch.empty(2**55)


def test_other_faults_stay_faults():
    with pytest.raises(RuntimeError, match="shapes"), enough_memory(PLAN):
        raise RuntimeError("shapes do not fit")
