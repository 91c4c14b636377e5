"""What third-party libraries are told through the environment, before they are imported."""

from __future__ import annotations

import os

_SETTINGS = {
    # spinning threads starve beside any other busy program (performance: ten times slower)
    "OMP_WAIT_POLICY": "PASSIVE",
    # bars and hints of their own, printed where ours belong
    "TRANSFORMERS_VERBOSITY": "error",
    "DIFFUSERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}


def prepare_libraries() -> None:
    """Set what the user has not set otherwise; child processes inherit it."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
