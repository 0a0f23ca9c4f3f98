"""How fast a card may be: what its maker publishes, and the share of it that training and decoding reach elsewhere.

In: a card's name, a model's shape, tokens. Out: hours, as a low and a high estimate; nothing for a card that is not
in the table. None of it was measured here: `python -m tests.bench.gpu` does that on a card that is there.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tailkit import recipe
from tailkit.arithmetic.card import Card, short
from tailkit.arithmetic.decoding import goes_by_gold
from tailkit.arithmetic.memory import BYTES, value_bytes
from tailkit.arithmetic.shape import Shape

Spread = tuple[float, float]
"""Low and high."""


@dataclass(frozen=True)
class Chip:
    """A card in numbers: sizes of memory in GB as they are sold, bandwidth in GB/s, dense 16-bit matrix TFLOPS.

    TFLOPS are with sums in fp32; where a maker tells them with sparsity only, they are half of that.
    """

    memory: tuple[int, ...]
    bandwidth: float
    tflops: float


# GeForce 30, 40 and 50: NVIDIA's white papers on GA102, Ada and RTX Blackwell, in which the figure is twice that of
# fp32. GeForce 20: the white paper on Turing. All others: their data sheets.
CHIPS = {
    "RTX 5090": Chip((32,), 1792, 209.5),
    "RTX 5080": Chip((16,), 960, 112.6),
    "RTX 5070 Ti": Chip((16,), 896, 87.9),
    "RTX 5070": Chip((12,), 672, 61.7),
    "RTX 5060 Ti": Chip((8, 16), 448, 47.4),
    "RTX 5060": Chip((8,), 448, 38.4),
    "RTX 4090": Chip((24,), 1008, 165.2),
    "RTX 4080 SUPER": Chip((16,), 736, 104.4),
    "RTX 4080": Chip((16,), 717, 97.5),
    "RTX 4070 Ti SUPER": Chip((16,), 672, 88.2),
    "RTX 4070 Ti": Chip((12,), 504, 80.2),
    "RTX 4070 SUPER": Chip((12,), 504, 71.0),
    "RTX 4070": Chip((12,), 504, 58.3),
    "RTX 4060 Ti": Chip((8, 16), 288, 44.1),
    "RTX 4060": Chip((8,), 272, 30.2),
    "RTX 3090 Ti": Chip((24,), 1008, 80.0),
    "RTX 3090": Chip((24,), 936, 71.2),
    "RTX 3080 Ti": Chip((12,), 912, 68.2),
    "RTX 3080": Chip((10,), 760, 59.5),
    "RTX 3070": Chip((8,), 448, 40.6),
    "RTX 3060": Chip((12,), 360, 25.5),
    "RTX 2080 Ti": Chip((11,), 616, 53.8),
    "T4": Chip((16,), 320, 65.0),
    "L4": Chip((24,), 300, 121.0),
    "A10": Chip((24,), 600, 125.0),
    "A10G": Chip((24,), 600, 70.0),
    "V100": Chip((16, 32), 900, 112.0),
    "RTX A4000": Chip((16,), 448, 76.7),
    "RTX A5000": Chip((24,), 768, 111.1),
    "RTX A6000": Chip((48,), 768, 154.8),
    "RTX 6000 Ada Generation": Chip((48,), 960, 364.2),
    "L40S": Chip((48,), 864, 362.0),
    "A100": Chip((40,), 1555, 312.0),
    "A100 80GB": Chip((80,), 1935, 312.0),
    "H100 PCIe": Chip((80,), 2000, 756.0),
    "H100": Chip((80,), 3350, 989.0),
    "H200": Chip((141,), 4800, 989.0),
}
BUILT = {
    r"H100 80GB HBM3": "H100",
    r"H200.*": "H200",
    r"A100.*80GB.*": "A100 80GB",
    r"A100.*40GB.*": "A100",
    r"V100.*": "V100",
}
"""What drivers call the builds of a card, and its name in the table."""
# The share of a card's TFLOPS at which others trained in 4 bits, at 6 operations a parameter and token (forward, once
# more for checkpointing, backward through frozen weights): Qwen2.5-1.5B on an RTX 4060 with transformers, 500 to 628
# tokens/s (arXiv 2509.12229), and Llama-3.1-8B on an RTX 4090 with torchtune, compiled, 2,413 (its README).
TRAINED, OPERATIONS = (0.15, 0.71), 6
# Readings: the share of a card's bandwidth that decoding reaches, and seconds that a layer takes to be started.
MOVED, STARTED = (0.5, 0.8), (0.3e-3, 1e-3)
# bitsandbytes unpacks 4-bit weights in every step: they are written, and read, in 16 bits.
UNPACKED = 4
# A growing cache is read and written to be copied, and read by the attention.
CACHE_MOVES = 3


def chip_of(card: Card) -> Chip | None:
    """The numbers of a card of this name and size of memory; None of any other, such as that of a laptop."""
    name = next((sold for built, sold in BUILT.items() if re.fullmatch(built, short(card.name))), short(card.name))
    for key, chip in CHIPS.items():
        # A little of what is sold is kept by the card itself.
        if name.lower() == key.lower() and (
            not card.memory or any(0.85 * size < card.memory <= size for size in chip.memory)
        ):
            return chip
    return None


def named(name: str, memory: float | None = None) -> Card:
    """A card of the table that need not be here, with `memory` GiB; else of two sizes the larger one."""
    # Cards for data centres keep a sixteenth for the correction of errors.
    gib = memory or max(CHIPS[name].memory) * (1.0 if "RTX" in name else 15 / 16)
    return Card(name, gib, gib, driver="", capability=0)


def of_memory(gigabytes: float) -> Iterator[str]:
    """Names of cards that are sold with so much memory."""
    for name, chip in CHIPS.items():
        if round(gigabytes) in chip.memory:
            yield name


def training_rate(of: Shape, chip: Chip) -> Spread:
    """Tokens a second of training."""
    low, high = (share * chip.tflops * 1e12 / (OPERATIONS * of.parameters) for share in TRAINED)
    return low, high


def evaluation_hours(of: Shape, chosen: recipe.Recipe, chip: Chip, *, tokens: int, rows: int, longest: int) -> Spread:
    """Hours of an evaluation of so many tokens, `rows` rows of up to `longest` at once.

    Draft-verified, from all traces reproduced, a pass over each, to none; plain, all is generated.
    """
    generated = [tokens / rows * seconds for seconds in _step_seconds(of, chosen.model, chip, rows, longest)]
    if not goes_by_gold(chosen):
        return generated[0] / 3600, generated[1] / 3600
    passes = [2 * of.parameters * tokens / (share * chip.tflops * 1e12) for share in TRAINED]
    return min(passes) / 3600, (max(passes) + generated[1]) / 3600


def _step_seconds(of: Shape, model: recipe.Model, chip: Chip, rows: int, longest: int) -> Spread:
    """Seconds in which each row gets a token, when rows are half as long as they get."""
    width = value_bytes(model)
    weights = (BYTES[model.precision] + (UNPACKED if model.precision == "nf4" else 0)) * of.block_weights
    # The embeddings are looked up, not read.
    head = width * of.vocabulary * of.hidden
    moved = weights + head + CACHE_MOVES * rows * math.ceil(longest / 2) * of.cache(width)
    slow, fast = MOVED
    low, high = STARTED
    return moved / (fast * chip.bandwidth * 1e9) + low * of.layers, moved / (
        slow * chip.bandwidth * 1e9
    ) + high * of.layers
