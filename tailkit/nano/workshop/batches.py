"""Rows of nano's pretraining: texts as token ids and labels, and the batches of a step.

In: the primitives and a random stream. Out: tensors; the tokenizer that goes with them.
"""

from random import Random
from typing import Any

from tailkit.models.chatml import PAD, STOP, TURN, ChatML
from tailkit.nano.workshop import primitives
from tailkit.nano.workshop.grammar import FREE

# Token ids: the 256 bytes are their own ids, the three marks of ChatML follow.
SPECIALS = (PAD, TURN, STOP)
PAD_ID, TURN_ID, STOP_ID = 256, 257, 258
BATCH_TOKENS = 2048
IGNORED = -100
WINDOW = 1024


def new_tokenizer() -> Any:
    """A `Qwen2Tokenizer` over the byte alphabet, without merges: one token a byte."""
    from transformers import Qwen2Tokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    vocab = {letter: byte for byte, letter in bytes_to_unicode().items()}
    vocab |= {mark: 256 + i for i, mark in enumerate(SPECIALS)}
    tokenizer = Qwen2Tokenizer(vocab=vocab, merges=[], eos_token=STOP, pad_token=PAD)
    tokenizer.add_special_tokens({"additional_special_tokens": [TURN, STOP]})
    tokenizer.chat_template = ChatML.template
    return tokenizer


def encode(prompt: str, completion: str) -> tuple[list[int], list[int]]:
    """Token ids of one text in the chat format, and its labels: IGNORED for the prompt and for what is free."""
    head = [TURN_ID, *f"user\n{prompt}".encode(), STOP_ID, 10, TURN_ID, *b"assistant\n"]
    ids, labels = head, [IGNORED] * len(head)
    for place, piece in enumerate(completion.split(FREE)):
        found = list(piece.encode())
        ids = ids + found
        labels += [IGNORED, *found[1:]] if place else found
    return [*ids, STOP_ID], [*labels, STOP_ID]


def batch(seed: int, step: int, shard: int, size: int, *, stage: int = 0) -> list[tuple[list[int], list[int]]]:
    """The rows of one batch of a step: of alike length, together at most BATCH_TOKENS with padding."""
    rng = Random(f"nano/{seed}/{step}/{shard}")
    size = rng.randint(max(2, size // 2), size)
    rows: list[tuple[list[int], list[int]]] = []
    while sum(len(row[0]) for row in rows) < 3 * BATCH_TOKENS:
        _, prompt, completion = primitives.sample(rng, size, stage=stage)
        row = encode(prompt, completion)
        if len(row[0]) <= WINDOW:
            rows.append(row)
    rows.sort(key=lambda row: len(row[0]))
    end = rng.randint(max(1, len(rows) // 5), len(rows))
    longest = len(rows[end - 1][0])
    return rows[max(0, end - BATCH_TOKENS // longest) : end]


def tensors(rows: list[tuple[list[int], list[int]]]) -> tuple[Any, Any]:
    """(ids, labels), both (rows, longest) int64; labels of prompt and padding are IGNORED (-100)."""
    import torch

    longest = -(-max(len(ids) for ids, _ in rows) // 16) * 16
    ids = torch.full((len(rows), longest), PAD_ID)
    labels = torch.full((len(rows), longest), IGNORED)
    for r, (row, wanted) in enumerate(rows):
        ids[r, : len(row)] = torch.tensor(row)
        labels[r, : len(row)] = torch.tensor(wanted)
    return ids, labels
