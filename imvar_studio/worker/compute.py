"""Finding out what a machine renders with, by asking torch."""

from __future__ import annotations

from imvar_studio.jobs.natural import Natural, remember


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
