"""The pieces of the GPU bench: what each measures, and how long it may take.

Out: `Piece`s in the order in which they are run, each a process of its own of less than ten minutes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Literal

LIMIT = 570
"""Seconds after which a piece is ended: rented machines often run a command for ten minutes at most."""
LENGTHS = {"7b": (1024, 2048, 4096), "tiny": (64,)}
PACKED = {"7b": 300, "tiny": 24}
DECODED = {"7b": 1024, "tiny": 64}
SHARES = (100, 95, 75, 0)
STEP_TOKENS = {"7b": 16384, "tiny": 256}
STEPS = 8
DECODED_ROWS = 192
ADAMW = "adamw_torch_fused"

# Seconds, and tokens a second, of an RTX 4090: a reading of other people's figures, not measured here.
SETTING_UP, MAKING = 75, 150
TRAINED, PREFILLED, DECODED_RATE = 2_000, 4_000, 1_500


@dataclass(frozen=True)
class Piece:
    """One measurement. `seconds`: about what it takes on an RTX 4090.

    `length`: tokens of a row, `step`: of an optimizer step; `packed`: several rows in one; `share`: percent of the
    gold traces that are reproduced, None where decoding looks at none.
    """

    name: str
    kind: Literal["model", "tailkit", "script", "decoding", "attention"]
    seconds: int
    length: int = 0
    backend: str = "hf"
    optim: str = ADAMW
    packed: bool = False
    share: int | None = None
    step: int = 0


def pieces(size: str) -> list[Piece]:
    """All pieces for a model of this size, the most telling first."""
    step, middle = STEP_TOKENS[size], LENGTHS[size][len(LENGTHS[size]) // 2]
    seconds = SETTING_UP + STEPS * step // TRAINED

    def tailkit(name: str, length: int, backend: str, optim: str = ADAMW, *, packed: bool = False) -> Piece:
        compiling = 60 if backend == "unsloth" else 0
        return Piece(name, "tailkit", seconds + compiling, length, backend, optim, packed, step=step)

    made = [Piece("model", "model", MAKING)]
    for length in sorted(LENGTHS[size], key=lambda length: length != middle):
        made += [
            Piece(f"train-trl-{length}", "script", seconds, length, step=step),
            tailkit(f"train-hf-{length}", length, "hf"),
            tailkit(f"train-unsloth-{length}", length, "unsloth"),
        ]
        if length == middle:
            made += [_decoding(size, None), *(_decoding(size, share) for share in SHARES)]
    return [
        *made,
        tailkit("train-hf-packed", PACKED[size], "hf", packed=True),
        tailkit("train-unsloth-packed", PACKED[size], "unsloth", packed=True),
        tailkit(f"train-unsloth-8bit-{middle}", middle, "unsloth", "adamw_8bit"),
        Piece("attention", "attention", 60, DECODED[size]),
    ]


def _decoding(size: str, share: int | None) -> Piece:
    tokens = DECODED_ROWS * DECODED[size]
    plain = 1.0 if share is None else 0.6 * (1 - share / 100)
    seconds = SETTING_UP + round(tokens * plain / DECODED_RATE) + (0 if share is None else tokens // PREFILLED)
    name = "decode-plain" if share is None else f"decode-verified-{share}"
    return Piece(name, "decoding", seconds, DECODED[size], share=share)


def chosen(all_pieces: list[Piece], only: Iterable[str]) -> list[Piece]:
    """The pieces whose names match one of these patterns, all where there is none; raises `KeyError` with a pattern
    that matches nothing."""
    patterns = list(only)
    for pattern in patterns:
        if not any(fnmatch(piece.name, pattern) for piece in all_pieces):
            raise KeyError(pattern)
    # Without the model nothing else can be measured; it is made only where it is missing.
    needed = [piece for piece in all_pieces if any(fnmatch(piece.name, pattern) for pattern in patterns or ["*"])]
    return needed if any(piece.kind == "model" for piece in needed) else [all_pieces[0], *needed]
