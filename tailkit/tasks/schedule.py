"""Multi-machine schedule (greedy): the greatest benefit of unit-time jobs with deadlines on x queues.

Length is the number of jobs. A job takes one of the time units 1 … deadline, a time unit takes
one job a queue, and a job that finds no place is left out. The run: the free places of each time
unit are laid out; a class state, from benefit 9 down to 1, prints the jobs of that benefit with
their deadlines and writes the one to begin with; each job searches from its deadline down, one
state a time unit, until one has a free place: then the total grows. At time 0, which has no
place, the job is left out. Deadlines and queues have one digit at every length, so that the
search and the counts of a long problem are of the kind that short ones teach. The places are
between half and one and a half times as many as the jobs (fewer, where 9 queues do not give
them): most problems must leave jobs out.
"""

import re
from collections.abc import Callable
from math import comb
from random import Random
from typing import Any

from tailkit.records import BLANK, Line
from tailkit.tape import Tape
from tailkit.tasks.shelf.equality import same_integer
from tailkit.tasks.shelf.wording import listed

PARADIGM = "greedy"
VERSION = 1
RANGES = {"S": (5, 10), "M": (11, 20), "L": (21, 50)}
NOUNS = ("schedules of {}", "{} job", "{} jobs")
GREATEST = 9  # deadline, benefit, number of queues

_RULE = "Each job takes one time unit, and a job counts only if it runs in one of the units 1 to its deadline."
_JOBS = "jobs, each as number (deadline, benefit): {jobs}"
QUERIES = [
    "Jobs run in parallel queues, one job per queue and time unit. "
    + _RULE
    + " The number of queues is {queues}. The "
    + _JOBS
    + ". What is the greatest total benefit?",
    "unit-time "
    + _JOBS
    + "; parallel queues: {queues}; a job must run in one of the time units 1..deadline to count; maximum total "
    "benefit?",
    "Let each job j take one time unit and have a deadline d_j and a benefit b_j, given as j (d_j, b_j): {jobs}. In "
    "each of the time units 1, 2, 3, ... at most x = {queues} can run; job j earns b_j if it runs in a unit t <= d_j."
    " Determine the maximum of the total benefit.",
    "A workshop can make {queues} of its orders each day. An order pays only if it is made on one of the days 1 to "
    "its deadline. Orders as number (deadline, pay): {jobs}. How much can the workshop earn at most?",
    "Schedule unit jobs greedily by benefit, each into the latest free time unit that its deadline allows; a job "
    "without one is dropped. Units count from 1, places per unit: {queues}. Jobs as number (deadline, benefit): "
    "{jobs}. Which total benefit results?",
    "Some students (their number is {queues}) share homework. Each task takes one student one day and brings its "
    "points only if done on a day from 1 up to its deadline. Tasks as number (deadline, points): {jobs}. What is the "
    "highest possible sum of points?",
    "Given n "
    + _JOBS
    + ", on x={queues} processors, one job per processor and time unit. "
    + _RULE
    + " Return the maximum sum of benefits.",
    "A garage can do {queues} of its repairs per hour. A repair earns its fee if it is done in one of the hours 1 to "
    "its deadline, else nothing. Repairs as number (deadline, fee): {jobs}. What is the maximum income?",
    "Please find the best total benefit of a schedule on parallel queues (one job per queue and time unit). "
    + _RULE
    + " Queues: {queues}. The "
    + _JOBS
    + ".",
    "Choose jobs and give each a time unit between 1 and its deadline, both included, so that no unit gets more than "
    "{queues} of them. Jobs as number (deadline, benefit): {jobs}. What is the largest sum of benefits?",
    "A bakery with an oven for {queues} at a time bakes cakes, an hour each. A cake is sold at its price only if it "
    "is baked in one of the hours 1 to its deadline. Cakes as number (deadline, price): {jobs}. Find the greatest "
    "possible takings.",
    "Show me step by step how to fill the queues with unit-time jobs for the greatest benefit; {queues} can run in "
    "each time unit. " + _RULE + " The " + _JOBS + ". What is that benefit?",
    "Weighted unit-task scheduling, identical machines m = {queues}, time units numbered from 1, tasks as number "
    "(deadline, weight): {jobs}. A task is on time in units up to and including its deadline. Maximum weight of tasks"
    " on time?",
    "A doctor can see {queues} of the waiting patients per hour. A patient can be seen in the hours 1 to a deadline "
    "and has a priority. Patients as number (deadline, priority): {jobs}. What is the greatest total priority of "
    "patients seen?",
    "Teach scheduling with an example. The "
    + _JOBS
    + ". In each time unit {queues} can run. "
    + _RULE
    + " What is the best total benefit?",
    "A print shop prints {queues} of its posters per minute. A poster brings its profit if it is printed in one of "
    "the minutes 1 to its deadline. Posters as number (deadline, profit): {jobs}. Compute the maximum profit.",
    "Exercise: workers take jobs, one per worker and time unit. "
    + _RULE
    + " With workers = {queues}, determine the greatest total benefit. The "
    + _JOBS
    + ".",
    "Up to {queues} of the planned missions can start each week. A mission can start in the weeks 1 to its deadline "
    "and has a value. Missions as number (deadline, value): {jobs}. What total value can be reached at most?",
    "A harbour unloads up to {queues} of the waiting ships on each day, counted from day 1. A ship pays its fee if it"
    " unloads on a day not after its deadline. Ships as number (deadline, fee): {jobs}. How large can the fees be in "
    "total?",
    "Solve for the maximum benefit: x={queues} of the jobs can run in each of the time units 1, 2, ...; each takes "
    "one unit and pays when that is not after its deadline; number (deadline, benefit) of each job: {jobs}.",
    "A film crew can shoot {queues} of its scenes a day. A scene counts if it is shot on one of the days 1 to its "
    "deadline. Scenes as number (deadline, rating): {jobs}. What is the highest sum of ratings?",
    "What is the greatest total benefit of on-time jobs, if {queues} of them can run in each time unit? "
    + _RULE
    + " The "
    + _JOBS
    + ".",
]


