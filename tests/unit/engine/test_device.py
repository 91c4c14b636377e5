from __future__ import annotations

import pytest
import torch

from imvar_studio.engine.device import Compute, choose_compute
from imvar_studio.model.errors import SpecError


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_what_is_asked_for_is_taken(precision: str) -> None:
    compute = choose_compute("cpu", precision)
    assert compute == Compute(torch.device("cpu"), precision)
    assert compute.dtype == {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]


def test_the_cpu_takes_bf16_only_where_it_computes_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for capabilities, expected in (
        ({"avx512_bf16": True}, "bf16"),
        ({"amx_bf16": True}, "bf16"),
        ({"avx512": True}, "fp32"),
    ):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda c=capabilities: c)
        assert choose_compute("cpu").precision == expected


@pytest.mark.skipif(
    torch.cuda.is_available() or torch.backends.mps.is_available(), reason="there is a GPU"
)
def test_the_sentence_for_a_device_that_is_not_there() -> None:
    with pytest.raises(SpecError) as caught:
        choose_compute("cuda")
    assert str(caught.value) == "device must be one of cpu, got 'cuda'"
    assert caught.value.field == "device"


@pytest.mark.parametrize("device", ["", "tpu", "cpu:", "cpu:x", "cpu:-1", "cpu:²", "CPU"])
def test_devices_that_do_not_exist_are_refused_by_name(device: str) -> None:
    with pytest.raises(SpecError, match=r"^device must be one of .*got ") as caught:
        choose_compute(device)
    assert repr(device) in str(caught.value)


def test_a_device_beyond_the_last_is_refused() -> None:
    with pytest.raises(SpecError, match=r"^there is no device cpu:1$"):
        choose_compute("cpu:1")
    assert choose_compute("cpu:0").device.type == "cpu"


@pytest.mark.parametrize("precision", ["fp8", "", "float32", "BF16"])
def test_the_sentence_for_a_precision_that_is_none(precision: str) -> None:
    with pytest.raises(SpecError) as caught:
        choose_compute("cpu", precision)
    assert str(caught.value) == f"precision must be one of fp32, bf16, fp16, got {precision!r}"
    assert caught.value.field == "precision"


def test_the_cpu_refuses_fp16() -> None:
    with pytest.raises(SpecError) as caught:
        choose_compute("cpu", "fp16")
    assert str(caught.value) == "the CPU has no fp16 arithmetic: choose fp32 or bf16"


def test_the_fingerprint_names_all_that_bits_depend_on() -> None:
    compute = choose_compute("cpu", "fp32")
    parts = compute.fingerprint(4).split()
    assert parts[0].startswith("cpu-")
    assert f"torch-{torch.__version__}" in parts
    assert {"fp32", "batch-4", f"threads-{torch.get_num_threads()}", "eager"} < set(parts)
    others = [choose_compute("cpu", "bf16").fingerprint(4), compute.fingerprint(2)]
    before = torch.get_num_threads()
    torch.set_num_threads(before + 1)
    try:
        others.append(compute.fingerprint(4))
    finally:
        torch.set_num_threads(before)
    assert len({compute.fingerprint(4), *others}) == 4
