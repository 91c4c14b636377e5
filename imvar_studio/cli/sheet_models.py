"""The models of sheets, resolved once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.specs import SheetModel, SheetSpec
from imvar_studio.plan.sheet import sheets as plan_sheets
from imvar_studio.store.models import portable, resolve
from imvar_studio.store.prior_looks import with_priors

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from imvar_studio.model.sheet import SheetWork


def sheet_specs(
    sheets: Sequence[SheetWork], args: argparse.Namespace
) -> tuple[tuple[SheetSpec, ...], tuple[str, ...]]:
    """Return sheets with their models, and where each of the models lies; all is checked.

    Args:
        sheets: all of one task.
        args: with the options of `add_compute_options`.

    Raises:
        UserError: for a model or a sampler that is not there, values that do not go together,
            looks that a model does not read.
    """
    from imvar_studio.engine.device import choose_compute
    from imvar_studio.worker.sheet_checks import check_looks

    sheets = with_priors(tuple(sheets))
    names = list(dict.fromkeys(shot.model for sheet in sheets for shot in sheet.cells()))
    cards = [resolve(name) for name in names]
    compute = choose_compute(args.device, args.precision)
    models = tuple(
        SheetModel(name, card.ref, card.native, card.sampler, card.spacing)
        for name, card in zip(names, cards, strict=True)
    )
    batch = compute.batch if args.batch is None else args.batch
    specs = tuple(SheetSpec(sheet, models, compute.precision, batch) for sheet in sheets)
    check_looks(plan_sheets(specs), cards)
    return specs, tuple(portable(name, card) for name, card in zip(names, cards, strict=True))
