"""Functions that cannot be recorded; each names the line, counted from its def, and what the message holds."""

import math
import random
from collections import deque

total = 0
CHANGES = [1]


def prints(n: int) -> int:  # 1: print
    print(n)
    return n


def draws(n: int) -> int:  # 1: imported
    return random.randint(0, n)


def changes_global(n: int) -> int:  # 1: global
    global total
    total += n
    return total


def root(n: int) -> int:  # 1: math
    return math.isqrt(n)


def divides(n: int) -> int:  # 1: //
    return n / 2


def slices(xs: list[int]) -> int:  # 2: slice
    y = 1
    return len(xs[y:])


def sorts(xs: list[int]) -> int:  # 1: sorted
    return sorted(xs)[0]


def methods(xs: list[int]) -> list[int]:  # 1: sort
    xs.sort()
    return xs


def membership(xs: list[int], x: int) -> bool:  # 1: x in xs hides a loop
    return x in xs and x > 0 or x == x + xs[0]


def builds(s: str) -> str:  # 3: +
    out = s
    for c in s:
        out = out + c
    return out


def catches(n: int) -> int:  # 1: exceptions
    try:
        return 1 // n
    except ZeroDivisionError:
        return 0


def asserts(n: int) -> int:  # 1: assert
    assert n
    return n


def inner(n: int) -> int:  # 1: inside a function
    def double(x: int) -> int:
        return 2 * x

    return double(n)


def anonymous(n: int) -> int:  # 1: lambda
    return (lambda x: x + 1)(n)


def generates(n: int) -> int:  # 1: generator
    yield n


def walrus(n: int) -> int:  # 1: :=
    if (m := n % 3) > 1:
        return m
    return n


def mixed(n: int) -> int:  # 3: a string
    x = 1
    if n > 3:
        x = "many"
    return n


def pops_first(xs: list[int]) -> int:  # 1: moves all
    return xs.pop(0)


def loops_over_set(xs: set[int]) -> int:  # 2: no order
    result = 0
    for x in xs:
        result = result * 2 + x
    return result


def compares_lists(xs: list[int], ys: list[int]) -> bool:  # 1: comparison
    return xs == ys


def power(n: int, k: int) -> int:  # 1: **
    return n**k


def undefined(n: int) -> int:  # 1: nowhere
    return n + missing  # noqa: F821


def joins(xs: list[str]) -> str:  # 1: join
    return "".join(xs)


def deletes(xs: list[int]) -> list[int]:  # 1: del
    del xs[0]
    return xs


def no_hint(n) -> int:  # 0: type hint
    return n


def strange_hint(n: float) -> int:  # 0: type hint
    return 1


def starred(*xs: int) -> int:  # 0: args
    return 1


def order(xs: list[int]) -> list[int]:  # 2: earlier one
    i = 0
    i, xs[i] = 1, 2
    return xs


def reads_before_call(xs: list[int]) -> int:  # 1: may change
    return xs[0] + takes(xs)


def takes(xs: list[int]) -> int:
    xs[0] = 5
    return 1


def empty_loop(n: int) -> int:  # 1: nothing in it
    while True:
        pass
    return n


def kept_float(n: int) -> int:  # 1: whole number
    x = 1.5
    return n if x > 1 else 0


def not_a_condition(xs: list[int]) -> int:  # 1: comprehension
    return len({x for x in xs if x > 3}) if xs else 0


def format_of_list(xs: list[int]) -> str:  # 1: f-string
    return f"{xs}"


def grows(n: int) -> str:  # 3: grows
    out = ""
    while n > 0:
        out += "a"
        n -= 1
    return out


def changes_constant(n: int) -> int:  # 1: constant of the file
    CHANGES[0] = n
    return CHANGES[0]


def hands_on_constant(n: int) -> int:  # 1: handed on
    xs = CHANGES
    return xs[0] + n


def imports(xs: list[int]) -> int:  # 1: queue[front]
    queue = deque(xs)
    return len(queue)


def defaults(xs: list[int]) -> int:  # 2: if k not in d
    groups: dict[int, list[int]] = {}
    groups.setdefault(xs[0], []).append(1)
    return len(groups)


def unclear(n: int) -> int:  # 2: xs: list[list[int]]
    rows = []
    return rows[n][0]


def zero_step(n: int) -> int:  # 1: not 0
    for i in range(0, n, 0):
        return i
    return n


def copies(xs: list[int]) -> list[int]:  # 1: list(xs)
    ys = xs[:]
    return ys


def enumerates_reversed(s: str) -> int:  # 1: reversed(range
    for i, c in enumerate(reversed(s)):
        if c == "a":
            return i
    return -1


def two_calls(n: int) -> int:  # 1: Append
    return with_list([0] * (n % 3 + 1), in_two([0] * 2)) + with_list([n] * 2, n)


def with_list(xs: list[int], n: int) -> int:
    return len(xs) + n


def in_two(xs: list[int]) -> int:
    xs.append(3)
    return len(xs)


def counts_letter(letter: str, text: str) -> int:  # 3: letter[0]
    count = 0
    for c in text:
        count += c == letter
    return count


def a_tower(n: int) -> int:  # 1: 9 ** 387420489 makes numbers
    for i in range(9**9**9):
        if i > n:
            return i
    return 0


def a_shift(n: int) -> int:  # 1: 1 << 1000000000 makes numbers
    return n % (1 << 10**9)


def far(n: int) -> int:  # 1: makes numbers of very many digits
    return (n << 99999999999) % 7


def farther(n: int) -> int:  # 1: makes numbers of very many digits
    n <<= 99999999999
    return n % 7


def extends_itself(xs: list[int]) -> list[int]:  # 2: extend
    ys = xs
    xs.extend(ys)
    return xs


def adds_itself(xs: list[int]) -> list[int]:  # 2: hides a loop
    ys = xs
    ys += [x for x in xs]
    return xs


def gives_a_function(a: int) -> int:  # 1: print cannot be recorded as a value
    return print


def gives_a_name(a: int) -> str:  # 1: __name__ cannot be recorded as a value
    return __name__


def sum(xs: list[int]) -> int:  # 0: sum is the name of a built-in function
    return xs[0]


def looks_up_a_text(d: dict[str, int], k: str) -> int:  # 1: a string argument
    return d.get(k, 0)


A, B = 1, 2


def reads_a_pair(a: int) -> int:  # 1: A is no literal, or changes
    return a + A * B


def over_sorted(xs: list[int]) -> int:  # 2: sorted() hides a loop
    n = 0
    for x in sorted(xs):
        n += x
    return n


def indexes_what_changed(xs: list[int]) -> list[int]:  # 1: earlier one
    xs[0], xs[xs[0] % 2] = 1, 2
    return xs


def maps(n: int) -> int:  # 1: map() hides a loop
    return len(list(map(int, str(n))))