def sample(rng: Random, low: int, high: int) -> dict[str, Any]:
    """The number of time units first, then jobs for them, then queues."""
    n = rng.randint(low, high)
    latest = rng.randint(*latest_bounds(n))
    jobs = [[rng.randint(1, latest), rng.randint(1, GREATEST)] for _ in range(n)]
    return {"jobs": jobs, "queues": rng.randint(*queue_bounds(n, latest))}


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


def program(tape: Tape, data: dict[str, Any]) -> None:
    jobs = data["jobs"]
    times = range(max(due for due, _ in jobs) + 1)
    tape.given([TOTAL, *[("free", time) for time in times]], [0, 0, *[data["queues"]] * (len(times) - 1)])
    for number, (due, benefit) in enumerate(jobs, start=1):
        tape.given([("job", number), ("due", number), ("benefit", number)], [number, due, benefit])
    tape.state("free")
    tape.show(*[("free", time) for time in times])
    for benefit in range(GREATEST, 0, -1):
        with tape.macro("benefit class"):
            numbers = [number for number in range(1, len(jobs) + 1) if tape.value(("benefit", number)) == benefit]
            tape.state("class", benefit)
            tape.fetch(*[cell for number in numbers for cell in (("job", number), ("due", number))])
            tape.write(first, ("begin",))
            for number in numbers:
                place(tape, number)
    tape.answer(str, TOTAL)


TOTAL = ("total",)


def first(*jobs: int) -> int | str:
    """The job to begin with, a blank if the class has none; numbers stand before their deadlines."""
    return jobs[0] if jobs else BLANK


def place(tape: Tape, number: int) -> None:
    """Give a job the latest free place at or before its deadline, if there is one."""
    for time in range(tape.value(("due", number)), -1, -1):
        tape.state("slot", number, time)
        if tape.fetch(("free", time)):
            tape.write(one_less, ("free", time))
            tape.state("total")
            tape.fetch(TOTAL, ("benefit", number))
            tape.write(int.__add__, TOTAL)
            break


def one_less(free: int) -> int:
    return free - 1


def _jobs(link: str, separator: str) -> Callable[..., str]:
    """Writes job numbers with their deadlines."""
    return lambda *values: separator.join(
        [f"{number}{link}{due}" for number, due in zip(values[::2], values[1::2], strict=True)]
    )


_compact, _spaced = _jobs("@", ","), _jobs(" due at ", ", ")
CORE = {
    "free": Line(lambda: "free", fetch=None, write=listed(",", "=")),
    "class": Line(str, lambda *jobs: f"{_compact(*jobs)}=", str),
    "slot": Line(
        name=lambda number, time: f"{number},{time}",
        fetch=lambda free: f"{free}=" if free else "0",
        write=lambda *left: "".join(map(str, left)),
    ),
    "total": Line(lambda: "total", lambda total, benefit: f"{total}+{benefit}=", str),
}
STYLED = {
    "free": Line(
        name=lambda: "Free places:",
        fetch=None,
        write=lambda *places: ", ".join([f"{free} at time {time}" for time, free in places]) + ".",
        open=" ",
        leave="\n",
    ),
    "class": Line(
        name=lambda benefit: f"Jobs of benefit {benefit}",
        fetch=lambda *jobs: f"{_spaced(*jobs)}. ",
        write=lambda number: "no job." if number == BLANK else f"Begin with {number}.",
        open=": ",
        next="\n",
        leave="\n",
    ),
    "slot": Line(
        name=lambda number, time: f"Job {number} at time {time}",
        fetch=lambda free: f"{free or 'none'} free. ",
        write=lambda *left: f"Take one, {left[0]} left." if left else "Not here.",
        open=": ",
        next="\n",
        leave="\n",
    ),
    "total": Line(
        name=lambda: "The total:",
        fetch=lambda total, benefit: f"{total} plus {benefit} ",
        write=lambda total: f"makes {total}.",
        open=" ",
        leave="\n",
    ),
}
