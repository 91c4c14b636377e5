"""What is found out about a finished sheet, and how often its inputs are read for that."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from imvar_studio.engine import likeness as engine_likeness
from imvar_studio.engine.framing import load_framed, to_tensor
from imvar_studio.engine.likeness import likeness, tower_embedding
from imvar_studio.jobs.tasks import SheetTask
from imvar_studio.media.png import write_png
from imvar_studio.model.codec import encode
from imvar_studio.model.look import Picture, Weighted
from imvar_studio.model.project import Project
from imvar_studio.model.sheet import Axis, SheetWork
from imvar_studio.model.shot import Shot
from imvar_studio.model.source import Asset
from imvar_studio.model.specs import SheetModel, SheetSpec
from imvar_studio.plan.sheet import sheet as plan_sheet
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker import pictures as worker_pictures
from imvar_studio.worker import sheet_findings
from imvar_studio.worker.pictures import picture_loader
from imvar_studio.worker.sheet_findings import Comparer
from imvar_studio.worker.sheet_take import open_take

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.worker.take_job import TakeJob

GUIDANCE = Axis("guidance", ("1", "2", "4"))
SEEDS = Axis("seed", ("1", "2"))


class Context(list[str]):
    """What was said."""

    def step(self, event: Any) -> None:
        self.append(event.text)

    def check(self) -> None:
        pass


class Bench:
    """A project with two pictures, and sheets of them whose cells are noise, not rendered."""

    def __init__(self, place: Path, bundle: Bundle) -> None:
        self.folder, self.bundle = ProjectFolder.create(place / "p.imvar", Project()), bundle
        self.assets = []
        for number in (1, 2):
            file = place / f"{number}.png"
            Image.fromarray(noise(number, (90, 120))).save(file)
            self.assets.append(Asset(self.folder.add_asset(file).sha))
        self.said = Context()
        self.comparer = Comparer(
            self.folder, [bundle.card], lambda _: SimpleNamespace(bundle=bundle), self.said
        )

    def sheet(
        self, rows: Axis | None, columns: Axis | None, *, likeness: bool = False, **shot: Any
    ) -> tuple[SheetTask, TakeJob]:
        """Return a sheet of the first picture, its cells all there."""
        card, picture = self.bundle.card, self.assets[0]
        work = SheetWork(
            "s", "S", Shot((Weighted(Picture(picture)),), picture, model="tiny", steps=2, **shot),
            rows, columns, likeness=likeness,
        )  # fmt: skip
        spec = SheetSpec(work, (SheetModel("tiny", card.ref, card.native),), "fp32", 4)
        plan = plan_sheet(spec)
        for number, made in enumerate(plan.pictures, 3):
            self.folder.frames.put(made.digest, write_png(noise(number, (64, 64)), text={}))
        task = SheetTask(str(self.folder.path), spec, ("tiny",))
        return task, open_take(self.folder, plan, encode(spec))


def noise(seed: int, size: tuple[int, int]) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


@pytest.fixture
def bench(tmp_path: Path, load_model: Callable[..., Bundle]) -> Bench:
    return Bench(tmp_path, load_model("v_prediction", "fp32"))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often inputs and pictures that were made were read, and pictures were embedded."""
    counts: Counter[str] = Counter()

    def counted(module: Any, name: str, what: str) -> None:
        real = getattr(module, name)

        def call(*args: Any, **options: Any) -> Any:
            counts[what] += 1
            return real(*args, **options)

        monkeypatch.setattr(module, name, call)

    counted(worker_pictures, "read_picture", "input")
    counted(sheet_findings, "read_picture", "made")
    counted(engine_likeness, "tower_embedding", "embedded")
    return counts


def test_an_input_is_read_and_embedded_once_for_all_sheets(bench, reads):
    bench.comparer.findings(*bench.sheet(SEEDS, GUIDANCE, likeness=True))
    assert reads == {"input": 1, "made": 6, "embedded": 1 + 6}
    bench.comparer.findings(*bench.sheet(None, GUIDANCE, likeness=True))
    assert reads == {"input": 1, "made": 9, "embedded": 1 + 9}


def test_pictures_over_columns_are_each_read_once(bench, reads):
    pictures = Axis("picture", tuple(asset.sha for asset in bench.assets))
    found = bench.comparer.findings(*bench.sheet(SEEDS, pictures))
    assert reads == {"input": 2, "made": 4}
    assert found.given == (None, None)


def test_nothing_is_read_where_nothing_asks_for_it(bench, reads):
    pictures = Axis("picture", tuple(asset.sha for asset in bench.assets))
    found = bench.comparer.findings(*bench.sheet(SEEDS, pictures, start="picture"))
    assert reads == {}
    assert (found.notes, found.copies, found.given) == (("", ""), frozenset(), (None, None))
    # beside its row it is shown: the input alone is read
    found = bench.comparer.findings(*bench.sheet(SEEDS, GUIDANCE, start="picture"))
    assert reads == {"input": 1}
    assert found.given[0].shape == (64, 64, 3)
    assert found.given[1] is None


def test_shifted_noise_is_noise(bench, reads):
    bench.comparer.findings(*bench.sheet(None, Axis("latent-shift", ("0", "0.5"))))
    assert reads["made"] == 2


def test_what_is_found_is_what_each_cell_is_against_its_own_input(bench):
    task, job = bench.sheet(SEEDS, GUIDANCE, likeness=True)
    shown = load_framed(bench.assets[0], bench.bundle.card.native, picture_loader(bench.folder))
    pixels = (shown * 255).round().byte().permute(1, 2, 0).numpy()
    bench.folder.frames.put(job.names[4], write_png(pixels, text={}))
    found = bench.comparer.findings(task, job)
    assert found.copies == {4}
    assert bench.said == [
        "S: 1 picture is a near copy of the input, the model may have memorised it."
    ]
    assert np.array_equal(found.given[0], pixels)
    own = tower_embedding(bench.bundle, shown)
    for row, note in enumerate(found.notes):
        files = [bench.folder.frames.path(name) for name in job.names[3 * row : 3 * row + 3]]
        made = [to_tensor(np.asarray(Image.open(file))) for file in files]
        wanted = np.mean([likeness(own, tower_embedding(bench.bundle, each)) for each in made])
        assert note == f"likeness {wanted:.2f}"
    assert found.notes[0] != found.notes[1]
