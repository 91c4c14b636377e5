"""Tiny priors of random weights, in the layouts of Kandinsky 2.1's and Karlo's."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from imvar_studio.store.places import starter_model

if TYPE_CHECKING:
    from pathlib import Path

    from diffusers import PriorTransformer

KARLO, KANDINSKY = "UnCLIPPipeline", "KandinskyPriorPipeline"
WINDOW = 32  # tokens, as the tokenizer has it

# parts that pipelines of the layout have and their priors do not need
_OTHERS = {
    KARLO: ("decoder", "decoder_scheduler", "super_res_first", "super_res_last", "text_proj"),
    KANDINSKY: ("image_encoder", "image_processor"),
}
_VOCABULARY = 4312
_SCHEDULES = {KARLO: "prior_scheduler"}


def make_prior(folder: Path, width: int = 64, kind: str = KANDINSKY, seed: int = 0) -> Path:
    """Write a prior of random weights as diffusers and transformers write it.

    Of the parts beside the prior, its schedule, text tower and tokenizer, `model_index.json` tells
    and the folder has none.

    Args:
        folder: where it is to lie; it is made.
        width: of the embeddings, a multiple of 4.
        kind: the pipeline whose layout it has; it names the schedule's folder, too.
        seed: of the weights.
    """
    import torch
    from diffusers import PriorTransformer, UnCLIPScheduler
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        prior = PriorTransformer(
            num_attention_heads=2, attention_head_dim=8, num_layers=2,
            embedding_dim=width, num_embeddings=WINDOW,
        )  # fmt: skip
        _fill(prior)
        text = CLIPTextModelWithProjection(CLIPTextConfig(
            vocab_size=_VOCABULARY, max_position_embeddings=WINDOW, hidden_size=width,
            intermediate_size=2 * width, projection_dim=width, num_hidden_layers=2,
            num_attention_heads=4, bos_token_id=4310, eos_token_id=4311, pad_token_id=4311,
        ))  # fmt: skip
    prior.save_pretrained(folder / "prior")
    text.save_pretrained(folder / "text_encoder")
    schedule = _SCHEDULES.get(kind, "scheduler")
    UnCLIPScheduler(
        variance_type="fixed_small_log", prediction_type="sample", num_train_timesteps=1000,
        clip_sample_range=5.0 if kind == KARLO else 10.0,
    ).save_pretrained(folder / schedule)  # fmt: skip
    shutil.copytree(starter_model() / "tokenizer", folder / "tokenizer")
    index: dict[str, object] = {
        "_class_name": kind,
        "prior": ["diffusers", "PriorTransformer"],
        schedule: ["diffusers", "UnCLIPScheduler"],
        "text_encoder": ["transformers", "CLIPTextModelWithProjection"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
    }
    index |= {name: ["diffusers", "part"] for name in _OTHERS.get(kind, ())}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def _fill(prior: PriorTransformer) -> None:
    """Give values to what diffusers begins at zero, so that it matters to the embeddings."""
    import torch

    with torch.no_grad():
        prior.positional_embedding.normal_(std=0.5)
        prior.prd_embedding.normal_()
        prior.clip_mean.normal_(std=0.1)
        prior.clip_std.uniform_(0.2, 0.6)
        # texts and noise hardly matter to random weights
        for name in ("proj_in", "embedding_proj", "encoder_hidden_states_proj"):
            getattr(prior, name).weight.mul_(8)
        for name, weight in prior.transformer_blocks.named_parameters():
            if "attn1.to_" in name and name.endswith("weight"):
                weight.mul_(4)
        prior.proj_to_clip_embeddings.weight.mul_(3)


def schedule_of(prior: Path) -> Path:
    """Return the file of a prior's schedule."""
    kind = json.loads((prior / "model_index.json").read_bytes())["_class_name"]
    return prior / _SCHEDULES.get(kind, "scheduler") / "scheduler_config.json"


def change(file: Path, *without: str, **fields: Any) -> None:
    """Change fields of a JSON file, and take some away."""
    content = {**json.loads(file.read_bytes()), **fields}
    file.write_text(json.dumps({key: content[key] for key in content if key not in without}))
