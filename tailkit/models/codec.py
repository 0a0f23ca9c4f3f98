"""Tokens: the prompt format as ids, and the marks that end and pad a sequence.

In: a base model's name. Out: a `Codec`, which needs the model's tokenizer and config, not its weights.
"""

from dataclasses import dataclass
from typing import Any

from tailkit import recipe
from tailkit.arithmetic.shape import packs
from tailkit.errors import UsageError
from tailkit.models.chat import ChatFormat, format_of, formats
from tailkit.models.origin import locate, refused


@dataclass(frozen=True)
class Codec:
    """A tokenizer with its chat format and the ids that end and pad a sequence. `context` is the longest row in tokens.

    `packs` is False where layers other than attention look back, such as LFM2's short convolutions: in a
    pack they would see the row before.
    """

    tokenizer: Any
    form: ChatFormat
    stop_id: int
    pad_id: int
    context: int
    packs: bool = True

    def prompt_ids(self, query: str) -> list[int]:
        """Token ids of the prompt of a query, the same in training and generation."""
        return self.tokenizer(self.form.prompt(query), add_special_tokens=False)["input_ids"]

    def completion_ids(self, completion: str) -> list[int]:
        """Token ids of a completion, with the stop token at its end; what reads like one in the text is plain text."""
        ids = self.tokenizer(completion, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        return [*ids, self.stop_id]

    def text(self, ids: list[int]) -> str:
        """The completion that token ids spell, up to the stop token."""
        ids = ids[: ids.index(self.stop_id)] if self.stop_id in ids else ids
        return self.tokenizer.decode(ids, skip_special_tokens=False)


def load_codec(spec: recipe.Model) -> Codec:
    """The tokenizer of a base model; raises `UsageError` if it lacks the marks of every chat format."""
    from transformers import AutoConfig, AutoTokenizer

    source = locate(spec)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source.path, trust_remote_code=False, **source.options)
        config = AutoConfig.from_pretrained(source.path, trust_remote_code=False, **source.options)
    except (OSError, ValueError, KeyError) as error:
        raise refused(spec, error) from None
    ids: dict[str, Any] = {}

    def is_token(mark: str) -> bool:
        ids[mark] = tokenizer.convert_tokens_to_ids(mark)
        return ids[mark] not in (None, tokenizer.unk_token_id)

    try:
        form = format_of(is_token)
    except KeyError as error:
        known = " or ".join(one.title for one in formats())
        raise UsageError(
            f"the tokenizer of {spec.name} has no {error.args[0]}", f"Choose a model that knows {known}."
        ) from None
    stop, pad = ids[form.stop], tokenizer.pad_token_id
    if pad is None or pad == stop:
        pad = tokenizer.convert_tokens_to_ids(form.pad)
    if pad is None or pad == stop:
        raise UsageError(f"the tokenizer of {spec.name} has no padding token apart from the stop token")
    tokenizer.pad_token_id, tokenizer.padding_side = pad, "left"
    tokenizer.eos_token = form.stop
    tokenizer.chat_template = form.template
    apart = packs(getattr(config, "layer_types", None))
    return Codec(tokenizer, form, stop, pad, config.max_position_embeddings, apart)
