"""Colours on their way in: ICC profiles to sRGB, ink to light, transparency onto a background."""

from __future__ import annotations

import io
from functools import cache

import imagecodecs
import numpy as np
from PIL import ImageCms

from imvar_studio.media.foreign import hush
from imvar_studio.media.raster import ColourModel, Samples, row_blocks

_CMS_NAMES = {"grey": "gray", "rgb": "rgb", "cmyk": "cmyk"}
_SIGNATURES = {b"GRAY": "grey", b"RGB ": "rgb", b"CMYK": "cmyk"}
_DEVICE_CLASSES = (b"scnr", b"mntr", b"prtr", b"spac")
# Half a code of 8 bits: two profiles closer than this are one colour space under two names.
_SAME_SPACE = 65535 // 510


def to_srgb(samples: Samples, model: ColourModel, profile: bytes | None) -> Samples:
    """Colours of a file as sRGB.

    With a usable profile: LittleCMS, perceptual intent, which falls back to relative
    colorimetric for profiles without perceptual tables; at the samples' own depth. A profile
    that is missing, damaged, of another colour model, or sRGB itself leaves grey and RGB values
    as they are; CMYK without one is converted naively (R = (1 - C)(1 - K)).

    Args:
        samples: grey (h, w), rgb (h, w, 3) or cmyk (h, w, 4), uint8 or uint16; 0 is no ink.
        model: which of these.
        profile: ICC bytes or None.

    Returns:
        (h, w, 3) of the same dtype.
    """
    space = _space_of(profile)
    if model == "grey" and space == "rgb":
        samples, model = _as_rgb(samples, model), "rgb"
    if profile is not None and space == model:
        converted = _transformed(samples, model, profile)
        if converted is not None:
            return converted
    return _as_rgb(samples, model)


def flattened(rgb: Samples, alpha: Samples | None, background: tuple[int, int, int]) -> Samples:
    """Lay a picture with transparency on one colour, in the coded sRGB values as browsers do.

    Args:
        rgb: (h, w, 3) sRGB, not multiplied by alpha.
        alpha: (h, w) of the same dtype, or None.
        background: sRGB, 0 to 255 each.

    Returns:
        (h, w, 3) of the same dtype; opaque pixels exactly as they were.
    """
    if alpha is None:
        return rgb
    top = np.uint32(np.iinfo(rgb.dtype).max)
    under = np.array(background, np.uint32) * (top // np.uint32(255))
    out = np.empty_like(rgb)
    for rows in row_blocks(*alpha.shape):
        a = alpha[rows, :, None].astype(np.uint32)
        # 65535 * 65535 + 32767 still fits 32 bits
        out[rows] = (rgb[rows] * a + under * (top - a) + top // 2) // top
    return out


def unmultiplied(samples: Samples, alpha: Samples) -> Samples:
    """Undo colours that were multiplied by their alpha; where alpha is 0 they stay as they are.

    Args:
        samples: (h, w) or (h, w, c), multiplied.
        alpha: (h, w) of the same dtype.
    """
    top = np.iinfo(samples.dtype).max
    out = np.empty_like(samples)
    for rows in row_blocks(*alpha.shape):
        a = alpha[rows].astype(np.uint64)
        a = np.where(a == 0, top, a).reshape(a.shape + (1,) * (samples.ndim - 2))
        out[rows] = np.minimum((samples[rows] * np.uint64(top) + a // 2) // a, top)
    return out


def profile_description(profile: bytes | None) -> str | None:
    """The name an ICC profile gives itself; None where there is none or it cannot be read."""
    if profile is None:
        return None
    try:
        with hush:
            opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.getProfileDescription(opened).strip() or None
    except Exception:  # noqa: BLE001  (a damaged profile is no reason to refuse a picture)
        return None


def _space_of(profile: bytes | None) -> str | None:
    """The colour model a profile describes, read from its header as ICC.1:2022 lays it out."""
    if profile is None or profile[12:16] not in _DEVICE_CLASSES:
        return None
    return _SIGNATURES.get(profile[16:20])


def _transformed(samples: Samples, model: ColourModel, profile: bytes) -> Samples | None:
    """Samples through the profile to sRGB; None where it is damaged or changes nothing."""
    try:
        if model == "grey":
            # every value there is, once
            ramp = np.arange(np.iinfo(samples.dtype).max + 1, dtype=samples.dtype)
            converted: Samples = _cms(ramp[None], model, profile)[0][samples]
            return converted
        if model == "rgb" and _is_srgb(profile):
            return None
        return _cms(samples, model, profile)
    except imagecodecs.CmsError:
        return None


@cache
def _srgb() -> bytes:
    return bytes(imagecodecs.cms_profile("srgb"))


def _is_srgb(profile: bytes) -> bool:
    """Whether a profile is sRGB by its numbers; converting it would only add rounding."""
    steps = np.linspace(0, 65535, 9).astype(np.uint16)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(27, 27, 3)
    moved = _cms(grid, "rgb", profile).astype(np.int32) - grid
    return int(np.abs(moved).max()) <= _SAME_SPACE


def _cms(samples: Samples, model: ColourModel, profile: bytes) -> Samples:
    # LittleCMS speeds up by a coarse table, which at 16 bits, for inks and for table profiles
    # was seen 8 to 10/255 off; unoptimised it stays within 0.5. Only matrices at 8 bits are exact
    # either way, and there 15 times faster.
    matrix = samples.dtype == np.uint8 and model == "rgb" and b"A2B0" not in profile[128:2048]
    flags = 0 if matrix else int(imagecodecs.CMS.FLAGS.NOOPTIMIZE)
    with hush:
        converted: Samples = imagecodecs.cms_transform(
            np.ascontiguousarray(samples),
            profile,
            _srgb(),
            colorspace=_CMS_NAMES[model],
            outcolorspace="rgb",
            intent=int(imagecodecs.CMS.INTENT.PERCEPTUAL),
            flags=flags,
        )
    return converted


def _as_rgb(samples: Samples, model: ColourModel) -> Samples:
    """Device values as RGB without a profile."""
    if model == "rgb":
        return samples
    if model == "grey":
        return np.repeat(samples[..., None], 3, axis=2)
    top = np.uint32(np.iinfo(samples.dtype).max)
    out = np.empty((*samples.shape[:2], 3), samples.dtype)
    for rows in row_blocks(*samples.shape[:2]):
        light = top - samples[rows].astype(np.uint32)
        out[rows] = (light[..., :3] * light[..., 3:] + top // 2) // top
    return out
