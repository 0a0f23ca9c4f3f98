"""Budgets and batches of an evaluation.

In: tokens of rows, bytes that are free, the recipe. Out: tokens that a row may use, rows that go together.
"""

from tailkit.recipe import Recipe

EXTRA_TOKENS = 16
# Of the free memory, what the KV cache may take; the rest is for the pass itself.
CACHE_SHARE = 0.7
# Tokens of one teacher-forced pass. On a CPU 200 rows of 280 took 2.5 s in passes of 10, 4.4 s in passes of 100.
PASS_TOKENS = 4096
# Tokens whose logits stand together in such a pass: with the vocabulary of Qwen2.5 they take 0.6 GiB in fp32.
CHUNK = 1024


def budget(gold: int, slack: float) -> int:
    """Tokens that a completion may use: the number of its gold tokens with some slack."""
    return int(gold * slack) + EXTRA_TOKENS


def room(recipe: Recipe, gold: int) -> int:
    """Tokens that the completion of an evaluation row may use; one of another form has a budget of its own."""
    return recipe.decode.free if recipe.free_form else budget(gold, recipe.decode.slack)


def batch_rows(free: float, row: float, most: int) -> int:
    """Rows that are decoded together: as many as the KV cache has room for, `row` bytes each in `free`; 1 at least."""
    return max(1, min(most, int(CACHE_SHARE * free / row)))


def pass_rows(longest: int, most: int) -> int:
    """Rows of up to `longest` tokens in one teacher-forced pass; 1 at least."""
    return max(1, min(most, PASS_TOKENS // longest))
