"""Priors against diffusers' own pipeline, on the same weights and noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from diffusers import KandinskyPriorPipeline, PriorTransformer, UnCLIPScheduler
from transformers import CLIPTextModelWithProjection, CLIPTokenizer

from imvar_studio.engine.device import choose_compute
from imvar_studio.engine.priors import LoadedPrior, load_prior
from imvar_studio.model.look import Prior
from imvar_studio.store.priors import find_prior
from tests.priors import KANDINSKY, KARLO, make_prior

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

TEXT = "an owl in the snow"


@pytest.fixture(scope="module", params=[KANDINSKY, KARLO])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_prior(tmp_path_factory.mktemp("priors") / "tiny", kind=request.param)


@pytest.fixture(scope="module")
def prior(folder: Path) -> LoadedPrior:
    return load_prior(find_prior(str(folder)), choose_compute("cpu", "fp32"))


def theirs(folder: Path, look: Prior) -> Tensor:
    """The embedding (1, d) that `KandinskyPriorPipeline` makes."""
    card = find_prior(str(folder))
    pipeline = KandinskyPriorPipeline(
        prior=PriorTransformer.from_pretrained(folder / "prior"),
        image_encoder=None,  # for pictures alone
        text_encoder=CLIPTextModelWithProjection.from_pretrained(folder / "text_encoder"),
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer", model_max_length=card.window),
        scheduler=UnCLIPScheduler.from_pretrained(folder / card.scheduler),
        image_processor=None,
    )
    pipeline.set_progress_bar_config(disable=True)
    pipeline.get_zero_embed = lambda *_, **__: torch.zeros(1, card.width)  # of black pixels
    made = pipeline(
        look.text,
        num_inference_steps=look.steps,
        guidance_scale=look.guidance,
        generator=torch.Generator("cpu").manual_seed(look.seed),
    )
    return made.image_embeds


@pytest.mark.parametrize("steps", [2, 5, 25])
@pytest.mark.parametrize("guidance", [1.0, 1.5, 4.0])
def test_a_prior_makes_what_diffusers_makes(
    folder: Path, prior: LoadedPrior, steps: int, guidance: float
) -> None:
    look = Prior(TEXT, "tiny", seed=7, steps=steps, guidance=guidance)
    own, wanted = prior.embed(look), theirs(folder, look)
    assert own.shape == (1, prior.card.width)
    assert own.dtype == torch.float32
    assert float((own - wanted).norm() / wanted.norm()) <= 1e-4


def test_texts_seeds_and_guidance_matter(prior: LoadedPrior) -> None:
    looks = [
        Prior(TEXT, "tiny", 7, 5, 4.0),
        Prior("a frog", "tiny", 7, 5, 4.0),
        Prior(TEXT, "tiny", 8, 5, 4.0),
        Prior(TEXT, "tiny", 7, 5, 2.0),
    ]
    made = [prior.embed(look) for look in looks]
    for other in made[1:]:
        assert float((made[0] - other).norm() / made[0].norm()) > 1e-3
    assert torch.equal(made[0], prior.embed(looks[0]))


def test_without_guidance_at_0_the_text_says_nothing(prior: LoadedPrior) -> None:
    first, second = (prior.embed(Prior(text, "tiny", 7, 5, 0.0)) for text in (TEXT, "a frog"))
    assert torch.allclose(first, second, atol=1e-5)
