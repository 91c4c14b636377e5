"""Starts to latents: noise, pictures inverted or as they are, and the ways between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from imvar_studio.engine.ddim import Grid, make_grid, sensitive_timesteps
from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.guidance import run_unet
from imvar_studio.engine.interpolation import circle, lerp, slerp_whole
from imvar_studio.engine.inversion import (
    fixed_point_evaluations,
    invert_fixed_point,
    invert_plain,
)
from imvar_studio.engine.noise import start_noise, stream_noise, stream_seed
from imvar_studio.engine.pixels import encode
from imvar_studio.model.errors import SpecError
from imvar_studio.model.start import (
    Between,
    Circle,
    Encode,
    Inverted,
    Noise,
    Shifted,
    Start,
    encoded,
    inversions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.conditioning import Conditioning
    from imvar_studio.engine.protocols import PictureLoader, Report
    from imvar_studio.engine.sampling import Hook
    from imvar_studio.engine.tensor_cache import TensorCache
    from imvar_studio.model.inpaint import Inpaint
    from imvar_studio.model.recipe import Recipe
    from imvar_studio.model.source import Size, Source

# the kinds that latents have in the cache
INVERTED = "inverted"
ENCODED = "encoded"


@dataclass(frozen=True, slots=True)
class Inversion:
    """An inverted picture as far as its latents depend on what is sampled from them.

    Args:
        inverted: the picture, and how it is inverted.
        steps, spacing: of the sampling, if it leaves steps out; otherwise the latents are the
            same for all.
    """

    inverted: Inverted
    steps: int = 0
    spacing: str = ""

    @classmethod
    def of(cls, inverted: Inverted, recipe: Recipe) -> Inversion:
        """Return the inversion that `recipe` is sampled from."""
        if not inverted.spec.start_step:
            return cls(inverted)
        return cls(inverted, recipe.steps, recipe.spacing)

    def key(self, size: Size) -> tuple[object, ...]:
        """Return what names its latents in the cache."""
        return (self if self.inverted.spec.start_step else self.inverted, size)

    def grid(self, scheduler_config: dict[str, Any]) -> Grid:
        """Return the grid it runs on: its own, up to the timestep at which sampling begins.

        That one it ends at exactly, though it may lie between two of its own.

        Raises:
            SpecError: more steps than the schedule has.
        """
        spec = self.inverted.spec
        own = make_grid(scheduler_config, spec.steps, spec.spacing)
        if not spec.start_step:
            return own
        sampling = make_grid(scheduler_config, self.steps, self.spacing)
        return own.up_to(sampling.after(spec.start_step))


class Starts:
    """Makes latents to start from, and keeps inversions.

    Args:
        bundle: the model.
        conditioning: evaluates the look an inversion runs under.
        load: gives assets' pixels.
        cache: keeps inverted latents.
    """

    def __init__(
        self,
        bundle: Bundle,
        conditioning: Conditioning,
        load: PictureLoader,
        cache: TensorCache,
    ) -> None:
        self._bundle = bundle
        self._conditioning = conditioning
        self._load = load
        self._cache = cache
        self.tiled = False  # encode pictures in tiles, where memory is short

    def latents(self, recipe: Recipe) -> Tensor:
        """Return the start (c, h, w) fp32 on the CPU, of unit power where sampling begins.

        A shift is added at that power, and changes it.
        Where it is made of pictures' latents (`Encode`), the noise that these get.
        """
        return self._evaluate(recipe.start, recipe)

    def clean(self, recipe: Recipe) -> Tensor:
        """Return the latents (c, h, w) fp32 on the CPU that the noise of `latents` is added to.

        The recipe starts from `Encode`; between two they go in a straight line.
        """
        return self._clean(recipe.start, recipe.size)

    def latents_of(self, of: Source | Inpaint, size: Size, picture: Callable[[], Tensor]) -> Tensor:
        """Return a picture's latents (c, h, w) fp32 on the CPU, from the cache if it has them.

        Args:
            of: what they are of, which names them.
            size: of the picture.
            picture: gives (3, h, w) fp32 in [0, 1].
        """

        def make() -> Tensor:
            return encode(self._bundle, picture(), tiled=self.tiled)[0].cpu()

        return self._cache.get(self._kind_of(ENCODED), (of, size), make)

    def variance(self, recipe: Recipe, step: int, shape: tuple[int, int, int]) -> Tensor:
        """Return the noise (c, h, w) that eta adds at `step`, fp32 on the CPU."""
        match recipe.variance:
            case Noise(seed):
                return stream_noise(seed, "variance", step, shape)
            case Between(Noise(a), Noise(b), u):
                ends = (stream_noise(seed, "variance", step, shape) for seed in (a, b))
                return slerp_whole(next(ends), next(ends), u)
            case _:
                raise SpecError("variance must be noise, or between two noises", "variance")

    def prepare(self, recipes: Sequence[Recipe], report: Report) -> None:
        """Invert and encode every picture that is not in the cache."""
        for recipe in recipes:
            if encoded(recipe.start) is not None:
                self.clean(recipe)
        missing = self._missing(recipes)
        total, done = sum(self._cost(each) for each, _ in missing), 0
        for inversion, size in missing:
            self._inverted(inversion, size, self._teller(report, inversion, done, total))
            done += self._cost(inversion)

    def evaluations(self, recipes: Sequence[Recipe]) -> int:
        """Return the UNet evaluations that `prepare` would run."""
        return sum(self._cost(each) for each, _ in self._missing(recipes))

    def _cost(self, inversion: Inversion) -> int:
        return inversion_evaluations(inversion, self._bundle.scheduler_config)

    def _missing(self, recipes: Sequence[Recipe]) -> list[tuple[Inversion, Size]]:
        return missing_inversions(recipes, self._cache, self._kind_of(INVERTED))

    def _kind_of(self, kind: str) -> str:
        return f"{kind}-tiled" if self.tiled else kind

    def _evaluate(self, start: Start, recipe: Recipe) -> Tensor:
        match start:
            case Noise(seed) | Encode(seed=seed):
                size = self._bundle.working_size(recipe.size)
                return start_noise(seed, self._bundle.latent_shape(size))
            case Inverted():
                return self._inverted(Inversion.of(start, recipe), recipe.size, None)
            case Between(first, second, u, path):
                a, b = self._evaluate(first, recipe), self._evaluate(second, recipe)
                return slerp_whole(a, b, u) if path == "slerp" else lerp(a, b, u)
            case Circle(first, second, u):
                return circle(self._evaluate(first, recipe), self._evaluate(second, recipe), u)
            case Shifted(inner, offset):
                return self._evaluate(inner, recipe) + offset

    def _clean(self, start: Start, size: Size) -> Tensor:
        match start:
            case Encode(source):
                return self.latents_of(source, size, lambda: load_framed(source, size, self._load))
            case Between(first, second, u):
                return lerp(self._clean(first, size), self._clean(second, size), u)
            case Circle(first) | Shifted(first):
                return self._clean(first, size)
            case _:
                raise SpecError("the recipe starts from no picture's latents", "start")

    def _inverted(self, inversion: Inversion, size: Size, hook: Hook | None) -> Tensor:
        def make() -> Tensor:
            return self._invert(inversion, size, hook)

        return self._cache.get(self._kind_of(INVERTED), inversion.key(size), make)

    def _invert(self, inversion: Inversion, size: Size, hook: Hook | None) -> Tensor:
        bundle, start = self._bundle, inversion.inverted
        condition = self._conditioning.evaluate(start.look, size)[None]
        condition = condition.to(bundle.compute.device)
        spec = start.spec
        latents = encode(bundle, load_framed(start.source, size, self._load), tiled=self.tiled)
        grid = inversion.grid(bundle.scheduler_config)
        precise = precise_steps(bundle, grid)

        def predict(x: Tensor, t: Tensor) -> Tensor:
            return run_unet(bundle, x, t, condition, precise)

        if spec.method == "plain":
            return invert_plain(latents, grid, predict, hook)[0].cpu()
        return invert_fixed_point(latents, grid, predict, spec.evaluations, hook)[0].cpu()

    def _teller(self, report: Report, inversion: Inversion, done: int, total: int) -> Hook:
        cost = self._cost(inversion)
        steps = len(inversion.grid(self._bundle.scheduler_config).timesteps)

        def tell(step: int, x: Tensor) -> Tensor:
            report("inverting", done + cost * (step + 1) // steps, total)
            return x

        return tell


def precise_steps(bundle: Bundle, grid: Grid) -> frozenset[int]:
    """Return the timesteps to run in fp32 on the way from or to an inverted picture.

    fp16 keeps three more bits than bf16, which is enough.
    """
    return sensitive_timesteps(grid) if bundle.compute.precision == "bf16" else frozenset()


def variance_generator(recipe: Recipe, step: int) -> torch.Generator:
    """Return the generator of the noise that a stochastic sampler draws at `step`."""
    if not isinstance(recipe.variance, Noise):
        raise SpecError("variance must be one seed's noise", "variance")
    seed = stream_seed(recipe.variance.seed, "variance", step)
    return torch.Generator("cpu").manual_seed(seed)


def missing_inversions(
    recipes: Sequence[Recipe], cache: TensorCache, kind: str = INVERTED
) -> list[tuple[Inversion, Size]]:
    """Return the inversions that recipes start from and the cache does not have."""
    wanted = dict.fromkeys(
        (Inversion.of(each, recipe), recipe.size)
        for recipe in recipes
        for each in inversions(recipe.start)
    )
    return [(each, size) for each, size in wanted if not cache.has(kind, each.key(size))]


def inversion_evaluations(
    inversion: Inversion, scheduler_config: dict[str, Any] | None = None
) -> int:
    """Return the UNet evaluations that an inversion runs.

    Args:
        inversion: what is made.
        scheduler_config: of the model; None counts on a schedule of 1000 timesteps.
    """
    spec = inversion.inverted.spec
    if spec.start_step:
        return len(inversion.grid(scheduler_config or {}).timesteps)
    if spec.method == "plain":
        return spec.steps
    return fixed_point_evaluations(spec.steps, spec.evaluations)
