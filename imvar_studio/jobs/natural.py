"""The precision and batch that a machine renders with, remembered so that planning is quick.

Finding them out takes importing torch, which a window never does, and longer than all the rest
of a render that finds everything done. They are remembered under what the answer depends on, as
far as that can be seen without torch; before anything is rendered they are found out again.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import UserError
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.places import user_cache_folder
from imvar_studio.store.strict_json import json_bytes, parse_json


@dataclass(frozen=True, slots=True)
class Natural:
    """What a machine renders with where nothing else is asked.

    Args:
        precision: as in `Recipe`.
        batch: pictures a chunk.
        device: what people call it, "" where that was not found out.
    """

    precision: str
    batch: int
    device: str = ""


def remembered(device: str | None, precision: str | None) -> Natural | None:
    """Return what was found out last time on a machine that looks the same; None where nothing.

    Args:
        device, precision: what was asked for; None or "" leaves it to the machine.
    """
    data = _cache().get(_key(device, precision))
    if data is None:
        return None
    try:
        return decode(parse_json(data, "cache"), Natural)
    except UserError:
        return None


def remember(device: str | None, precision: str | None, found: Natural) -> None:
    """Keep what was found out for `remembered`; a cache that cannot be written is left alone."""
    _cache().put(_key(device, precision), json_bytes(encode(found)))


def _cache() -> DigestCache:
    return DigestCache(user_cache_folder() / "compute")


def _key(device: str | None, precision: str | None) -> str:
    from importlib import metadata  # late: it brings all of e-mail, and the window starts without

    return digest_data(
        {
            "device": device or "",
            "precision": precision or "",
            "torch": metadata.version("torch"),
            "machine": [platform.system(), platform.machine(), platform.node(), _processor()],
            "gpus": sorted(each.name for each in Path("/dev").glob("nvidia*")),
            "visible": os.environ.get("CUDA_VISIBLE_DEVICES", "all"),
        }
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")
