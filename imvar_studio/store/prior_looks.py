"""Looks that name a prior by its id, with the digest of its weights."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TypeVar

from imvar_studio.model.contents import mapped
from imvar_studio.model.look import Prior
from imvar_studio.store.priors import find_prior

T = TypeVar("T")


def with_priors(value: T) -> T:
    """Return a value whose priors are those that are there now, by their weights.

    Looks that name weights already are left as they are, whatever is there.

    Args:
        value: a dataclass or tuple, changed however deep: a timeline, a sheet.

    Raises:
        ModelError: for a prior that is not there or not whole.
        StoreError: if a file of it cannot be read.
    """
    find = cache(find_prior)

    def named(part: object) -> object:
        if isinstance(part, Prior) and not part.weights:
            return replace(part, weights=find(part.model).weights)
        return part

    return mapped(value, named)
