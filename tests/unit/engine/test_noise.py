from __future__ import annotations

import hashlib

import pytest
import torch

from imvar_studio.engine.noise import start_noise, stream_noise, stream_seed


@pytest.mark.parametrize("seed", [0, 1, 42, 2**63 - 1])
def test_the_start_is_what_diffusers_scripts_draw(seed: int) -> None:
    generator = torch.Generator("cpu").manual_seed(seed)
    drawn = torch.randn((1, 4, 8, 8), generator=generator)
    assert torch.equal(start_noise(seed, (4, 8, 8))[None], drawn)


def test_golden_start() -> None:
    first = start_noise(0, (4, 8, 8)).flatten()[:3]
    assert first.tolist() == pytest.approx([-1.1258398, -1.1523602, -0.2505786], abs=1e-6)


@pytest.mark.parametrize(
    ("seed", "stream", "step", "expected"),
    [
        (0, "variance", 0, 5_959_612_271_145_663_364),
        (0, "variance", 1, 8_239_438_711_539_708_318),
        (7, "jitter", 0, 4_214_546_087_731_957_553),
        (2**63 - 1, "crop", 63, 5_874_649_157_797_729_675),
    ],
)
def test_golden_stream_seeds(seed: int, stream: str, step: int, expected: int) -> None:
    """A change here is another picture for every recipe with eta, jitter or crops."""
    assert stream_seed(seed, stream, step) == expected


def test_a_streams_seed_is_its_formula_and_its_noise_is_drawn_from_it() -> None:
    digest = hashlib.blake2b(b"12/variance/3", digest_size=8).digest()
    seed = int.from_bytes(digest, "big") // 2
    assert 0 <= stream_seed(12, "variance", 3) == seed < 2**63
    drawn = torch.randn((2, 5), generator=torch.Generator("cpu").manual_seed(seed))
    assert torch.equal(stream_noise(12, "variance", 3, (2, 5)), drawn)


def test_streams_are_apart() -> None:
    draws = [
        stream_noise(seed, stream, step, (64,))
        for seed in (1, 11)
        for stream in ("variance", "jitter")
        for step in (0, 1, 11)
    ]
    together = torch.stack(draws)
    likeness = torch.corrcoef(together) - torch.eye(len(draws))
    assert likeness.abs().max() < 0.6


def test_the_global_generator_neither_matters_nor_moves() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        before = torch.get_rng_state()
        start, stream = start_noise(3, (4, 8, 8)), stream_noise(3, "variance", 1, (9,))
        assert torch.equal(torch.get_rng_state(), before)
        torch.manual_seed(6)
        torch.randn(10)
        assert torch.equal(start_noise(3, (4, 8, 8)), start)
        assert torch.equal(stream_noise(3, "variance", 1, (9,)), stream)
