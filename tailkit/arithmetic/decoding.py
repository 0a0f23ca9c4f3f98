"""Budgets and batches of an evaluation.

In: tokens of rows, bytes that are free, the recipe. Out: tokens that a row may use, rows that go together.
"""

from tailkit.recipe import Recipe
from tailkit.recipe.choices import BY_GOLD

PLAIN = "plain"
EXTRA_TOKENS = 16
# Tokens of the answer to a question of a user's own: there is no gold trace to go by.
FREE_ROOM = 4096
# Of an endpoint's reply: tokens and seconds at most, and how many are asked for at once.
REPLY_TOKENS, REPLY_SECONDS, REPLIES_AT_ONCE = 4096, 600.0, 8
# Of the free memory, what decoding may take: the allocator holds some in pieces too small to use.
SHARE = 0.9
# Tokens of known text that generation takes in at once, of all rows together.
PREFILL_TOKENS = 8192
# Good batches after which as many rows are tried again as had been too many; the double after every further time.
PATIENCE = 2
# Tokens of one teacher-forced pass. On a CPU 200 rows of 280 took 2.5 s in passes of 10, 4.4 s in passes of 100.
PASS_TOKENS = 4096
# Tokens whose logits stand together in such a pass: with the vocabulary of Qwen2.5 they take 0.6 GiB in fp32.
LOGITS_AT_ONCE = 1024


def decoder_of(recipe: Recipe) -> str:
    """The decoder that a recipe gets: the one that it names, or a plain one where gold traces say nothing."""
    method = recipe.decode.method
    return PLAIN if recipe.free_form and method in BY_GOLD else method


def goes_by_gold(recipe: Recipe) -> bool:
    """Whether generations are drafted by gold traces."""
    return decoder_of(recipe) in BY_GOLD


def budget(gold: int, slack: float) -> int:
    """Tokens that a completion may use: the number of its gold tokens with some slack."""
    return int(gold * slack) + EXTRA_TOKENS


def room(recipe: Recipe, gold: int) -> int:
    """Tokens that the completion of an evaluation row may use; one of another form has a budget of its own."""
    return recipe.decode.free if recipe.free_form else budget(gold, recipe.decode.slack)


def batch_rows(free: float, longest: int, most: int, *, token: float, passed: float) -> int:
    """Rows of up to `longest` tokens that are decoded together in `free` bytes; 1 at least.

    `token`: bytes of a token of a row (`Blocks.decoded`); `passed`: of one in a pass (`Blocks.passed`).
    """
    left = SHARE * free - PREFILL_TOKENS * passed
    return max(1, min(most, int(left / (token * longest))))


def prefill_chunk(rows: int, width: int) -> int | None:
    """Tokens of each row that a pass over known text of `width` tokens takes; None: all of them."""
    return None if rows * width <= PREFILL_TOKENS else max(1, PREFILL_TOKENS // rows)


def pass_rows(longest: int, most: int) -> int:
    """Rows of up to `longest` tokens in one teacher-forced pass; 1 at least."""
    return max(1, min(most, PASS_TOKENS // longest))


class Limit:
    """Rows that go at once: halved where memory ran out, tried again after good batches."""

    def __init__(self, most: int) -> None:
        self.most = self.now = most
        self._good, self._patience, self._tried_again = 0, PATIENCE, False

    def fell(self, rows: int) -> None:
        """So many rows were too many; half of them are next."""
        if self._tried_again:
            self._patience, self._tried_again = 2 * self._patience, False
        self.now, self._good = max(1, min(self.now, rows // 2)), 0

    def held(self, rows: int) -> None:
        """So many rows had room."""
        self._good += rows >= self.now
        if self.now < self.most and self._good >= self._patience:
            self.now, self._good, self._tried_again = min(self.most, 2 * self.now), 0, True
