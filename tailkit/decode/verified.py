"""Draft-verified greedy decoding: only what differs from the gold trace is generated.

In: rows with their gold completions. Out: what plain greedy decoding would print.
One teacher-forced pass over prompt and gold trace finds, for every place, the token that greedy
decoding would take there. A row without a difference is done; any other keeps its tokens up to
the first difference and is generated from there. This is speculative decoding with the gold
trace as the draft (Leviathan et al., arXiv 2211.17192), and as exact: the gold trace never
decides a token, it only guesses them.

A pass over many tokens and a step over one round differently. In fp32 that hardly matters; in 16
and 4 bits a token whose logit leads by little may come out the other way. So each row keeps the
smallest lead that it relied on, and is decoded plainly again where that is below a bound, which
is measured on the first rows of each range.
"""

from tailkit.arithmetic.decoding import Limit
from tailkit.decode.local import Local
from tailkit.decode.plain import Plain
from tailkit.decode.protocol import Emit, Job
from tailkit.decode.rows import Row
from tailkit.models import Loaded
from tailkit.models.forward import Forced, rows_at_once, teacher_forced
from tailkit.records import Generation
from tailkit.screen import note

# Below this share of rows done in one pass, the passes may cost more than they save: measured 3.6 times as
# fast at 99 %, 1.7 times at 74 % (tests/bench/decoding.py, one core); 0.7 times at 4 % was measured before plain
# decoding on a CPU got a cache of full length.
WORTH = 0.2
PILOT = 32
# The smallest lead, in logits, that is relied on without asking. In bf16 disagreements were seen
# up to 0.125 (77 of 123,994 tokens of a small model); the bound is twice that, or what the pilot shows.
LEAST_MARGIN = {"fp32": 1e-3, "bf16": 0.25, "nf4": 0.25}
CALIBRATING = 8


class Verified(Local):
    """A `Decoder`, over a plain one."""

    def __init__(self, job: Job[Loaded]) -> None:
        self.loaded, self.plain = job.loaded, Plain(job)
        self.exact = job.precision == "fp32"
        self.bound = LEAST_MARGIN[job.precision]
        self._limit = Limit(job.most)
        self._calibrated: frozenset[int] = frozenset()

    def decode(self, rows: list[Row], emit: Emit) -> None:
        """Decode all rows, or hand them to plain decoding where the gold traces help too little."""
        if not rows:
            return
        pilot = rows[:: max(1, len(rows) // PILOT)]
        if not self.exact:
            pilot = self._calibrate(pilot, emit)
        left = self._settle(pilot, self._force(pilot), emit)
        share = 1 - len(left) / len(pilot) if pilot else 1.0
        tried = {row.index for row in pilot} | self._calibrated
        rest = [row for row in rows if row.index not in tried]
        if share < WORTH and rest:
            name = self.plain.range_name
            note(f"eval {name}: {len(pilot) - len(left)} of {len(pilot)} gold traces are reproduced; going on plainly")
            # From the start: rows with much after them and rows with nothing make slow batches together.
            again = {row.index for row in left}
            self.plain.decode([row for row in rows if row.index in again] + rest, emit)
            return
        while rest:
            size = self._size(rest[0])
            batch, rest = rest[:size], rest[size:]
            left += self._settle(batch, self._force(batch), emit)
        self.plain.decode(sorted(left, key=_longest_first), emit)

    def _calibrate(self, pilot: list[Row], emit: Emit) -> list[Row]:
        """Decode a few rows both ways and widen the bound to what they show; returns the others."""
        few, others = pilot[:CALIBRATING], pilot[CALIBRATING:]
        found = self.plain.new_ids(few)
        for row, ids, forced in zip(few, found, self._force(few), strict=True):
            if forced is None:
                continue
            trusted = forced.best[: forced.first_difference(row.gold) + 1]
            place = next((i for i, (a, b) in enumerate(zip(trusted, ids, strict=False)) if a != b), None)
            if place is not None:
                self.bound = max(self.bound, 2 * forced.margin[place])
        self._calibrated = frozenset(row.index for row in few)
        emit([row.finish(self.loaded.codec, self.plain.range_name, ids) for row, ids in zip(few, found, strict=True)])
        return others

    def _size(self, longest: Row) -> int:
        return rows_at_once(self.loaded, len(longest.prompt) + len(longest.gold), self._limit.now)

    def _force(self, rows: list[Row]) -> list[Forced | None]:
        """Teacher-forced passes over rows, in smaller batches if the memory holds no more; None for a row too long."""
        import torch

        found: list[Forced | None] = []
        while len(found) < len(rows):
            batch = rows[len(found) :]
            batch = batch[: self._size(max(batch, key=lambda row: row.total))]
            try:
                found += teacher_forced(self.loaded, [(row.prompt, row.gold) for row in batch])
                self._limit.held(len(batch))
            except torch.OutOfMemoryError:
                if len(batch) > 1:
                    self._limit.fell(len(batch))
                else:
                    found.append(None)
                    name = f"{self.plain.range_name}/{batch[0].index}"
                    note(f"out of memory in the pass over the gold trace of row {name}; it is decoded plainly")
                torch.cuda.empty_cache()
        return found

    def _settle(self, rows: list[Row], known: list[Forced | None], emit: Emit) -> list[Row]:
        """Emit the rows that are done; return the others with what is known of them."""
        done: list[Generation] = []
        left: list[Row] = []
        for row, forced in zip(rows, known, strict=True):
            if forced is None:
                left.append(row)
                continue
            place = forced.first_difference(row.gold)
            ids = row.gold[:place] + forced.best[place : place + 1]
            margin = round(min(forced.margin[: place + 1]), 4)
            if margin < self.bound:
                left.append(Row(row.index, row.prompt, row.gold, row.room, path="re-run", margin=margin))
            elif ids[-1] == self.loaded.codec.stop_id:
                finished = Row(row.index, row.prompt, row.gold, row.room, ids, "verified", margin)
                done.append(finished.finish(self.loaded.codec, self.plain.range_name, []))
            else:
                left.append(Row(row.index, row.prompt, row.gold, row.room, ids, "continued", margin))
        if done:
            emit(done)
        return left


def _longest_first(row: Row) -> tuple[int, int]:
    """Rows with much left to generate come first, so that those of a batch end together."""
    return len(row.kept) - row.room, row.index
