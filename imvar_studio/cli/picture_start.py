"""What `imvar picture` begins with: noise, a picture, or one that is painted anew in part."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from imvar_studio.cli.arguments import decimal
from imvar_studio.model.errors import SpecError
from imvar_studio.model.inpaint import DEFAULT_FEATHER, WIDEST_FEATHER, Inpaint
from imvar_studio.model.shot import DECODED, INVERSIONS, STARTS
from imvar_studio.model.source import LARGEST_SIDE, SMALLEST_SIDE, Asset, Size
from imvar_studio.model.start import Encode, InversionSpec, Inverted, Noise
from imvar_studio.store.hashing import sha256_of_file

if TYPE_CHECKING:
    import argparse
    from typing import Any

    from numpy.typing import NDArray

START_OPTIONS = ("from", "start", "strength", "inversion", "inpaint", "mask", "feather")
_STRENGTH = 0.75  # of img2img; a part is painted wholly anew
_STEPS, _GUIDANCE, _EXACT = 16, 3.0, "fixed-point"
_NOISE, _PICTURE, _INVERTED = STARTS
_SEED = Noise(0)  # gives way to each picture's own


class Begun(NamedTuple):
    """What the pictures begin with.

    `shape` is a picture whose shape they have, `taken` are pictures to take in, `steps` and
    `guidance` hold where nothing else is said.
    """

    start: Noise | Encode | Inverted = _SEED
    inpaint: Inpaint | None = None
    shape: Path | None = None
    taken: tuple[Path, ...] = ()
    steps: int = _STEPS
    guidance: float = _GUIDANCE

    @property
    def inversion(self) -> InversionSpec | None:
        """How the start is inverted, None where it is not."""
        return self.start.spec if isinstance(self.start, Inverted) else None

    def size(self, native: Size) -> Size:
        """Return the size of the start picture's shape with as many pixels as `native` has."""
        from imvar_studio.media.image_io import probe_picture  # slow, and prompts do without

        if self.shape is None:
            return native
        found = probe_picture(self.shape)
        area, sides = native.width * native.height, (found.width, found.height)
        scale = max(math.sqrt(area / math.prod(sides)), SMALLEST_SIDE / min(sides))
        return Size(*(min(round(side * scale), LARGEST_SIDE) for side in sides))


