"""The workshop: which models are loaded and kept while jobs follow and nest."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from weakref import ref

import pytest
import torch

from imvar_studio.engine import library, renderer
from imvar_studio.engine.bundle import Bundle
from imvar_studio.engine.device import Compute
from imvar_studio.model.model_card import ModelCard
from imvar_studio.model.project import Project
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Size
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker.workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path

CPU = Compute(torch.device("cpu"), "fp32")
A, B = (
    ModelCard(ModelRef(name, name * 64), f"/{name}", "text", "", "", Size(64, 64), 8, 8)
    for name in "ab"
)


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder.create(tmp_path / "p.imvar", Project())


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the models that were loaded, in order."""
    ids: list[str] = []

    def load(card: ModelCard, compute: Compute, find_prior: Any) -> Bundle:
        assert callable(find_prior)
        ids.append(card.ref.id)
        nothing: Any = None
        return Bundle(card, compute, nothing, nothing, nothing, nothing, nothing, {})

    monkeypatch.setattr(library, "load_bundle", load)
    monkeypatch.setattr(renderer, "Renderer", lambda bundle, *_: SimpleNamespace(bundle=bundle))
    return ids


def test_a_model_stays_for_the_next_job_and_goes_for_another(folder, loaded):
    shop = Workshop()
    first = ref(shop.renderer(A, CPU, folder).bundle)
    assert shop.renderer(A, CPU, folder).bundle is first()
    assert shop.holds(A, CPU)
    assert not shop.holds(B, CPU)
    shop.renderer(B, CPU, folder)
    assert loaded == ["a", "b"]
    assert first() is None
    assert not shop.holds(A, CPU)


def test_a_model_of_another_precision_is_another(folder, loaded):
    shop = Workshop()
    kept = [shop.renderer(A, compute, folder) for compute in (CPU, Compute(CPU.device, "bf16"))]
    assert loaded == ["a", "a"]
    assert [each.bundle.compute.precision for each in kept] == ["fp32", "bf16"]


def test_a_job_inside_another_takes_the_outer_ones_model(folder, loaded):
    """After one with another model, which goes then: no third model is loaded, and no second."""
    shop = Workshop()
    outer = shop.renderer(A, CPU, folder)
    other = ref(shop.renderer(B, CPU, folder).bundle)
    assert shop.holds(A, CPU)
    assert shop.renderer(A, CPU, folder).bundle is outer.bundle
    gc.collect()
    assert other() is None
    assert loaded == ["a", "b"]
