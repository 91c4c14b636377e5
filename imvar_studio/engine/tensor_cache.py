"""Tensors by digest of what they are made from, in memory and behind it in a byte cache."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError
from safetensors.torch import load, save

from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import encode
from imvar_studio.model.look import texts_in
from imvar_studio.model.recipe import ENGINE_EPOCH, named

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.protocols import ByteCache
    from imvar_studio.model.recipe import ModelRef

_log = logging.getLogger(__name__)
# raised when texts come to mean other states; 1 was before brackets and windows
_READING = 2
_HELD = 512  # tensors in memory: embeddings and latents, some MB in all


class TensorCache:
    """Keeps fp32 CPU tensors; the same inputs on the same numerics give the same digest.

    Args:
        store: keeps bytes between renders; None keeps nothing.
        model: what they are made with.
        fingerprint: of the numerics.
    """

    def __init__(self, store: ByteCache | None, model: ModelRef, fingerprint: str) -> None:
        self._store = store
        self._model = model
        self._fingerprint = fingerprint
        self._held: OrderedDict[str, Tensor] = OrderedDict()

    def get(self, kind: str, inputs: Any, make: Callable[[], Tensor]) -> Tensor:
        """Return the tensor of `inputs` (a value of `model`, or a tuple of them)."""
        digest = self.digest(kind, inputs)
        if digest in self._held:
            self._held.move_to_end(digest)
            return self._held[digest]
        tensor = self._stored(digest)
        if tensor is None:
            tensor = make()
            if self._store is not None:
                self._store.put(digest, save({"tensor": tensor.contiguous()}))
        self._held[digest] = tensor
        if len(self._held) > _HELD:
            self._held.popitem(last=False)
        return tensor

    def has(self, kind: str, inputs: Any) -> bool:
        """Tell whether the tensor need not be made."""
        digest = self.digest(kind, inputs)
        return digest in self._held or self._stored(digest) is not None

    def digest(self, kind: str, inputs: Any) -> str:
        """Return the name of a tensor."""
        parts = inputs if isinstance(inputs, tuple) else (inputs,)
        record = {
            "kind": kind,
            "epoch": ENGINE_EPOCH,
            "model": encode(named(self._model, parts), rounded=True),
            "numerics": self._fingerprint,
            "inputs": [[type(part).__name__, encode(part, rounded=True)] for part in parts],
        }
        return digest_data(record | ({"reading": _READING} if texts_in(parts) else {}))

    def _stored(self, digest: str) -> Tensor | None:
        data = None if self._store is None else self._store.get(digest)
        if data is None:
            return None
        try:
            return load(data)["tensor"]
        except (SafetensorError, KeyError):
            _log.warning("a cached tensor does not read and is made again: %s", digest)
            return None
