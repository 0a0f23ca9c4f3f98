"""Multi-machine schedule (greedy): the greatest benefit of unit-time jobs with deadlines on x queues.

Length is the number of jobs. A job takes one of the time units 1 … deadline, a time unit takes one
job a queue, and a job that finds no place is left out. The run: the free places of the nine time
units are laid out, then the jobs, one state each, up to the blank after the last: a job goes after the
last one of the same benefit. Then, from benefit 9 down to 1, a class state fetches its first job with
its deadline; each job searches from its deadline down, one state a time unit, until one has a free
place, and is taken: the total grows; or it is dropped, where time unit 1 has none either. The state
that takes or drops a job says which one comes after it. Deadlines and queues have one digit at every
length, so that the search and the counts of a long problem are of the kind that short ones teach.

The places are between half and one and a half times as many as the jobs (fewer, where 9 queues do not
give them), and of three draws the one is taken for which fewest shortcuts give the answer: as many of
the best jobs as there are places, each job at its deadline or not at all. Most problems must leave
jobs out.
"""

import re
from collections import Counter
from functools import partial
from itertools import pairwise
from math import comb
from random import Random
from typing import Any

from tailkit.records import BLANK, Cell, Line, Macro, Place, Step, Values
from tailkit.tape import Tape
from tailkit.tasks.shelf.draw import hardest, right
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.wording import listed

PARADIGM = "greedy"
VERSION = 2
RANGES = {"S": (5, 10), "M": (11, 20), "L": (21, 50)}
NOUNS = ("schedules of {}", "{} job", "{} jobs")
GREATEST = 9  # deadline, benefit, number of queues
DRAWS = 3

