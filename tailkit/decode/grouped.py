"""Attention of one new token over a cache whose heads are shared by groups of queries (Qwen2.5-7B: 4 for 28).

In: a model that is going to be evaluated. Out: the same model, whose attention reads the cache as it is at query
length 1.
With a mask, which left padding makes, transformers' own attention copies keys and values for every query head in each
layer and step; paged attention through SDPA always does, and flex attention does where the number of heads is
no power of two (transformers 5.17). FlashAttention would not, but is no part of what is installed.
"""

from typing import Any

NAME = "tailkit-grouped"


def keep_groups(model: Any) -> None:
    """Let a model attend through `attend` from now on, where it attends through transformers' SDPA."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    if inner.config._attn_implementation != "sdpa" or not inner._can_set_attn_implementation():
        return
    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    inner.set_attn_implementation(NAME)


def attend(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **more: Any) -> tuple[Any, None]:
    """An attention function of transformers: its `sdpa`, but that groups of query heads share a head of the cache.

    `query` is (rows, heads, tokens, size), `key` and `value` (rows, cache heads, length, size), `attention_mask`
    (rows, 1, tokens, length); returns (rows, tokens, heads, size). The queries of a group stand where the
    tokens of one head would, and all of them see what the one token may see.
    """
    from torch.nn.functional import scaled_dot_product_attention
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    rows, heads, tokens, size = query.shape
    groups = getattr(module, "num_key_value_groups", 1)
    alike = attention_mask is None or attention_mask.shape[1] == 1
    if tokens != 1 or groups == 1 or not alike or more.get("position_bias") is not None:
        return sdpa_attention_forward(module, query, key, value, attention_mask, **more)
    output = scaled_dot_product_attention(
        query.reshape(rows, heads // groups, groups, size),
        key,
        value,
        attn_mask=None if attention_mask is None else attention_mask.expand(-1, -1, groups, -1),
        dropout_p=more.get("dropout", 0.0),
        scale=more.get("scaling"),
    )
    return output.reshape(rows, 1, heads, -1), None
