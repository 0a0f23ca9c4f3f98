"""Where the problems of an order did not suffice.

In: an order and the facts of what was written. Out: a sentence for each shortage.
"""

from collections import Counter

from tailkit import tasks
from tailkit.dataset.holdout import ONE_IN
from tailkit.dataset.order import Order, quota
from tailkit.imported import replay
from tailkit.records import RANGES
from tailkit.run.manifest import TRAIN, FileFacts, evaluation


def _short_of_rows(order: Order, trained: FileFacts) -> list[str]:
    """A sentence for each task that gave fewer training rows than asked for, where more than the own one teaches."""
    wanted = {part.task: sum(part.train.values()) for part in (order, *order.others)}
    reason = "the file has no more" if order.completions else "its problems in their words run out"
    return [
        f"{task}: {trained.by_task.get(task, 0):,} of {rows:,} train rows; {reason}"
        for task, rows in wanted.items()
        if trained.by_task.get(task, 0) < rows
    ]


def _short_of_replay(order: Order, trained: FileFacts) -> list[str]:
    """A sentence for each file of extra rows that has fewer than asked for."""
    wanted: Counter[str] = Counter()
    for source in order.replay_files:
        wanted[replay.label(source)] += order.replay[source]
    return [
        f"{name}: {trained.by_task.get(name, 0):,} of {rows:,} train rows; the file has no more"
        for name, rows in wanted.items()
        if trained.by_task.get(name, 0) < rows
    ]


def shortages(order: Order, files: dict[str, FileFacts], overlap: dict[str, int]) -> list[str]:
    """A sentence for each range that could not give what was asked for, or not without overlap."""
    told = []
    for name in order.eval_ranges:
        told += _short(order, files, evaluation(name), name)
    if order.write_train and (order.others or order.completions):
        told += _short_of_rows(order, files[TRAIN])
    elif order.write_train:
        for name in RANGES:
            told += _short(order, files, TRAIN, name)
    if order.write_train:
        told += _short_of_replay(order, files[TRAIN])
    for name in RANGES:
        if quota(order, name).shared and (name in order.eval_ranges or (order.write_train and order.train[name])):
            also = _overlap(overlap.get(name, 0))
            told.append(f"{order.task} {name}: too few problems to keep evaluation and training apart; {also}")
    return told


def _short(order: Order, files: dict[str, FileFacts], set_name: str, range_name: str) -> list[str]:
    """A sentence if a range gave fewer rows to a set than were asked for."""
    task = tasks.load(order.task).with_settings(order.settings)
    support, given = task.support(*order.bounds[range_name]), quota(order, range_name)
    trains = set_name == TRAIN
    asked, expected = (order.train[range_name], given.train) if trains else (order.eval, given.eval)
    got = files[set_name].by_range.get(range_name, 0)
    if got >= asked:
        return []
    reason = "drawing brought no new ones" if support is None else f"it has {support:,} distinct problems"
    if support and not given.shared:
        reason += f", one in {ONE_IN} of them for evaluation"
    if support and got < 0.8 * expected:
        reason += ", but drawing brought no more"
    return [f"{order.task} {range_name}: {got:,} of {asked:,} {set_name} rows; {reason}"]


def _overlap(count: int) -> str:
    if count:
        return f"{count} evaluation problems are in training too, in other words"
    return "data that another command makes may have the same ones in training, in other words"
