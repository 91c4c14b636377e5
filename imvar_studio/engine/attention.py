"""Attention with one shortcut that is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diffusers.models.attention_processor import AttnProcessor2_0

if TYPE_CHECKING:
    from diffusers.models.attention_processor import Attention
    from torch import Tensor


class SingleTokenAttention(AttnProcessor2_0):  # type: ignore[misc]
    """Scaled dot-product attention that skips the product where there is one condition token.

    A softmax over one key is 1, so cross-attention is `to_out(to_v(c))` for every query,
    exactly, whatever the query: image-variation conditions are one token.
    """

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Tensor:
        """Return (b, n, c), or (b, 1, c) to be broadcast where one token is attended to.

        Args:
            attn: the layer.
            hidden_states: (b, n, c) queries.
            encoder_hidden_states: (b, k, d) condition; None for self-attention.
            args, kwargs: as diffusers' processor takes them.
        """
        one = encoder_hidden_states is not None and encoder_hidden_states.shape[1] == 1
        plain = not attn.residual_connection and attn.rescale_output_factor == 1.0
        if one and plain and not attn.norm_cross and hidden_states.ndim == 3:
            value: Tensor = attn.to_out[0](attn.to_v(encoder_hidden_states))
            return value
        result: Tensor = super().__call__(
            attn, hidden_states, encoder_hidden_states, *args, **kwargs
        )
        return result
