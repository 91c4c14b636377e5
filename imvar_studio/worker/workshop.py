"""The workshop: the model that was used last, kept for the next job.

A job inside another one may want another model, while the outer job keeps its own. So all that
are still there are known, weakly: no model is loaded a second time beside itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from imvar_studio.engine.out_of_memory import memory_used_up
from imvar_studio.store.priors import find_prior
from imvar_studio.worker.memory import free_memory, too_large
from imvar_studio.worker.pictures import picture_loader

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.device import Compute
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.store.journal import JournalRecord
    from imvar_studio.store.project_folder import ProjectFolder


class Workshop:
    """Makes renderers; one model stays loaded. Of one process, whose jobs follow or nest.

    Attributes:
        films: the finished pictures of each take that a job renders now, by the take's folder:
            a job inside of it that wants the same take goes on with them, and both know them.
    """

    def __init__(self) -> None:
        self.films: dict[Path, dict[str, JournalRecord]] = {}
        self._last: Bundle | None = None
        self._there: WeakValueDictionary[tuple[ModelCard, Compute], Bundle] = WeakValueDictionary()

    def holds(self, card: ModelCard, compute: Compute) -> bool:
        """Whether the model is loaded already."""
        return (card, compute) in self._there

    def renderer(self, card: ModelCard, compute: Compute, folder: ProjectFolder) -> Renderer:
        """Return a renderer with the model, loaded if it is not there.

        Raises:
            ModelError: for files that don't load.
            OutOfMemoryError: if the memory does not hold it.
        """
        from imvar_studio.engine.renderer import Renderer  # slow: torch

        bundle = self._there.get((card, compute))
        if bundle is not self._last or bundle is None:
            self._last = None  # first: two models may not fit
            free_memory()
            self._last = bundle = bundle or self._loaded(card, compute)
        return Renderer(bundle, picture_loader(folder), folder.cache)

    def _loaded(self, card: ModelCard, compute: Compute) -> Bundle:
        from imvar_studio.engine.library import load_bundle

        try:
            bundle = load_bundle(card, compute, find_prior)
        except (MemoryError, RuntimeError) as error:
            if not memory_used_up(error):
                raise
            raise too_large(f"the model {card.ref.id}") from error
        self._there[card, compute] = bundle
        return bundle
