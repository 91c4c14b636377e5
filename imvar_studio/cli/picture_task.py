"""What `imvar picture` is asked: from options, or from a recipe, to a plan."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from imvar_studio.cli.arguments import weighted
from imvar_studio.cli.new import draw_seed
from imvar_studio.cli.picture_start import START_OPTIONS, begun, check_mask, read_asset
from imvar_studio.model.checks import integer
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Look, Mix, Nothing, Picture, Prior, Prompt, Weighted
from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS, Recipe
from imvar_studio.model.slugs import slug
from imvar_studio.model.source import Asset, parse_size
from imvar_studio.model.specs import PicturesSpec
from imvar_studio.model.start import Encode, Noise, unshifted
from imvar_studio.plan.pictures import pictures
from imvar_studio.plan.plan import Plan, gather
from imvar_studio.store.hashing import sha256_of_file
from imvar_studio.store.models import resolve
from imvar_studio.store.prior_looks import with_priors

if TYPE_CHECKING:
    import argparse

    from imvar_studio.model.model_card import ModelCard

PLAIN_NAME = "picture"
_DEFAULT_BATCH, _MOST_BATCH = 4, 64
# what a recipe decides, as the command line calls it
_DECIDED = (
    "prompt", "like", "ensemble", "mix", "prior", "prior_seed", "negative", "seed", "count",
    "steps", "guidance", "eta", "sampler", "size", "precision", *START_OPTIONS,
)  # fmt: skip


class Task(NamedTuple):
    """What was asked, planned and checked.

    `name` begins the files' names, `taken` are pictures to take in, `numerics` is the arithmetic
    that a recipe's own picture was rendered with.
    """

    plan: Plan
    card: ModelCard
    name: str
    taken: tuple[Path, ...] = ()
    numerics: str = ""


def asked(args: argparse.Namespace) -> Task:
    """Return the plan of what the options ask for.

    Raises:
        UserError: for options that do not go together, or values out of range.
    """
    from imvar_studio.engine.device import choose_compute
    from imvar_studio.engine.samplers import built_in_samplers

    if args.given:
        raise SpecError("--with goes with --recipe", "with", "use --like or --mix")
    looks, name, taken = _looks(args)
    first = begun(args)
    card = resolve(args.model or "starter")
    size = first.size(card.native) if args.size is None else parse_size(args.size)
    eta, inversion = args.eta or 0.0, first.inversion
    sampler = args.sampler or ("ddim" if eta > 0 or inversion else card.sampler)
    sampler = built_in_samplers()[sampler].name
    if inversion is not None:
        _check_seeds(args, drawn=eta > 0 or sampler in STOCHASTIC_SAMPLERS)
    compute = choose_compute(args.device, args.precision)
    spec = PicturesSpec(
        model=card.ref,
        looks=with_priors(looks),
        size=size,
        seed=draw_seed() if args.seed is None else args.seed,
        count=1 if args.count is None else args.count,
        negative=Prompt(args.negative) if (args.negative or "").strip() else Nothing(),
        steps=first.steps if args.steps is None else args.steps,
        guidance=first.guidance if args.guidance is None else args.guidance,
        eta=eta,
        sampler=sampler,
        spacing=card.spacing if inversion is None else inversion.spacing,
        precision=compute.precision,
        batch=compute.batch if args.batch is None else args.batch,
        start=first.start,
        inpaint=first.inpaint,
    )
    plan = pictures(spec)
    if first.inpaint is not None:
        check_mask(args, first.inpaint, size)
    return Task(plan, card, name, (*taken, *first.taken))


def _check_seeds(args: argparse.Namespace, *, drawn: bool) -> None:
    """Refuse seeds of an inverted start where no noise is drawn from them."""
    for name in ("seed", "count"):
        if getattr(args, name) is not None and not drawn:
            raise SpecError(
                "an inverted start is the same for every seed",
                name,
                f"leave --{name} out, or draw noise with --eta",
            )


def _looks(args: argparse.Namespace) -> tuple[tuple[Weighted, ...], str, tuple[Path, ...]]:
    """Return the looks, a name for the files, and the pictures among the looks."""
    given = [name for name in ("prompt", "like", "ensemble") if getattr(args, name) is not None]
    if len(given) != 1:
        what = "give --prompt, --like, --ensemble or --recipe"
        raise SpecError("one look is wanted", "look", what)
    if args.ensemble is not None:
        if args.mix is not None:
            raise SpecError("--mix goes with --prompt or --like", "mix")
        parts = [weighted(text, "--ensemble") for text in args.ensemble]
        return tuple(Weighted(_prompt(text), weight) for text, weight in parts), "ensemble", ()
    if args.prompt is None and args.prior is not None:
        raise SpecError("--prior goes with --prompt", "prior", "say what it is to show")
    if args.prior is None and args.prior_seed is not None:
        raise SpecError("--prior-seed goes with --prior", "prior seed", "leave it out")
    mixed = [weighted(text, "--mix") for text in args.mix or ()]
    taken = [Path(path) for path, _ in mixed]
    if args.prompt is not None:
        look, name = _prompt(args.prompt), args.prompt
        if args.prior is not None:
            look = Prior(args.prompt, args.prior, args.prior_seed or 0)
    else:
        look, name = _picture(args.like), args.like.stem
        taken.insert(0, args.like)
    if mixed:
        look = Mix((Weighted(look), *(Weighted(_picture(Path(p)), weight) for p, weight in mixed)))
    return (Weighted(look),), _slug(name), tuple(taken)


def _prompt(text: str) -> Look:
    if not text.strip():
        raise SpecError("the prompt is empty", "prompt", "say what to show")
    return Prompt(text)


def _picture(path: Path) -> Look:
    return Picture(read_asset(path))  # whole and readable, before it is taken in


def _slug(name: str) -> str:
    return slug(name, 40) or PLAIN_NAME


def again(args: argparse.Namespace) -> Task:
    """Return the plan of a recipe as it was, with its model.

    Raises:
        UserError: for options that the recipe decides, a file without a recipe, another model.
    """
    from imvar_studio.jobs.provenance import read_record, recipe_of

    given = [name for name in _DECIDED if getattr(args, name) is not None]
    if given:
        raise SpecError(f"--recipe decides --{given[0]} already", given[0], "leave it out")
    record = read_record(args.recipe)
    recipe = recipe_of(record, args.recipe)
    _check_precision(args, recipe.precision)
    card = resolve(args.model or recipe.model.id)
    if not card.ref.serves(recipe.model):
        alike = card.ref.serves(replace(recipe.model, text=""))
        what = "another text tower" if alike else "other weights"
        raise SpecError(
            f"model {card.ref.id} has {what} than the one {args.recipe} was made with",
            "model",
            "give the model that made it with --model",
        )
    known = (args.batch, record.get("batch"), _DEFAULT_BATCH)
    batch = next(each for each in known if each is not None)
    plan = gather([recipe], Fraction(1), integer(batch, "batch", 1, _MOST_BATCH))
    _check_given(args, plan)
    numerics = str(record.get("numerics", ""))
    # the id is only a name, the weights are what decides
    card = replace(card, ref=recipe.model)
    return Task(plan, card, _slug(args.recipe.stem), tuple(args.given), numerics)


def _check_precision(args: argparse.Namespace, precision: str) -> None:
    """Refuse a precision that this machine lacks, which the user cannot choose here."""
    from imvar_studio.engine.device import choose_compute

    try:
        choose_compute(args.device, precision)
    except SpecError as error:
        if error.field != "precision":
            raise
        raise SpecError(
            f"{args.recipe} was rendered in {precision}, which this device does not compute in",
            "precision",
            "make it on a GPU",
        ) from error


def _check_given(args: argparse.Namespace, plan: Plan) -> None:
    """Refuse a picture that the recipe does not refer to."""
    from imvar_studio.media.image_io import read_picture

    wanted = assets_of(plan)
    for path in args.given:
        read_picture(path)
        if sha256_of_file(path) not in wanted:
            raise SpecError(
                f"{path} is none of the pictures that {args.recipe} was made from",
                "with",
                "give the file as it was then" if wanted else "leave it out",
            )


def seed_of(recipe: Recipe) -> int:
    """Return the seed that a recipe's own noise is drawn from; 0 where none is."""
    for each in (unshifted(recipe.start), recipe.variance):
        if isinstance(each, (Noise, Encode)):
            return each.seed
    return 0


def assets_of(plan: Plan) -> set[str]:
    """Return the SHA-256 of every picture that a plan's recipes are made from."""
    from imvar_studio.model.contents import parts

    return {part.sha for part in parts(plan.pictures) if isinstance(part, Asset)}
