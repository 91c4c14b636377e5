"""What the experiments are known for, shown by the starter on pictures it never saw."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from PIL import Image, ImageDraw

from imvar_studio.engine.device import choose_compute
from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.library import load_bundle
from imvar_studio.engine.pixels import decode, encode
from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.starts import Inversion, inversion_evaluations
from imvar_studio.engine.towers import embed_pixels
from imvar_studio.media.image_io import read_picture
from imvar_studio.model.look import Edit, Picture, Prompt, Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.shot import INVERSIONS
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Inverted, Noise, Start
from imvar_studio.store.models import resolve
from imvar_studio.store.places import bundled_folder

if TYPE_CHECKING:
    from torch import Tensor

pytestmark = pytest.mark.slow

SIZE = Size(256, 256)
SAMPLES = bundled_folder("resources") / "samples" / "pictures"
FLOWERS = "wild flowers"


def kite() -> np.ndarray[Any, Any]:
    """A drawing that is in no collection: a kite over hills."""
    image = Image.new("RGB", (256, 256), "#a9d3f0")
    draw = ImageDraw.Draw(image)
    draw.ellipse((-80, 150, 170, 330), fill="#5d9b4b")
    draw.ellipse((90, 175, 360, 360), fill="#417a37")
    draw.polygon([(150, 30), (196, 74), (150, 140), (104, 74)], fill="#d0412f")
    draw.polygon([(150, 30), (196, 74), (150, 74)], fill="#f0b02c")
    draw.line([(150, 140), (140, 180), (120, 214)], fill="#333333", width=3)
    return np.asarray(image)


# two photographs and two drawings that come with the program, and one that is drawn here
PICTURES = {path.stem: read_picture(path) for path in sorted(SAMPLES.glob("*.jpg"))}
PICTURES["kite"] = kite()
PHOTOGRAPHS = {"cat", "coffee"}


def asset(name: str) -> Asset:
    return Asset(f"{sorted(PICTURES).index(name) + 1:064x}")


def load(sha: str, background: str) -> Any:
    del background
    return PICTURES[sorted(PICTURES)[int(sha, 16) - 1]]


class Kept(dict[str, bytes]):
    """A cache, so that a picture is inverted once."""

    def put(self, digest: str, data: bytes) -> None:
        self[digest] = data


class Laboratory:
    """The starter in the precision that is natural here."""

    def __init__(self) -> None:
        self.compute = choose_compute()
        self.bundle = load_bundle(resolve("starter"), self.compute)
        self.renderer = Renderer(self.bundle, load, Kept())

    def recipe(self, look: Any, start: Start, **fields: Any) -> Recipe:
        inverted = isinstance(start, Inverted)
        defaults: dict[str, Any] = {
            "steps": start.spec.steps if isinstance(start, Inverted) else 12,
            "sampler": "ddim" if inverted else "dpmpp-2m",
            "guidance": 1.0 if inverted else 4.0,
        }
        return Recipe(self.bundle.card.ref, (Weighted(look),), start, SIZE,
                      precision=self.compute.precision, **(defaults | fields))  # fmt: skip

    def draw(self, recipes: list[Recipe]) -> Tensor:
        """(n, 3, h, w) in [0, 1], at most four at once."""
        made: list[Any] = []
        for at in range(0, len(recipes), 4):
            part = recipes[at : at + 4]
            made += self.renderer.render(part, len(part), range(len(part)))
        return torch.stack([torch.from_numpy(p) for p in made]).permute(0, 3, 1, 2).float() / 255

    @torch.inference_mode()
    def through_the_vae(self, name: str) -> Tensor:
        latents = encode(self.bundle, load_framed(asset(name), SIZE, load))
        return decode(self.bundle, latents, SIZE)[0].permute(2, 0, 1).float() / 255

    @torch.inference_mode()
    def likeness(self, pictures: Tensor, text: str) -> list[float]:
        """The cosine of each picture's embedding to a text's."""
        looks = torch.cat([embed_pixels(self.bundle, each) for each in pictures])
        wanted = self.renderer._conditioning.evaluate(Prompt(text), SIZE)
        return F.cosine_similarity(looks, wanted).tolist()


@pytest.fixture(scope="module")
def lab() -> Laboratory:
    return Laboratory()


def decibels(first: Tensor, second: Tensor) -> float:
    return float(-10 * torch.log10(((first - second) ** 2).mean()))


def composition(picture: Tensor) -> Tensor:
    """Sobel magnitudes of the luma (BT.709), blurred with sigma 2."""
    luma = (picture * torch.tensor([0.2126, 0.7152, 0.0722])[:, None, None]).sum(0)[None, None]
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    edges = F.conv2d(F.pad(luma, (1, 1, 1, 1), "reflect"), torch.stack([sobel, sobel.T])[:, None])
    x = torch.arange(-6, 7).float()
    line = torch.exp(-(x**2) / (2 * 2.0**2))
    line = line / line.sum()
    magnitude = F.pad((edges**2).sum(1, keepdim=True).sqrt(), (6, 6, 6, 6), "reflect")
    return F.conv2d(F.conv2d(magnitude, line[None, None, None]), line[None, None, :, None])


def correlation(first: Tensor, second: Tensor) -> float:
    """Pearson's, of two pictures' compositions."""
    both = torch.stack([composition(each).flatten() for each in (first, second)])
    return float(torch.corrcoef(both)[0, 1])


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_an_inverted_picture_comes_back_and_eta_leads_away_from_it_bit_by_bit(
    lab: Laboratory, name: str
) -> None:
    start, look = Inverted(asset(name)), Picture(asset(name))
    assert inversion_evaluations(Inversion(start)) <= 100
    rough = [lab.recipe(look, start, eta=eta, variance=Noise(1)) for eta in (0.2, 1.0)]
    other = lab.recipe(look, start, eta=0.2, variance=Noise(2))
    back, near, far, another = [
        *lab.draw([lab.recipe(look, start)]),
        *lab.draw([*rough, other]),
    ]
    assert decibels(back, lab.through_the_vae(name)) >= 36
    shown = load_framed(asset(name), SIZE, load)
    kept, nearly, hardly = (correlation(each, shown) for each in (back, near, far))
    assert kept > nearly > hardly
    assert nearly >= 0.4
    # another noise, another picture: it is the variation that keeps it, not that nothing varies
    assert decibels(near, another) < 30


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_in_few_steps_the_composition_stays(lab: Laboratory, name: str) -> None:
    start, look = Inverted(asset(name), INVERSIONS["few-steps"]), Picture(asset(name))
    assert inversion_evaluations(Inversion(start)) <= 100
    (back,) = lab.draw([lab.recipe(look, start)])
    assert decibels(back, lab.through_the_vae(name)) >= 36
    shown = load_framed(asset(name), SIZE, load)
    varied = lab.draw(
        [lab.recipe(look, start, eta=0.4, variance=Noise(seed)) for seed in (1, 2, 3, 4)]
    )
    assert min(correlation(each, shown) for each in varied) >= 0.5
    assert all(decibels(first, other) < 30 for first, other in itertools.combinations(varied, 2))


def test_photographs_are_among_the_pictures() -> None:
    assert len(PICTURES) == 5
    assert set(PICTURES) > PHOTOGRAPHS


SCENES = ("a sailboat on still water", "a duck on still water", "a frog on still water",
          "a house on still water", "an owl on still water")  # fmt: skip


def test_an_edit_leads_where_its_text_says(lab: Laboratory) -> None:
    """Ten pictures, five of their own and five that the starter made: at least eight follow."""
    drawn = lab.draw([lab.recipe(Prompt(text), Noise(n)) for n, text in enumerate(SCENES)])
    looks: list[Any] = [Picture(asset(name)) for name in sorted(PICTURES)]
    for number, picture in enumerate(drawn):
        name = f"scene {number}"
        PICTURES[name] = (picture.permute(1, 2, 0) * 255).round().byte().numpy()
    looks = [Picture(asset(name)) for name in sorted(PICTURES)]
    assert len(looks) == 10
    recipes = [
        lab.recipe(Edit(look, "still water", FLOWERS, amount) if amount else look, Noise(7))
        for look in looks
        for amount in (0, 0.5, 1)
    ]
    values = torch.tensor(lab.likeness(lab.draw(recipes), FLOWERS)).reshape(10, 3)
    rising = (values.diff(dim=1) > 0).all(1)
    assert int(rising.sum()) >= 8, values
