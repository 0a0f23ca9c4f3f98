"""Where there is a choice: the names that a recipe may take, and the class behind each.

A new decoder, backend or chat format is a file of its own and a line here. Classes stand as "module:Class", so that
recipes are read without the libraries that those modules need. What a class has to have is said by the protocols
`decode.protocol.Decoder`, `models.backends.Backend` and `models.chat.ChatFormat`.
"""

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any

DECODERS = {
    "verified": "tailkit.decode.verified:Verified",
    "plain": "tailkit.decode.plain:Plain",
}
BY_GOLD = {"verified"}
"""The decoders that go by gold traces, and so are of no use where completions have another form."""
# In the order in which `auto` asks them.
BACKENDS = {
    "unsloth": "tailkit.models.unsloth:Unsloth",
    "hf": "tailkit.models.hf:Transformers",
}
# In the order in which a tokenizer is asked for their marks; the first one where nothing is known of it.
CHAT_FORMATS = {
    "chatml": "tailkit.models.chatml:ChatML",
}


def class_of(table: Mapping[str, str], name: str) -> Any:
    """The class behind a name of one of the tables; its module is imported."""
    return resolve_name(table[name])
