"""Films from noised pictures, and pictures painted in part, through the worker's own jobs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from imvar_studio.cli.picture_task import assets_of
from imvar_studio.jobs.events import Estimated, Finished, Progress
from imvar_studio.jobs.provenance import read_record, recipe_of
from imvar_studio.jobs.tasks import FilmTask, PicturesTask
from imvar_studio.media.image_io import read_picture, read_png_text
from imvar_studio.media.xmp import PNG_KEYWORD
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.errors import ModelError, StoreError
from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork, Project
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.source import Asset, Framing, Size
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.start import Encode
from imvar_studio.model.timeline import Keyframe, Timeline, Track
from imvar_studio.plan.film import film
from imvar_studio.plan.plan import chunks, gather
from imvar_studio.store.models import resolve
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker.run import run_task
from imvar_studio.worker.workshop import Workshop
from tests.conftest import waves
from tests.integration.test_tasks import Context

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIZE = Size(64, 64)
LOOKS = (Weighted(Prompt("a frog")),)


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder.create(tmp_path / "p.imvar", Project())


def added(project: ProjectFolder, pixels: Any) -> Asset:
    path = project.path.parent / "added.png"
    Image.fromarray(pixels).save(path)
    return Asset(project.add_asset(path).sha)


def test_a_film_of_rising_strength_is_made_without_jumps(
    project: ProjectFolder, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    model = tiny_model("v_prediction")
    assets = [added(project, waves(64, side)) for side in (64, 80)]
    keys = tuple(
        Keyframe(f"k{i}", float(i), LOOKS, start=Encode(asset, 0.5, 1))
        for i, asset in enumerate(assets)
    )
    track = Track("strength", Curve((CurvePoint(0, 0.05), CurvePoint(1, 0.5))))
    settings = FilmSettings(size=SIZE, fps=Fraction(8), steps=6, guidance=1.0)
    work = FilmWork("film", timeline=Timeline(keys, (track,)), settings=settings, model=str(model))
    spec = FilmSpec(work, resolve(str(model)).ref, "fp32", 4)
    task = FilmTask(str(project.path), spec, str(model), str(tmp_path / "a.mp4"), "cpu")
    end = run_task(task, Workshop(), ctx := Context())
    assert isinstance(end, Finished)
    assert (tmp_path / "a.mp4").is_file()
    assert ctx.of(Estimated)[0].estimate.pictures == 9
    plan = film(spec)
    assert [len(chunk) for chunk in chunks(plan)] == [4, 4, 1]  # of one batch, whatever strength
    names = [plan.pictures[index].digest for index in plan.frames]
    frames = [read_picture(project.frames.path(name)).astype(float) for name in names]
    jumps = [np.abs(b - a).mean() for a, b in pairwise(frames)]
    assert min(jumps) > 0.1
    assert max(jumps) < 3 * np.mean(jumps)


def test_fewer_steps_are_estimated_and_counted_as_fewer(
    project: ProjectFolder, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    model = tiny_model("v_prediction")
    asset = added(project, waves(64, 64))
    recipe = Recipe(resolve(str(model)).ref, LOOKS, Encode(asset, 0.25, 1), SIZE, steps=8)
    plan = gather([recipe, replace(recipe, start=Encode(asset, 0.5, 1))], Fraction(1), 4)
    targets = tuple(str(tmp_path / f"{n}.png") for n in range(2))
    task = PicturesTask(str(project.path), plan, targets, str(model), "cpu")
    run_task(task, Workshop(), ctx := Context())
    steps = [event for event in ctx.of(Progress) if event.phase == "denoising"]
    assert (steps[-1].done, steps[-1].total) == (steps[-1].total, (2 + 4) * 4 * 2)


@pytest.fixture
def painting(
    project: ProjectFolder, tiny_model: Callable[[str], Path], tmp_path: Path
) -> PicturesTask:
    model = tiny_model("text_inpainting")
    mask = np.zeros((80, 64), np.uint8)
    mask[30:50, 10:40] = 255
    source = replace(added(project, waves(64, 80)), framing=Framing("fill", 0.5, 0.4))
    inpaint = Inpaint(source, added(project, mask), 3.0)
    recipe = Recipe(
        resolve(str(model)).ref, LOOKS, Encode(source, 0.6, 1), SIZE, 4, inpaint=inpaint
    )
    plan = gather([recipe], Fraction(1), 2)
    target = str(tmp_path / "painted.png")
    return PicturesTask(str(project.path), plan, (target,), str(model), "cpu")


def test_a_picture_painted_in_part_says_so_and_is_read_back(
    project: ProjectFolder, painting: PicturesTask, tmp_path: Path
) -> None:
    task = decode(encode(painting), PicturesTask)
    assert task == painting
    run_task(task, Workshop(), Context())
    path = tmp_path / "painted.png"
    recipe = task.plan.pictures[0].recipe
    assert recipe_of(read_record(path), path) == recipe
    text = read_png_text(path.read_bytes())
    assert "digitalsourcetype/compositeWithTrainedAlgorithmicMedia" in text[PNG_KEYWORD]
    assert assets_of(task.plan) == {recipe.inpaint.source.sha, recipe.inpaint.mask.sha}
    picture, source = read_picture(path), waves(64, 80)
    # filled to 64x64 around (0.5, 0.4): rows 0 to 64
    stays = np.ones((64, 64), bool)
    stays[30:50, 10:40] = False
    np.testing.assert_array_equal(picture[stays], source[:64][stays])
    assert (picture[~stays] != source[:64][~stays]).mean() > 0.5


def test_what_is_missing_is_said(
    project: ProjectFolder, painting: PicturesTask, tiny_model: Callable[[str], Path]
) -> None:
    bare = replace(painting.plan.pictures[0].recipe, inpaint=None)
    task = replace(painting, plan=gather([bare], Fraction(1), 2))
    with pytest.raises(ModelError, match="is an inpainting model, it needs a picture and a mask"):
        run_task(task, Workshop(), ctx := Context())
    assert not ctx.of(Progress)  # before anything is loaded
    recipe = painting.plan.pictures[0].recipe
    project.asset_path(recipe.inpaint.mask.sha).unlink()
    with pytest.raises(StoreError, match="missing"):
        run_task(painting, Workshop(), Context())
