"""The renderer: recipes to pictures, a chunk at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from imvar_studio.engine.conditioning import Conditioning, repeat_to_common
from imvar_studio.engine.ddim import make_grid
from imvar_studio.engine.guidance import Guided
from imvar_studio.engine.pixels import decode
from imvar_studio.engine.preview import OnLatents, Watched, fit, preview
from imvar_studio.engine.protocols import ByteCache, PictureLoader, Report, no_report
from imvar_studio.engine.sampler import Sampler, SamplerSetup
from imvar_studio.engine.samplers import built_in_samplers
from imvar_studio.engine.sampling import Predict, sample
from imvar_studio.engine.starts import Starts, precise_steps, variance_generator
from imvar_studio.engine.tensor_cache import TensorCache
from imvar_studio.engine.text_states import TextStates
from imvar_studio.engine.towers import Towers
from imvar_studio.model.errors import SpecError
from imvar_studio.model.model_card import TEXT
from imvar_studio.model.recipe import Recipe, settled
from imvar_studio.model.start import inversions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.source import Size


class Renderer:
    """Renders recipes with one bundle.

    Args:
        bundle: the model.
        load: gives assets' pixels.
        cache: keeps embeddings and inversions between renders; None keeps none.
    """

    def __init__(self, bundle: Bundle, load: PictureLoader, cache: ByteCache | None = None) -> None:
        self._bundle = bundle
        self._tiled = False
        self._samplers = built_in_samplers()
        self._tensors = tensors = TensorCache(cache, bundle.card.ref, bundle.compute.fingerprint(1))
        text = bundle.card.family == TEXT
        embedder = TextStates(bundle, tensors) if text else Towers(bundle, load, tensors)
        self._conditioning = Conditioning(embedder, load)
        self._starts = Starts(bundle, self._conditioning, load, tensors)

    @property
    def bundle(self) -> Bundle:
        """Return the model."""
        return self._bundle

    def fingerprint(self, batch: int) -> str:
        """Return the numerics that pictures rendered at `batch` have."""
        numerics = self._bundle.compute.fingerprint(batch)
        parts = (numerics, "tiled" * self._tiled, "tiled-encode" * self._starts.tiled)
        return " ".join(filter(None, parts))

    @property
    def tiled(self) -> bool:
        """Whether it decodes in tiles."""
        return self._tiled

    def use_tiles(self, stage: str) -> None:
        """Work in overlapping tiles from now on; `fingerprint` names it.

        Args:
            stage: `decode` for finished pictures, `encode` for those that are led back to noise.
        """
        if stage == "encode":
            self._starts.tiled = True
        else:
            self._tiled = True

    @torch.inference_mode()
    def prepare(self, recipes: Sequence[Recipe], report: Report = no_report) -> None:
        """Invert all pictures that `recipes` start from, so that chunks find them made."""
        self._starts.prepare([settled(recipe) for recipe in recipes], report)

    def inversions_to_make(self, recipes: Sequence[Recipe]) -> int:
        """Return the UNet evaluations that `prepare` would run."""
        return self._starts.evaluations([settled(recipe) for recipe in recipes])

    @torch.inference_mode()
    def render(
        self,
        recipes: Sequence[Recipe],
        batch: int,
        slots: Sequence[int],
        report: Report = no_report,
        on_latents: OnLatents | None = None,
    ) -> list[NDArray[Any]]:
        """Return the pictures, each (h, w, 3) uint8 sRGB, of one chunk.

        Args:
            recipes: alike in what `plan.batch_key` names, at most `batch`.
            batch: pictures computed, always: empty slots hold copies, so that a picture's
                bits depend neither on its slot nor on its neighbours.
            slots: each recipe's slot in [0, batch).
            report: called once a step; may raise `Cancelled`.
            on_latents: called once a step with a function that gives x0, by slot, for
                `preview`; the pictures are the same to the bit.
        """
        latents = self._latents(recipes, batch, slots, report, on_latents)
        pictures = decode(self._bundle, latents, recipes[0].size, tiled=self._tiled).numpy()
        return [pictures[slot] for slot in slots]

    @torch.inference_mode()
    def latents(self, recipes: Sequence[Recipe], report: Report = no_report) -> Tensor:
        """Return the final latents (b, c, h, w) fp32 of recipes that share a batch."""
        return self._latents(recipes, len(recipes), range(len(recipes)), report)

    def preview(self, x0: Tensor, size: Size) -> NDArray[Any]:
        """Return a glimpse (h, w, 3) uint8 sRGB, at most 256 pixels a side, of a picture.

        The first one fits the model's colours, which takes a moment and is kept in the cache.

        Args:
            x0: (c, h', w') of one slot.
            size: of the finished picture.
        """
        matrix = self._tensors.get("preview", (), lambda: fit(self._bundle))
        working = self._bundle.working_size(size)
        return preview(matrix, x0, (size.width / working.width, size.height / working.height))

    def _latents(
        self,
        recipes: Sequence[Recipe],
        batch: int,
        slots: Sequence[int],
        report: Report,
        on_latents: OnLatents | None = None,
    ) -> Tensor:
        by_slot = dict(zip(slots, (settled(recipe) for recipe in recipes), strict=True))
        first = by_slot[slots[0]]
        full = [by_slot.get(slot, first) for slot in range(batch)]
        self._check(first)
        sampler = self._sampler(full)
        starts = [
            self._starts.latents(recipe)
            * (sampler.latent_scale if inversions(recipe.start) else sampler.noise_scale)
            for recipe in full
        ]
        x = torch.stack(starts).to(self._bundle.compute.device)
        total = len(sampler.timesteps)

        def tell(step: int, x: Tensor) -> Tensor:
            report("denoising", step + 1, total)
            return x

        predict: Predict = self._guided(full)
        if on_latents is not None:
            predict = Watched(predict, total, self._bundle.scheduler_config, on_latents)
        return sample(x, sampler, predict, (tell,))

    def _check(self, recipe: Recipe) -> None:
        bundle = self._bundle
        if recipe.model != bundle.card.ref:
            raise SpecError(
                f"the recipe wants model {recipe.model.id} with other weights than are loaded",
                "model",
            )
        if recipe.precision != bundle.compute.precision:
            raise SpecError(
                f"the recipe wants {recipe.precision}, the model is loaded in "
                f"{bundle.compute.precision}",
                "precision",
            )

    def _sampler(self, recipes: Sequence[Recipe]) -> Sampler:
        first = recipes[0]
        eta = torch.tensor([recipe.eta for recipe in recipes]) if first.eta > 0 else None
        drawn = first.variance is not None
        shape = self._bundle.latent_shape(self._bundle.working_size(first.size))

        def variance(step: int) -> Tensor:
            return torch.stack([self._starts.variance(recipe, step, shape) for recipe in recipes])

        def generators(step: int) -> list[torch.Generator]:
            return [variance_generator(recipe, step) for recipe in recipes]

        setup = SamplerSetup(
            self._bundle.scheduler_config,
            first.steps,
            first.spacing,
            self._bundle.compute.device,
            eta,
            None if eta is None else variance,
            generators if drawn else None,
        )
        return self._samplers[first.sampler].content(setup)

    def _guided(self, recipes: Sequence[Recipe]) -> Guided:
        columns = []  # a picture's conditions: the unconditional one, then its looks
        for recipe in recipes:
            looks = [recipe.negative, *(part.look for part in recipe.looks)]
            columns.append([self._conditioning.evaluate(look, recipe.size) for look in looks])
        flat = repeat_to_common(*(condition for column in columns for condition in column))
        rows = torch.stack(flat).unflatten(0, (len(columns), len(columns[0]))).transpose(0, 1)
        weights = torch.tensor([[part.weight for part in recipe.looks] for recipe in recipes]).T
        device = self._bundle.compute.device
        return Guided(
            self._bundle,
            rows.to(device),
            (weights / weights.sum(0)).to(device),
            torch.tensor([recipe.guidance for recipe in recipes]).to(device),
            self._precise(recipes[0]),
        )

    def _precise(self, recipe: Recipe) -> frozenset[int]:
        if not inversions(recipe.start):
            return frozenset()
        grid = make_grid(self._bundle.scheduler_config, recipe.steps, recipe.spacing)
        return precise_steps(self._bundle, grid)
