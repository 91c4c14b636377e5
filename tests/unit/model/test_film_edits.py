"""Edits of a film's settings, length and rate."""

from __future__ import annotations

from fractions import Fraction

import pytest

from imvar_studio.model import film_edits
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.model.source import Size
from imvar_studio.model.timeline import Keyframe, Timeline

KEYS = tuple(Keyframe(f"k{n}", n, (Weighted(Prompt("an owl")),)) for n in (0, 2))
FILM = FilmWork("film", timeline=Timeline(KEYS))


@pytest.mark.parametrize(
    ("text", "rate", "shown"),
    [
        ("12", Fraction(12), "12"),
        (" 12.5 ", Fraction(25, 2), "12.5"),
        ("23.976", Fraction(24000, 1001), "23.976"),
        ("23,98", Fraction(24000, 1001), "23.976"),
        ("29.97", Fraction(30000, 1001), "29.97"),
        ("60000 / 1001", Fraction(60000, 1001), "59.94"),
        ("24", Fraction(24), "24"),
        ("100/7", Fraction(100, 7), "100/7"),
    ],
)
def test_rates(text: str, rate: Fraction, shown: str) -> None:
    assert film_edits.read_rate(text) == rate
    assert film_edits.rate_text(rate) == shown
    assert film_edits.read_rate(shown) == rate


@pytest.mark.parametrize("text", ["", "fast", "12 fps", "1/0", "-5", "1e3"])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(SpecError, match=r"frame rate must be like 12, 23.976 or 24000/1001"):
        film_edits.read_rate(text)


@pytest.mark.parametrize("text", ["0", "241", "1/20"])
def test_rates_out_of_range(text: str) -> None:
    with pytest.raises(SpecError, match=r"must be in \[0.1, 240\]"):
        film_edits.read_rate(text)


def test_settings_are_set_one_by_one() -> None:
    film = film_edits.set_size(FILM, Size(512, 288))
    film = film_edits.set_rate(film, Fraction(25))
    film = film_edits.set_steps(film, 40)
    film = film_edits.set_guidance(film, 7.5)
    film = film_edits.set_spacing(film, "leading")
    film = film_edits.set_seed(film, 3)
    assert film.settings == FilmSettings(
        Size(512, 288), Fraction(25), 40, 7.5, "dpmpp-2m", "leading", seed=3
    )
    assert film_edits.set_seed(film, 3) is film
    assert film_edits.set_model(film, "starter") is film
    assert film_edits.set_model(film, "sd15").model == "sd15"


def test_a_sampler_drops_what_it_does_not_know() -> None:
    film = film_edits.set_sampler(FILM, "ddim")
    film = film_edits.set_noise_motion(film_edits.set_eta(film, 0.5), "walk")
    assert (film.settings.eta, film.settings.noise_motion) == (0.5, "walk")
    other = film_edits.set_sampler(film, "unipc").settings
    assert (other.eta, other.noise_motion) == (0.0, "walk")
    drawn = film_edits.set_sampler(film, "lcm")
    assert (drawn.settings.eta, drawn.settings.noise_motion) == (0.0, "held")
    with pytest.raises(SpecError, match="eta needs the sampler ddim, the film has lcm"):
        film_edits.set_eta(drawn, 0.1)
    with pytest.raises(SpecError, match="lcm cannot walk"):
        film_edits.set_noise_motion(drawn, "walk")


def test_length_and_loop() -> None:
    timeline = FILM.timeline
    exact = film_edits.set_duration(timeline, 2.0)
    assert exact.duration == 2.0
    assert film_edits.set_duration(exact, None) == timeline
    assert film_edits.set_loop(timeline, True).loop
    assert film_edits.set_loop(timeline, False) is timeline
    with pytest.raises(SpecError, match="no time for the way back"):
        film_edits.set_loop(exact, True)
    with pytest.raises(SpecError, match="after the last keyframe at 2 s"):
        film_edits.set_duration(timeline, 1.0)
