"""Values through real JSON and back, and what digests make of them: drawn at random."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imvar_studio.model import curve, look, source, start, timeline
from imvar_studio.model.canonical import canonical_json, digest_data
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.curve import Curve, CurvePoint, Easing
from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.look import Nothing, Picture, Prompt, Weighted
from imvar_studio.model.project import (
    AssetEntry,
    Audio,
    FilmSettings,
    FilmWork,
    Project,
    UnknownWork,
)
from imvar_studio.model.recipe import LoraRef, ModelRef, Recipe, recipe_digest, settled
from imvar_studio.model.source import Asset, Framing, Output, Rect, Size
from imvar_studio.model.start import Encode, Inverted, Noise
from imvar_studio.model.timeline import TRACK_RANGES, Keyframe, Marker, Timeline, Track

often = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def between(low: float, high: float, **more: bool) -> st.SearchStrategy[float]:
    return st.floats(low, high, **more)


any_text = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)
filled_text = any_text.map(lambda text: "x" + text)
slugs = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True)
digests = st.integers(0, 2**256 - 1).map(lambda n: f"{n:064x}")
seeds = st.integers(0, 2**63 - 1)
sizes = st.builds(Size, st.integers(64, 8192), st.integers(64, 8192))
# the far side is often exactly the picture's edge
shares = between(0, 1, exclude_min=True, exclude_max=True)
spans = shares.flatmap(lambda near: st.tuples(st.just(near), st.just(1 - near) | between(1e-9, 1)))
spans = spans.map(lambda span: (span[0], min(span[1], 1 - span[0])))
rects = st.builds(lambda x, y: Rect(x[0], y[0], x[1], y[1]), spans, spans)
framings = st.builds(
    Framing,
    st.sampled_from(source.FRAMINGS),
    between(0, 1),
    between(0, 1),
    between(1, 16),
    st.sampled_from(["#ffffff", "#102030"]),
)
sources = st.recursive(
    st.builds(Asset, digests, framings) | st.builds(Output, digests),
    lambda inner: st.builds(source.Region, inner, rects, sizes, st.sampled_from(source.FILTERS)),
    max_leaves=3,
)
plain_looks = st.one_of(
    st.just(Nothing()),
    st.builds(Picture, sources),
    st.builds(Prompt, any_text, st.booleans()),
    st.builds(look.Crop, sources, st.none() | rects, st.integers(1, 64), seeds),
    st.builds(look.Prior, filled_text, slugs, seeds, st.integers(2, 1000), between(0, 50), digests),
)


def weighted(looks: Any, most: int) -> Any:
    """Ensembles; weights may be 0, but not all."""
    first = st.builds(Weighted, looks, between(0, 100, exclude_min=True))
    others = st.lists(st.builds(Weighted, looks, between(0, 100)), max_size=most - 1)
    return st.tuples(first, others).map(lambda parts: (*parts[1], parts[0]))


def larger(inner: Any) -> Any:
    return st.one_of(
        st.builds(look.Scale, inner, between(0, 4)),
        st.builds(look.Mix, weighted(inner, 3)),
        st.builds(look.Join, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(look.Edit, inner, filled_text, filled_text, between(-2, 2)),
        st.builds(look.Jitter, inner, st.sampled_from(look.JITTERS), between(0, 4), seeds),
        st.builds(look.Shift, inner, between(-1, 1)),
        st.builds(look.Blend, inner, inner, between(-1, 2), st.sampled_from(look.CONDITION_PATHS)),
    )


looks = st.recursive(plain_looks, larger, max_leaves=6)
inversion_specs = st.builds(
    start.InversionSpec,
    st.sampled_from(start.INVERSIONS),
    st.integers(1, 500),
    st.integers(1, 10),
    st.sampled_from(["trailing", "leading"]),
    st.none() | plain_looks,
)
cut_specs = st.builds(
    lambda spec, left_out: replace(spec, method="plain", start_step=left_out),
    inversion_specs,
    st.integers(1, 999),
)
noises = st.builds(Noise, seeds)
starts = st.recursive(
    noises
    | st.builds(Inverted, sources, inversion_specs)
    | st.builds(Encode, sources, between(0, 1, exclude_min=True), seeds, st.booleans()),
    lambda inner: (
        st.builds(start.Between, inner, inner, between(-1, 2), st.sampled_from(start.START_PATHS))
        | st.builds(start.Circle, inner, inner, between(-1, 2))
        | st.builds(start.Shifted, inner, between(-1, 1))
    ),
    max_leaves=3,
)
easings = st.builds(
    Easing,
    st.sampled_from(curve.EASINGS),
    between(0, 1),
    between(-4, 5),
    between(0, 1),
    between(-4, 5),
)
transitions = st.builds(
    timeline.Transition,
    easings,
    st.sampled_from(look.CONDITION_PATHS),
    st.sampled_from(timeline.LATENT_PATHS),
    st.none() | seeds,
)


def times(least: int) -> st.SearchStrategy[list[float]]:
    return st.lists(between(0, 86_400), min_size=least, max_size=3, unique=True).map(sorted)


@st.composite
def tracks(draw: Any) -> tuple[Track, ...]:
    made = []
    for parameter in draw(st.sets(st.sampled_from(sorted(TRACK_RANGES)), max_size=2)):
        at = draw(times(1))
        points = [
            CurvePoint(time, draw(between(*TRACK_RANGES[parameter])), draw(easings)) for time in at
        ]
        made.append(Track(parameter, Curve(tuple(points))))
    return tuple(made)


@st.composite
def timelines(draw: Any) -> Timeline:
    keys = []
    for index, time in enumerate(draw(times(0))):
        keys.append(
            Keyframe(
                f"key-{index}",
                time,
                draw(weighted(looks, 2)),
                draw(st.none() | starts),
                draw(plain_looks),
                draw(st.none() | between(0, 50)),
                draw(transitions),
            )
        )
    last = keys[-1].time if keys else 0.0
    longer = between(last, 86_400, exclude_min=True) if last < 86_400 else st.none()
    markers = tuple(Marker(time, draw(any_text)) for time in draw(times(0)))
    duration, loop = draw(st.none() | longer), draw(st.booleans())
    return Timeline(tuple(keys), draw(tracks()), duration, loop, markers)


film_settings = st.builds(
    FilmSettings,
    sizes,
    st.fractions(Fraction(1, 10), Fraction(240), max_denominator=1001),
    st.integers(1, 1000),
    between(0, 50),
    slugs,
    st.sampled_from(start.SPACINGS),
    between(0, 1),
    st.sampled_from(["held", "walk", "fresh"]),
    seeds,
)
audios = st.builds(Audio, digests, between(-86_400, 86_400), between(-60, 24))
films = st.builds(
    FilmWork,
    st.just("film"),
    any_text,
    timelines(),
    film_settings,
    filled_text,
    st.none() | audios,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(-1e9, 1e9) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)
strangers = st.dictionaries(any_text, json_values, max_size=3).map(
    lambda data: UnknownWork.found_as(data | {"kind": "zoom-work", "id": "zoom"})
)
entries = st.builds(AssetEntry, digests, st.just(".png"), any_text)
projects = st.builds(
    Project,
    st.tuples(films, strangers) | st.tuples(strangers) | st.tuples(films) | st.just(()),
    st.lists(entries, max_size=3, unique_by=lambda entry: entry.sha).map(tuple),
)
loras = st.builds(LoraRef, digests, between(-4, 4))
models = st.builds(ModelRef, slugs, digests, st.lists(loras, max_size=2).map(tuple))
recipes = st.builds(
    Recipe,
    models,
    weighted(looks, 3),
    starts,
    sizes,
    st.integers(1, 1000),
    between(0, 50),
    plain_looks,
    slugs,
    st.sampled_from(start.SPACINGS),
)
with_eta = st.builds(
    lambda made, eta, variance: Recipe(
        made.model, made.looks, made.start, made.size, sampler="ddim", eta=eta, variance=variance
    ),
    recipes,
    between(0, 1, exclude_min=True),
    noises,
)

cut = st.builds(
    lambda made, source, spec: replace(
        made, start=Inverted(source, spec), sampler="ddim", steps=spec.start_step + 1
    ),
    recipes,
    sources,
    cut_specs,
)
painted = st.builds(
    lambda made, noise, inpaint: replace(made, start=noise, inpaint=inpaint),
    recipes,
    noises | st.builds(Encode, sources, between(0, 1, exclude_min=True), seeds),
    st.builds(Inpaint, sources, sources, between(0, 256)),
)


def through_text(data: object) -> Any:
    return json.loads(json.dumps(data, ensure_ascii=False, allow_nan=False))


def turned(data: Any) -> Any:
    """The same JSON with the keys of every object in another order."""
    if isinstance(data, dict):
        return {key: turned(data[key]) for key in reversed(data)}
    return [turned(each) for each in data] if isinstance(data, list) else data


ANY = {
    "sources": (st.builds(Picture, sources), Picture),
    "looks": (st.builds(Weighted, looks), Weighted),
    "starts": (st.builds(start.Circle, starts, starts, between(-1, 2)), start.Circle),
    "timelines": (timelines(), Timeline),
    "projects": (projects, Project),
    "recipes": (recipes | with_eta | painted | cut, Recipe),
}


@pytest.mark.parametrize(("values", "hint"), ANY.values(), ids=ANY.keys())
def test_a_value_comes_back_equal_and_is_written_alike(values: Any, hint: Any) -> None:
    @often
    @given(values)
    def check(value: Any) -> None:
        data = encode(value)
        back = decode(through_text(data), hint)
        assert back == value
        assert json.dumps(encode(back)) == json.dumps(data)
        assert encode(decode(turned(data), hint)) == data  # keys in any order

    check()


@often
@given(recipes | with_eta)
def test_a_settled_recipe_keeps_its_name_and_stays(recipe: Recipe) -> None:
    rounded = settled(recipe)
    assert recipe_digest(rounded) == recipe_digest(recipe)
    assert settled(rounded) == rounded
    assert recipe_digest(decode(through_text(encode(recipe)), Recipe)) == recipe_digest(recipe)
    assert recipe_digest(decode(turned(encode(recipe)), Recipe)) == recipe_digest(recipe)


@often
@given(json_values)
def test_canonical_json_is_json_and_stays(data: object) -> None:
    form = canonical_json(data)
    assert canonical_json(json.loads(form)) == form
    assert canonical_json(turned(data)) == form
    assert digest_data(json.loads(form)) == digest_data(data)
