"""The renderer: recipes to pictures, a chunk at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from imvar_studio.engine.conditioning import Conditioning
from imvar_studio.engine.ddim import make_grid
from imvar_studio.engine.guidance import Guided
from imvar_studio.engine.inpainting import Inpainter
from imvar_studio.engine.pixels import decode
from imvar_studio.engine.preview import OnLatents, Watched, fit, preview
from imvar_studio.engine.protocols import ByteCache, PictureLoader, Report, no_report
from imvar_studio.engine.sampler_setup import make_sampler
from imvar_studio.engine.samplers import built_in_samplers
from imvar_studio.engine.sampling import Hook, Predict, sample
from imvar_studio.engine.starts import Starts, precise_steps
from imvar_studio.engine.tensor_cache import TensorCache
from imvar_studio.engine.text_states import TextStates
from imvar_studio.engine.token_groups import in_turn, token_groups
from imvar_studio.engine.towers import Towers
from imvar_studio.model.errors import SpecError
from imvar_studio.model.model_card import TEXT, check_paints
from imvar_studio.model.recipe import Recipe, noised_picture, settled
from imvar_studio.model.start import inversions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.sampler import Sampler
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
        self._inpainter = Inpainter(bundle, load, self._starts)

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
        """Invert or encode all pictures that `recipes` start from, so that chunks find them made.

        Raises:
            UserError: for pictures, masks and starts that cannot be rendered.
        """
        wanted = [settled(recipe) for recipe in recipes]
        for recipe in wanted:
            check_paints(recipe, self._bundle.card)
            if recipe.inpaint is not None:
                self._inpainter.known(recipe.inpaint, recipe.size)
        self._starts.prepare(wanted, report)

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
                `preview`; the pictures are the same to the bit. Prompts of other numbers of
                windows than the first picture's are run behind it, and not shown.
        """
        latents = self._latents(recipes, batch, slots, report, on_latents)
        pictures = decode(self._bundle, latents, recipes[0].size, tiled=self._tiled).numpy()
        pairs = zip(slots, (settled(recipe) for recipe in recipes), strict=True)
        return [self._inpainter.composite(pictures[slot], recipe) for slot, recipe in pairs]

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
        groups = token_groups(self._conditioning, [settled(recipe) for recipe in recipes])
        made = torch.empty(0)
        for turn, group in enumerate(groups):
            own, places = [recipes[index] for index in group], [slots[index] for index in group]
            told = in_turn(report, turn, len(groups))
            part = self._sampled(own, batch, places, told, None if turn else on_latents)
            if turn:
                made[places] = part[places]
            else:
                made = part
        return made

    def _sampled(
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
        make = self._samplers[first.sampler].content
        sampler = make_sampler(make, full, self._bundle, self._starts)
        noise = torch.stack([self._starts.latents(recipe) for recipe in full])
        noise = noise.to(self._bundle.compute.device)
        total = len(sampler.timesteps)

        def tell(step: int, x: Tensor) -> Tensor:
            report("denoising", step + 1, total)
            return x

        predict: Predict = self._guided(full)
        keep: tuple[Hook, ...] = ()
        if first.inpaint is not None:
            predict, keep = self._inpainter.around(full, sampler, noise, predict)
        if on_latents is not None:
            predict = Watched(predict, total, self._bundle.scheduler_config, on_latents)
        return sample(self._begin(full, sampler, noise), sampler, predict, (*keep, tell))

    def _begin(self, recipes: Sequence[Recipe], sampler: Sampler, noise: Tensor) -> Tensor:
        """Return what sampling begins with, of `noise` (b, c, h, w) of unit power."""
        if noised_picture(recipes[0]) is not None:
            clean = torch.stack([self._starts.clean(recipe) for recipe in recipes])
            return sampler.noised(clean.to(noise), noise, 0)
        led_back = inversions(recipes[0].start)
        return noise * (sampler.latent_scale if led_back else sampler.noise_scale)

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
        check_paints(recipe, bundle.card)

    def _guided(self, recipes: Sequence[Recipe]) -> Guided:
        columns = []  # a picture's conditions: the unconditional one, then its looks
        for recipe in recipes:
            looks = [recipe.negative, *(part.look for part in recipe.looks)]
            columns.append([self._conditioning.evaluate(look, recipe.size) for look in looks])
        flat = self._conditioning.meet(*(each for column in columns for each in column))
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