_RULE = "Each job takes one time unit, and a job counts only if it runs in one of the units 1 to its deadline."
_JOBS = "jobs, each as number (deadline, benefit): {jobs}"
QUERIES = [
    f"Jobs run in parallel queues, one job per queue and time unit. {_RULE} The number of queues is {{queues}}. The "
    f"{_JOBS}. What is the greatest total benefit?",
    f"unit-time {_JOBS}; parallel queues: {{queues}}; a job must run in one of the time units 1..deadline to count; "
    "maximum total benefit?",
    "Let each job j take one time unit and have a deadline d_j and a benefit b_j, given as j (d_j, b_j): {jobs}. In "
    "each of the time units 1, 2, 3, ... at most x = {queues} can run; job j earns b_j if it runs in a unit t <= "
    "d_j. Determine the maximum of the total benefit.",
    "A workshop can make {queues} of its orders each day. An order pays only if it is made on one of the days 1 to "
    "its deadline. Orders as number (deadline, pay): {jobs}. How much can the workshop earn at most?",
    "Schedule unit jobs greedily by benefit, each into the latest free time unit that its deadline allows; a job "
    "without one is dropped. Units count from 1, places per unit: {queues}. Jobs as number (deadline, benefit): "
    "{jobs}. Which total benefit results?",
    "Some students (their number is {queues}) share homework. Each task takes one student one day and brings its "
    "points only if done on a day from 1 up to its deadline. Tasks as number (deadline, points): {jobs}. What is the "
    "highest possible sum of points?",
    f"Given n {_JOBS}, on x={{queues}} processors, one job per processor and time unit. {_RULE} Return the maximum "
    "sum of benefits.",
    "A garage can do {queues} of its repairs per hour. A repair earns its fee if it is done in one of the hours 1 to "
    "its deadline, else nothing. Repairs as number (deadline, fee): {jobs}. What is the maximum income?",
    f"Please find the best total benefit of a schedule on parallel queues (one job per queue and time unit). {_RULE} "
    f"Queues: {{queues}}. The {_JOBS}.",
    "Choose jobs and give each a time unit between 1 and its deadline, both included, so that no unit gets more than "
    "{queues} of them. Jobs as number (deadline, benefit): {jobs}. What is the largest sum of benefits?",
    "A bakery with an oven for {queues} at a time bakes cakes, an hour each. A cake is sold at its price only if it "
    "is baked in one of the hours 1 to its deadline. Cakes as number (deadline, price): {jobs}. Find the greatest "
    "possible takings.",
    "Show me step by step how to fill the queues with unit-time jobs for the greatest benefit; {queues} can run in "
    f"each time unit. {_RULE} The {_JOBS}. What is that benefit?",
    "Weighted unit-task scheduling, identical machines m = {queues}, time units numbered from 1, tasks as number "
    "(deadline, weight): {jobs}. A task is on time in units up to and including its deadline. Maximum weight of "
    "tasks on time?",
    "A doctor can see {queues} of the waiting patients per hour. A patient can be seen in the hours 1 to a deadline "
    "and has a priority. Patients as number (deadline, priority): {jobs}. What is the greatest total priority of "
    "patients seen?",
    f"Teach scheduling with an example. The {_JOBS}. In each time unit {{queues}} can run. {_RULE} What is the best "
    "total benefit?",
    "A print shop prints {queues} of its posters per minute. A poster brings its profit if it is printed in one of "
    "the minutes 1 to its deadline. Posters as number (deadline, profit): {jobs}. Compute the maximum profit.",
    f"Exercise: workers take jobs, one per worker and time unit. {_RULE} With workers = {{queues}}, determine the "
    f"greatest total benefit. The {_JOBS}.",
    "Up to {queues} of the planned missions can start each week. A mission can start in the weeks 1 to its deadline "
    "and has a value. Missions as number (deadline, value): {jobs}. What total value can be reached at most?",
    "A harbour unloads up to {queues} of the waiting ships on each day, counted from day 1. A ship pays its fee if "
    "it unloads on a day not after its deadline. Ships as number (deadline, fee): {jobs}. How large can the fees be "
    "in total?",
    "Solve for the maximum benefit: x={queues} of the jobs can run in each of the time units 1, 2, ...; each takes "
    "one unit and pays when that is not after its deadline; number (deadline, benefit) of each job: {jobs}.",
    "A film crew can shoot {queues} of its scenes a day. A scene counts if it is shot on one of the days 1 to its "
    "deadline. Scenes as number (deadline, rating): {jobs}. What is the highest sum of ratings?",
    f"What is the greatest total benefit of on-time jobs, if {{queues}} of them can run in each time unit? {_RULE} "
    f"The {_JOBS}.",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """Jobs and queues for which shortcuts seldom give the greatest benefit."""
    n = rng.randint(low, high)
    return hardest(lambda: draw(rng, n), lambda data: right(HEURISTICS, data, scheduled(data)), DRAWS)


def draw(rng: Random, n: int) -> dict[str, Any]:
    """The number of time units first, then jobs for them, then queues."""
    latest = rng.randint(*latest_bounds(n))
    jobs = [[rng.randint(1, latest), rng.randint(1, GREATEST)] for _ in range(n)]
    return {"jobs": jobs, "queues": rng.randint(*queue_bounds(n, latest))}


def scheduled(data: dict[str, Any]) -> str:
    """The greatest benefit: best jobs first, each into the latest free place that its deadline allows."""
    free, total = dict.fromkeys(range(1, GREATEST + 1), data["queues"]), 0
    for due, benefit in sorted(data["jobs"], key=lambda job: -job[1]):
        time = next((time for time in range(due, 0, -1) if free[time]), None)
        if time:
            free[time] -= 1
            total += benefit
    return str(total)


def best_for_all_places(data: dict[str, Any]) -> str:
    """The benefit of as many of the best jobs as there are places up to the last deadline."""
    places = data["queues"] * max(due for due, _ in data["jobs"])
    return str(sum(sorted([benefit for _, benefit in data["jobs"]], reverse=True)[:places]))


def each_at_its_deadline(data: dict[str, Any]) -> str:
    """The benefit of the best jobs of each deadline, as many as there are queues."""
    taken, total = Counter[int](), 0
    for due, benefit in sorted(data["jobs"], key=lambda job: -job[1]):
        taken[due] += 1
        total += benefit if taken[due] <= data["queues"] else 0
    return str(total)


HEURISTICS = {
    "the best jobs for all places": best_for_all_places,
    "the best jobs of each deadline, at it": each_at_its_deadline,
}


def latest_bounds(n: int) -> tuple[int, int]:
    """The least and the greatest number of time units for n jobs."""
    return 2, min(GREATEST, n)


def queue_bounds(n: int, latest: int) -> tuple[int, int]:
    """The fewest and the most queues for n jobs and that many time units."""
    most = min(3 * n // (2 * latest), GREATEST, n - 1)
    return min(-(-n // (2 * latest)), most), most


def length(data: dict[str, Any]) -> int:
    return len(data["jobs"])


def key(data: dict[str, Any]) -> str:
    return f"{sorted(data['jobs'])}/{data['queues']}"


def support(low: int, high: int) -> int:
    """How many distinct problems there are: for each number of queues the multisets of jobs."""
    total = 0
    for n in range(low, high + 1):
        least, greatest = latest_bounds(n)
        widest: dict[int, int] = {}  # the greatest deadline that goes with each number of queues
        for latest in range(least, greatest + 1):
            fewest, most = queue_bounds(n, latest)
            widest |= dict.fromkeys(range(fewest, most + 1), latest)
        total += sum(comb(latest * GREATEST + n - 1, n) for latest in widest.values())
    return total


def oracle(data: dict[str, Any]) -> str:
    import numpy
    from scipy.optimize import linear_sum_assignment

    deadlines, benefits = numpy.array(data["jobs"]).T
    places = numpy.repeat(numpy.arange(1, deadlines.max() + 1), data["queues"])
    gains = numpy.where(places <= deadlines[:, None], benefits[:, None], 0)
    return str(gains[linear_sum_assignment(gains, maximize=True)].sum())


equal = same_integer


def fill(data: dict[str, Any]) -> dict[str, Any]:
    jobs = ", ".join([f"{number} ({due}, {benefit})" for number, (due, benefit) in enumerate(data["jobs"], start=1)])
    return {"jobs": jobs, "queues": data["queues"]}


def unfill(words: dict[str, str]) -> dict[str, Any]:
    """The data that these words of a query stand for."""
    jobs = [[int(due), int(benefit)] for due, benefit in re.findall(r"\((\d+), *(\d+)\)", words["jobs"])]
    return {"jobs": jobs, "queues": int(words["queues"])}


def start(tape: Tape, data: dict[str, Any]) -> str:
    tape.blank("benefit", "first", "last", "after")
    tape.given([TOTAL, *FREE], [0, *[data["queues"]] * GREATEST])
    for i, (due, benefit) in enumerate(data["jobs"], start=1):
        tape.given([("number", i), ("due", i), ("benefit", i)], [i, due, benefit])
    return "free"


TOTAL = ("total",)
FREE = [("free", time) for time in range(1, GREATEST + 1)]


def show_free(tape: Tape) -> None:
    tape.show(*FREE)
    tape.goto(first_job)


def first_job(_place: Place, _read: Values, _written: Values) -> Any:
    return "job", 1


def add_job(tape: Tape, i: int) -> None:
    """Put a job after the last one of its benefit, or first if it has none."""
    benefit = tape.fetch(("benefit", i))
    if benefit == BLANK:
        tape.goto(best_class)
        return
    tape.fetch(("due", i), ("number", i))
    last = tape.fetch(("last", benefit))
    tape.put(twice_the_number, ("first", benefit) if last == BLANK else ("after", last), ("last", benefit))
    tape.goto(next_job)


def twice_the_number(_benefit: int, _due: int, number: int, _last: int | str) -> tuple[int, int]:
    return number, number


def next_job(place: Place, _read: Values, _written: Values) -> Any:
    return "job", place[0] + 1


def best_class(_place: Place, _read: Values, _written: Values) -> Any:
    return "class", 9


def begin_class(tape: Tape, benefit: int) -> None:
    """The first job of a benefit and its deadline, if there is one."""
    fetch_with_deadline(tape, ("first", benefit))
    tape.goto(first_of_class)


def fetch_with_deadline(tape: Tape, cell: Cell) -> None:
    number = tape.fetch(cell)
    if number != BLANK:
        tape.fetch(("due", number))


def first_of_class(place: Place, read: Values, _written: Values) -> Any:
    return slot_of_next(place[0], *read)


def slot_of_next(benefit: int, *job: Any) -> Any:
    """The deadline of the job that comes next; where none does, the next class."""
    if len(job) > 1:
        return "slot", *job
    return ("class", benefit - 1) if benefit > 1 else "total"


def slot(tape: Tape, _i: int, time: int) -> None:
    """See whether a time unit has a free place, and take it."""
    if tape.fetch(("free", time)):
        tape.write(one_less, ("free", time))
    tape.goto(after_slot)


def one_less(free: int) -> int:
    return free - 1


def after_slot(place: Place, read: Values, _written: Values) -> Any:
    i, time = place
    if read[0]:
        return "take", i
    return ("slot", i, time - 1) if time > 1 else ("drop", i)


def take(tape: Tape, i: int) -> None:
    tape.fetch(TOTAL, ("benefit", i))
    fetch_with_deadline(tape, ("after", i))
    tape.write(with_benefit, TOTAL)
    tape.goto(after_taken)


def with_benefit(total: int, benefit: int, *_: Any) -> int:
    return total + benefit


def after_taken(_place: Place, read: Values, _written: Values) -> Any:
    return slot_of_next(*read[1:])


def drop(tape: Tape, i: int) -> None:
    tape.fetch(("benefit", i))
    fetch_with_deadline(tape, ("after", i))
    tape.goto(after_dropped)


def after_dropped(_place: Place, read: Values, _written: Values) -> Any:
    return slot_of_next(*read)


def show_total(tape: Tape) -> None:
    tape.fetch(TOTAL)
    tape.answer(as_it_is)


def as_it_is(_place: Place, read: Values, _written: Values) -> str:
    return str(read[0])


STATES = {
    "free": show_free,
    "job": add_job,
    "class": begin_class,
    "slot": slot,
    "take": take,
    "drop": drop,
    "total": show_total,
}


def macros(steps: list[Step]) -> list[Macro]:
    """Each class: its jobs with their deadlines, all free places and the total; places and total after it."""
    starts = [number for number, step in enumerate(steps) if step.kind in ("class", "total")]
    made = []
    for first, end in pairwise(starts):
        numbers = [step.at[0] for step in steps[first:end] if step.kind in ("take", "drop")]
        jobs: list[Cell] = [(what, number) for number in numbers for what in ("number", "due")]
        made.append(Macro(first, end, (*jobs, *FREE, TOTAL), (*FREE, TOTAL)))
    return made


def _job(*job: Any) -> str:
    return "@".join(map(str, job))


CORE = {
    "free": Line(lambda: "free", show=listed(",", "=")),
    "job": Line(
        name=lambda i: f"{i}",
        fetch=lambda benefit, *job: f"{benefit}" + (f"@{job[0]};{job[2]},{job[1]}" if job else ""),
    ),
    "class": Line(lambda benefit: f"b{benefit}", _job),
    "slot": Line(
        name=lambda i, time: f"{i},{time}",
        fetch=lambda free: f"{free}=" if free else "0",
        write=lambda *left: "".join(map(str, left)),
    ),
    "take": Line(lambda i: f"+{i}", lambda total, benefit, *job: f"{total}+{benefit};{_job(*job)}=", str),
    "drop": Line(lambda i: f"-{i}", lambda benefit, *job: f"{benefit};{_job(*job)}"),
    "total": Line(lambda: "total", str),
}


def _job_styled(benefit: int | str, *job: Any) -> str:
    if benefit == BLANK:
        return "there is none."
    return f"it has benefit {benefit}" + (", is due at {}: {} comes after {}.".format(*job) if job else ".")


def _next_job(number: int | str, *due: int) -> str:
    words = "no other has this benefit" if number == BLANK else f"{number} is next"
    return words + "".join([f", due at {time}" for time in due])


_sentence = partial(Line, open=": ", next="\n", leave="\n")
STYLED = {
    "free": _sentence(
        lambda: "Free places",
        show=lambda *places: ", ".join([f"{free} at time {time}" for time, free in places]) + ".",
    ),
    "job": _sentence(lambda i: f"Job {i}", _job_styled),
    "class": _sentence(lambda benefit: f"Benefit {benefit}", lambda *job: f"{_next_job(*job)}."),
    "slot": _sentence(
        lambda i, time: f"Job {i} at time {time}",
        lambda free: f"{free or 'none'} free. ",
        lambda *left: f"Take one, {left[0]} left." if left else "Not here.",
    ),
    "take": _sentence(
        lambda i: f"Job {i} is taken",
        lambda total, benefit, *job: f"{_next_job(*job)}; the total {total} plus {benefit} ",
        lambda total: f"makes {total}.",
    ),
    "drop": _sentence(
        lambda i: f"Job {i} is dropped", lambda benefit, *job: f"of benefit {benefit}; {_next_job(*job)}.", open=", "
    ),
    "total": _sentence(lambda: "The total", lambda total: f"{total}."),
}
