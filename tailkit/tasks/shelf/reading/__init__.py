r"""How answers are read from what other models write, kind by kind: numbers, words, lists.

In: a stretch of a completion that may be the answer, the label, and the problem's data. Out: what it gives,
written as labels are: nothing if it holds no answer of the kind, several readings where it leaves open which
one it means. Only the label's shape is looked at, such as whether a list is one of numbers.

Own code, since math-verify, which evaluation harnesses take for this, rounds to six places, works out what a
model left to be done (`\boxed{40+2}` is 42 to it), reads a list's last number alone and no number of more than
4,300 digits, takes 5 s for 100,000 open boxes, and stops itself with an alarm signal, in the main thread only.
"""

from collections.abc import Callable
from typing import Any

Reader = Callable[[str, str, Any], list[str]]
"""From text, label and the problem's data to readings."""
