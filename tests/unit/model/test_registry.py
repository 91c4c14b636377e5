from __future__ import annotations

import pytest

from imvar_studio.model.errors import SpecError
from imvar_studio.model.registry import Entry, Registry


@pytest.fixture
def samplers() -> Registry[int]:
    registry: Registry[int] = Registry("sampler")
    registry.add("euler", 1, label="Euler")
    registry.add("ddim", 2, label="DDIM", about="Song 2020")
    return registry


def test_entries_keep_their_order_and_metadata(samplers: Registry[int]) -> None:
    assert list(samplers) == [Entry("euler", "Euler", "", 1), Entry("ddim", "DDIM", "Song 2020", 2)]
    assert samplers["ddim"].content == 2


def test_a_name_is_taken_once(samplers: Registry[int]) -> None:
    with pytest.raises(SpecError, match=r"^sampler 'ddim' is registered already$"):
        samplers.add("ddim", 3, label="Other")
    assert samplers["ddim"].content == 2


def test_an_unknown_name_is_told_the_known_ones(samplers: Registry[int]) -> None:
    with pytest.raises(SpecError, match=r"^sampler must be one of euler, ddim, got 'dpm'$"):
        samplers["dpm"]


def test_names_are_slugs(samplers: Registry[int]) -> None:
    with pytest.raises(SpecError, match=r"^sampler name must be 1 to 64 of a-z"):
        samplers.add("DPM++", 3, label="DPM++")
