"""Stopping in the middle of the model: a check before every layer.

A UNet call or a decode of a whole chunk takes up to a second on a CPU, far longer than a person
waits for Cancel. The layers are many and short; so a hook before each asks whether to go on.
The hooks change nothing that is computed: pictures are the same to the bit.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import nn

    from imvar_studio.engine.bundle import Bundle


class _Checks:
    """The one hook that all layers of a bundle have: it calls the innermost check."""

    def __init__(self) -> None:
        self.open: list[Callable[[], None]] = []

    def __call__(self, module: nn.Module, args: object) -> None:
        if self.open:
            self.open[-1]()

    def __deepcopy__(self, memo: object) -> _Checks:
        # the fp32 copy of the UNet may be made while this is open, and must stop too
        return self


@contextmanager
def interruptible(bundle: Bundle, check: Callable[[], None]) -> Iterator[None]:
    """While open, call `check` before every layer of the bundle's UNets, VAE and towers.

    Whatever `check` raises leaves the model in the middle, which is as good as new: the same
    recipe gives the same bits afterwards. Where one is open already, the inner one counts and
    the outer is silent until the inner is closed. For one thread at a time.

    Args:
        bundle: the model.
        check: takes microseconds; may raise, commonly `Cancelled`.
    """
    checks = _found(bundle)
    if checks is None:
        checks = _Checks()
        for layer in _layers(bundle):
            layer.register_forward_pre_hook(checks)
    checks.open.append(check)
    try:
        yield
    finally:
        checks.open.pop()
        if not checks.open:
            for layer in _layers(bundle):
                _remove(layer, checks)


def watch_part(bundle: Bundle, part: nn.Module) -> None:
    """Have the layers of a part that the bundle just got ask, too, where one is open."""
    checks = _found(bundle)
    if checks is not None:
        for layer in _computing(part):
            layer.register_forward_pre_hook(checks)


def _layers(bundle: Bundle) -> Iterator[nn.Module]:
    """Yield what computes: modules with weights of their own, as others take next to no time."""
    parts = [bundle.unet, bundle.precise, bundle.vae, bundle.image_tower, bundle.text_tower]
    if bundle.held_prior is not None:
        parts += [bundle.held_prior.prior, bundle.held_prior.text_tower]
    seen = {id(part): part for part in parts if part is not None}  # in fp32 both UNets are one
    for part in seen.values():
        yield from _computing(part)


def _computing(part: nn.Module) -> Iterator[nn.Module]:
    for module in part.modules():
        if next(module.parameters(recurse=False), None) is not None:
            yield module


def _found(bundle: Bundle) -> _Checks | None:
    """Return the hook of an `interruptible` that is open, None where there is none."""
    for hook in next(_layers(bundle))._forward_pre_hooks.values():
        if isinstance(hook, _Checks):
            return hook
    return None


def _remove(layer: nn.Module, checks: _Checks) -> None:
    # by what it is, not by its handle: a copy's hooks have none
    for key in [key for key, hook in layer._forward_pre_hooks.items() if hook is checks]:
        del layer._forward_pre_hooks[key]
