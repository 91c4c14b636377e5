"""What a task renders with, and what a machine would, by asking torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.jobs.natural import Natural, remember

if TYPE_CHECKING:
    from imvar_studio.engine.device import Compute


def compute_of(device: str, precision: str) -> Compute:
    """Return what a task runs on.

    Args:
        device: as tasks name it; "" takes the best there is.
        precision: as in `choose_compute`.

    Raises:
        SpecError: for a device or a precision that is not there.
    """
    from imvar_studio.engine.device import choose_compute  # slow: torch

    return choose_compute(device or None, precision)


def find_out(device: str | None, precision: str | None) -> Natural:
    """Return what the machine renders with, and remember it.

    Args:
        device, precision: as in `choose_compute`.

    Raises:
        SpecError: for a device or a precision that is not there.
    """
    from imvar_studio.engine.device import choose_compute, device_name  # slow: torch

    compute = choose_compute(device, precision)
    found = Natural(compute.precision, compute.batch, device_name(compute.device))
    remember(device, precision, found)
    return found
