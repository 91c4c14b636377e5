"""Recipes, caches and counters that the engine's tests share."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.look import Picture, Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.start import Noise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.look import Look


class MemoryCache(dict[str, bytes]):
    """A `ByteCache` that a test can look into."""

    def put(self, digest: str, data: bytes) -> None:
        self[digest] = data


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache()


@pytest.fixture
def tiny(load_model: Callable[..., Bundle]) -> Bundle:
    return load_model("v_prediction", "fp32")


@pytest.fixture
def recipe(pictures: Any) -> Callable[..., Recipe]:
    """(bundle, looks, settings) -> a recipe of few steps at the bundle's precision."""

    def make(bundle: Bundle, *looks: Look, **settings: Any) -> Recipe:
        looks = looks or (Picture(pictures.asset("waves 64x64")),)
        defaults: dict[str, Any] = {
            "start": Noise(1),
            "size": bundle.card.native,
            "steps": 4,
            "precision": bundle.compute.precision,
        }
        weighted = tuple(Weighted(look) for look in looks)
        return Recipe(bundle.card.ref, weighted, **(defaults | settings))

    return make


class Calls:
    """UNet calls, with the samples of each."""

    def __init__(self) -> None:
        self.samples: list[int] = []

    def __len__(self) -> int:
        return len(self.samples)


@pytest.fixture
def unet_calls() -> Callable[[Bundle], Any]:
    """Bundle -> a context in which its UNet's calls are counted."""

    @contextmanager
    def count(bundle: Bundle) -> Iterator[Calls]:
        calls = Calls()
        hook = bundle.unet.register_forward_pre_hook(
            lambda module, args: calls.samples.append(len(args[0]))
        )
        try:
            yield calls
        finally:
            hook.remove()

    return count
