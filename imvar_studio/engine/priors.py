"""Priors: diffusion models that lead a text to the embedding of a picture it could describe.

Source: A. Ramesh et al., Hierarchical Text-Conditional Image Generation with CLIP Latents (2022),
section 2.2; loops as in diffusers' `UnCLIPPipeline` (Karlo) and `KandinskyPriorPipeline`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from diffusers import PriorTransformer, UnCLIPScheduler
from transformers import CLIPTextModelWithProjection

from imvar_studio.engine.components import component, loaded, placed, read_tokenizer
from imvar_studio.engine.interruptible import watch_part
from imvar_studio.engine.tokens import one_window
from imvar_studio.model.prior_card import PriorCard, check_prior, no_prior

if TYPE_CHECKING:
    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.device import Compute
    from imvar_studio.model.look import Prior


@dataclass(frozen=True, slots=True)
class LoadedPrior:
    """A prior with its own text side, all in fp32.

    Args:
        card: what its files say.
        device: it runs on.
        prior, text_tower, tokenizer: its parts.
        scheduler_config: of its schedule.
    """

    card: PriorCard
    device: torch.device
    prior: PriorTransformer
    text_tower: CLIPTextModelWithProjection
    tokenizer: Any
    scheduler_config: dict[str, Any]

    @torch.inference_mode()
    def embed(self, look: Prior) -> Tensor:
        """Return the embedding (1, d) fp32 on the CPU that the prior makes of a text.

        Its noise is drawn on the CPU by one generator, seeded with the look's seed, as diffusers
        scripts do. Guidance is towards the text and away from the empty one; 1 leaves that out.

        Raises:
            SpecError: more tokens than the text tower's window holds.
        """
        texts = (look.text,) if look.guidance == 1 else ("", look.text)
        embedded, states, mask = self._read(texts)
        scheduler: Any = UnCLIPScheduler.from_config(self.scheduler_config)
        scheduler.set_timesteps(look.steps)
        generator = torch.Generator("cpu").manual_seed(look.seed)
        x = torch.randn((1, self.card.width), generator=generator).to(self.device)
        x = x * scheduler.init_noise_sigma
        steps: list[int] = scheduler.timesteps.tolist()
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            found = self.prior(
                x.repeat(len(texts), 1),
                timestep=torch.tensor(step, device=self.device),
                proj_embedding=embedded,
                encoder_hidden_states=states,
                attention_mask=mask,
            ).predicted_image_embedding
            if len(texts) > 1:
                nothing, text = found.chunk(2)
                found = nothing + look.guidance * (text - nothing)
            x = scheduler.step(
                found, timestep=step, sample=x, generator=generator, prev_timestep=following
            ).prev_sample
        embedding: Tensor = self.prior.post_process_latents(x).float().cpu()
        return embedding

    def _read(self, texts: tuple[str, ...]) -> tuple[Tensor, Tensor, Tensor]:
        """Return texts' embeddings (n, d), hidden states (n, window, d) and what is no padding."""
        tokens = [
            one_window(self.tokenizer, text, self.card.window, f"prior {self.card.id}")
            for text in texts
        ]
        ids = torch.cat([each.input_ids for each in tokens]).to(self.device)
        mask = torch.cat([each.attention_mask for each in tokens]).bool().to(self.device)
        read = self.text_tower(input_ids=ids)
        return read.text_embeds, read.last_hidden_state, mask


def load_prior(card: PriorCard, compute: Compute) -> LoadedPrior:
    """Load a prior; nothing is downloaded and no pickled code runs.

    Raises:
        ModelError: for files that don't load.
        MemoryError: if the memory does not hold it.
    """
    path, fp32 = Path(card.path), torch.float32

    def load() -> LoadedPrior:
        return LoadedPrior(
            card,
            compute.device,
            placed(component(PriorTransformer, path / "prior", fp32), compute, fp32),
            placed(
                component(CLIPTextModelWithProjection, path / "text_encoder", fp32), compute, fp32
            ),
            read_tokenizer(path / "tokenizer"),
            dict(UnCLIPScheduler.load_config(path / card.scheduler, local_files_only=True)),
        )

    return loaded(load, f"prior {card.id}")


def prior_of(bundle: Bundle, look: Prior) -> LoadedPrior:
    """Return the prior of a look, which stays loaded until a look has another.

    Raises:
        ModelError: a prior that is not there, changed or of another width than the model, or
            files that don't load.
        MemoryError: if the memory does not hold it.
    """
    if bundle.find_prior is None:
        raise no_prior(look.model)
    held = bundle.held_prior
    if held is None or (held.card.id, held.card.weights) != (look.model, look.weights):
        card = bundle.find_prior(look.model)
        check_prior(look, card, bundle.card)
        if held is None or held.card != card:
            held = bundle.held_prior = None  # first: two may not fit
            held = bundle.held_prior = load_prior(card, bundle.compute)
            watch_part(bundle, held.prior)
            watch_part(bundle, held.text_tower)
    return held
