"""The project: a tuple of works, and the media they are made from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from imvar_studio.model import checks
from imvar_studio.model.curve import LONGEST
from imvar_studio.model.errors import SpecError
from imvar_studio.model.recipe import check_sampling
from imvar_studio.model.sheet import SheetWork
from imvar_studio.model.source import Size
from imvar_studio.model.timeline import Timeline

NOISE_MOTIONS = ("held", "walk", "fresh")
SLOWEST, FASTEST = Fraction(1, 10), Fraction(240)


def frame_rate(value: Any, field: str = "fps") -> Fraction:
    """Return `value`, a fraction or a whole number, as frames a second in [0.1, 240]."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = Fraction(value)
    if not isinstance(value, Fraction) or not SLOWEST <= value <= FASTEST:
        raise SpecError(f"{field} must be in [0.1, 240], got {value}", field)
    return value


@dataclass(frozen=True, slots=True)
class FilmSettings:
    """What holds for a whole film unless a keyframe or a track says otherwise.

    Args:
        size: of the finished frames.
        fps: frames a second, in [0.1, 240].
        steps: of the sampler, in [1, 1000]; transitions that touch a picture use its
            inversion's grid instead.
        guidance: in [0, 50].
        sampler, spacing: as in `Recipe`.
        eta: in [0, 1]; above 0 needs the sampler `ddim`.
        noise_motion: how eta's noise moves: `held`, `walk` (from one seed to the next over the
            film) or `fresh` (new each frame).
        seed: of every keyframe that has none of its own.
    """

    size: Size = Size(256, 256)
    fps: Fraction = Fraction(12)
    steps: int = 16
    guidance: float = 3.0
    sampler: str = "dpmpp-2m"
    spacing: str = "trailing"
    eta: float = 0.0
    noise_motion: str = "held"
    seed: int = 0

    def __post_init__(self) -> None:
        checks.put(self, fps=frame_rate(self.fps))
        check_sampling(self)
        checks.choice(self.noise_motion, "noise motion", NOISE_MOTIONS)
        checks.seed(self.seed)


@dataclass(frozen=True, slots=True)
class Audio:
    """A sound under a film: offset in seconds (negative starts inside it), gain in dB."""

    asset: str
    offset: float = 0.0
    gain: float = 0.0

    def __post_init__(self) -> None:
        checks.digest(self.asset, "audio asset")
        checks.put(self, offset=checks.number(self.offset, "audio offset", -LONGEST, LONGEST))
        checks.put(self, gain=checks.number(self.gain, "audio gain", -60, 24))


@dataclass(frozen=True, slots=True)
class FilmWork:
    """A film: its timeline, its settings, the model that makes it."""

    id: str
    name: str = "Film"
    timeline: Timeline = Timeline()
    settings: FilmSettings = FilmSettings()
    model: str = "starter"
    audio: Audio | None = None

    def __post_init__(self) -> None:
        checks.slug(self.id, "work id")
        checks.put(self, name=checks.text(self.name, "work name", 200))
        checks.put(self, model=checks.text(self.model, "model", 4096, empty=False))


@dataclass(frozen=True, slots=True)
class UnknownWork:
    """A work of a kind this version does not know, kept word for word and shown locked."""

    id: str
    content: str

    def as_found(self) -> Any:
        """Return the work's own data, as it stood in the file."""
        return json.loads(self.content)

    @classmethod
    def found_as(cls, data: dict[str, Any]) -> UnknownWork:
        """Keep `data`, a work whose kind is not known."""
        found = data.get("id")
        name = checks.slug(found, "work id") if isinstance(found, str) else "unknown"
        return cls(name, json.dumps(data, ensure_ascii=False))


Work = FilmWork | SheetWork | UnknownWork


@dataclass(frozen=True, slots=True)
class AssetEntry:
    """A media file the project keeps: its SHA-256, its suffix with the dot, its name once."""

    sha: str
    suffix: str
    name: str

    def __post_init__(self) -> None:
        checks.digest(self.sha, "asset")
        if not checks.text(self.suffix, "asset suffix").startswith("."):
            raise SpecError(f"asset suffix must begin with a dot, got {self.suffix!r}", "asset")
        checks.slug(self.suffix[1:], "asset suffix")
        checks.put(self, name=checks.text(self.name, "asset name", 1000))


@dataclass(frozen=True, slots=True)
class Project:
    """Everything an artist has made in one place."""

    works: tuple[Work, ...] = ()
    assets: tuple[AssetEntry, ...] = ()

    def __post_init__(self) -> None:
        checks.unique([work.id for work in self.works], "work id")
        checks.unique([asset.sha for asset in self.assets], "asset")

    def films(self) -> tuple[FilmWork, ...]:
        """Return the films among the works, in order."""
        return tuple(work for work in self.works if isinstance(work, FilmWork))

    def sheets(self) -> tuple[SheetWork, ...]:
        """Return the sheets among the works, in order."""
        return tuple(work for work in self.works if isinstance(work, SheetWork))

    def asset(self, sha: str) -> AssetEntry | None:
        """Return the entry of an asset, or None."""
        return next((asset for asset in self.assets if asset.sha == sha), None)