def add_start_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what the pictures begin with."""
    start = parser.add_argument_group("to start from a picture (img2img)")
    start.add_argument("--from", metavar="PICTURE", type=Path, help="the picture")
    start.add_argument(
        "--start",
        metavar="S",
        choices=STARTS,
        help=f"{', '.join(STARTS)}: of the picture of --from, else of --like "
        "(default: picture with --from, else noise)",
    )
    start.add_argument(
        "--strength",
        metavar="S",
        type=decimal("strength"),
        help="denoising strength, how far from the picture, in (0, 1] "
        f"(default: {_STRENGTH:g}, with --inpaint 1)",
    )
    start.add_argument(
        "--inversion",
        metavar="I",
        choices=[*INVERSIONS],
        help=f"with --start inverted: {', '.join(INVERSIONS)}",
    )
    paint = parser.add_argument_group("to paint a part of a picture anew (inpainting)")
    paint.add_argument("--inpaint", metavar="PICTURE", type=Path, help="the picture")
    paint.add_argument(
        "--mask",
        metavar="PICTURE",
        type=Path,
        help="as large as the picture; by its luma, white is painted anew, black stays as it is, "
        "and so does what is transparent",
    )
    paint.add_argument(
        "--feather",
        metavar="PX",
        type=decimal("feather"),
        help="mask blur: over so many pixels inside the border the new part fades in, in "
        f"[0, {WIDEST_FEATHER:g}] (default: {DEFAULT_FEATHER:g})",
    )


def begun(args: argparse.Namespace) -> Begun:
    """Return what the options of `add_start_options` ask for.

    Raises:
        UserError: for options that do not go together, values out of range, or a picture that
            cannot be read.
    """
    _check_together(args)
    if args.inpaint is not None:
        return _painted(args)
    given = _given(args, "from")
    kind = args.start or (_NOISE if given is None else _PICTURE)
    path = args.like if given is None else given
    if kind == _NOISE or path is None:
        return Begun()
    source = read_asset(path)
    if kind == _PICTURE:
        strength = _STRENGTH if args.strength is None else args.strength
        return Begun(Encode(source, strength, _SEED.seed), None, path, (path,))
    spec, decoded = INVERSIONS[args.inversion or _EXACT], DECODED.get(args.inversion or _EXACT, {})
    if args.steps is not None and spec.method == "fixed-point":
        spec = replace(spec, steps=args.steps)  # only on its own grid it leads back
    steps = int(decoded.get("steps", spec.steps))
    guidance = decoded.get("guidance", _GUIDANCE)
    return Begun(Inverted(source, spec), None, path, (path,), steps, guidance)


def read_asset(path: Path) -> Asset:
    """Return a picture as an asset to be; it is whole and can be read.

    Raises:
        PictureError: if it cannot.
    """
    from imvar_studio.media.image_io import read_picture  # slow, and prompts do without

    read_picture(path)
    return Asset(sha256_of_file(path))


def check_mask(args: argparse.Namespace, inpaint: Inpaint, size: Size) -> None:
    """Refuse a mask that the picture cannot be painted with, before the model is loaded.

    Raises:
        SpecError: as in `engine.inpainting.load_mask`.
    """
    from imvar_studio.engine.inpainting import load_mask
    from imvar_studio.media.image_io import read_picture

    def load(sha: str, background: str) -> NDArray[Any]:
        red, green, blue = bytes.fromhex(background[1:])
        own = isinstance(inpaint.mask, Asset) and sha == inpaint.mask.sha
        return read_picture(args.mask if own else args.inpaint, background=(red, green, blue))

    load_mask(inpaint, size, load)


def _painted(args: argparse.Namespace) -> Begun:
    source, mask = read_asset(args.inpaint), read_asset(args.mask)
    inpaint = Inpaint(source, mask, DEFAULT_FEATHER if args.feather is None else args.feather)
    start = _SEED if args.strength is None else Encode(source, args.strength, _SEED.seed)
    return Begun(start, inpaint, args.inpaint, (args.inpaint, args.mask))


def _check_together(args: argparse.Namespace) -> None:
    """Refuse options of which one says what another one contradicts, or needs."""
    has = {name for name in START_OPTIONS if _given(args, name) is not None}
    kind = args.start or (_PICTURE if "from" in has else _NOISE)
    if "inpaint" in has:
        _refuse(has, ("from", "start"), "--inpaint starts from its own picture")
        if "mask" not in has:
            what = "give --mask, a picture of the same size that is white where to paint"
            raise SpecError("--inpaint needs a mask", "mask", what)
    for name in ("mask", "feather"):
        if name in has and "inpaint" not in has:
            remedy = "give the picture with --inpaint"
            raise SpecError(f"--{name} goes with --inpaint", name, remedy)
    if kind == _NOISE:
        _refuse(has, ("from",), "--start noise takes no picture")
    elif "from" not in has and args.like is None:
        raise SpecError(f"--start {kind} needs a picture", "start", "give one with --from")
    if "strength" in has and kind != _PICTURE and "inpaint" not in has:
        if kind == _INVERTED:
            _refuse(has, ("strength",), "--start inverted has no strength")
        like = "give the picture to start from" if args.like is None else "add --start picture"
        raise SpecError("--strength goes with --from or --inpaint", "strength", like)
    if kind != _INVERTED:
        _refuse(has, ("inversion",), "--inversion goes with --start inverted")


def _refuse(has: set[str], names: tuple[str, ...], why: str) -> None:
    for name in names:
        if name in has:
            raise SpecError(why, name, f"leave --{name} out")


def _given(args: argparse.Namespace, name: str) -> Any:
    return getattr(args, name)  # one is called as a word of Python is
