"""The starter computes for minutes, and leaves cores to the tests beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", autouse=True)
def _share_of_the_cores() -> Iterator[None]:
    """Take a share of the threads where tests run side by side.

    The program's render processes stand back for others: beside busy threads on every core, the
    tests that wait for them would wait in vain.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, before // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))))
    yield
    torch.set_num_threads(before)
