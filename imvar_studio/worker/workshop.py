"""The workshop: the model that was used last, kept for the next job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.worker.memory import free_memory, memory_used_up, too_large
from imvar_studio.worker.pictures import picture_loader

if TYPE_CHECKING:
    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.device import Compute
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.store.project_folder import ProjectFolder


class Workshop:
    """Makes renderers; one model stays loaded. Of one process, whose jobs follow or nest."""

    def __init__(self) -> None:
        self._bundle: Bundle | None = None

    def holds(self, card: ModelCard, compute: Compute) -> bool:
        """Whether the model is loaded already."""
        bundle = self._bundle
        return bundle is not None and (bundle.card, bundle.compute) == (card, compute)

    def renderer(self, card: ModelCard, compute: Compute, folder: ProjectFolder) -> Renderer:
        """Return a renderer with the model, loaded if it is not the one that was used last.

        Raises:
            ModelError: for files that don't load.
            OutOfMemoryError: if the memory does not hold it.
        """
        from imvar_studio.engine.renderer import Renderer  # slow: torch

        bundle = self._bundle
        if bundle is None or not self.holds(card, compute):
            bundle = self._loaded(card, compute)
        return Renderer(bundle, picture_loader(folder), folder.cache)

    def _loaded(self, card: ModelCard, compute: Compute) -> Bundle:
        from imvar_studio.engine.library import load_bundle

        self._bundle = None  # first: two models may not fit
        free_memory()
        try:
            self._bundle = bundle = load_bundle(card, compute)
        except (MemoryError, RuntimeError) as error:
            if not memory_used_up(error):
                raise
            raise too_large(f"the model {card.ref.id}") from error
        return bundle
