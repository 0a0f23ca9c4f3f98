"""Functions in which the order of things counts."""

TABLE = [3, 1, 2]
NAMES = {"a": 1}


def bound_changes(n: int) -> int:
    n = n % 5 + 2
    total = 0
    for i in range(n):
        n -= 1
        total += n * i
    return total


def list_is_replaced(xs: list[int]) -> int:
    total = 0
    for x in xs:
        xs = [x, x]
        total += x + xs[0]
    return total


def two_new(n: int) -> int:
    xs, ys = [], [n]
    zs = us = [n, 2]
    xs.append(1)
    zs.append(len(ys))
    return len(xs) + len(us) * 10


def target_first(xs: list[int]) -> list[int]:
    i = 0
    xs[i], i = i + 40, len(xs) - 1
    xs[i] += i
    return xs


def either_call(n: int, k: int) -> int:
    if small(n) or small(k) and not small(n + k):
        return small(n) or odd_part(k)
    return odd_part(n) and small(k) or n


def small(n: int) -> bool:
    return n % 10 < 4


def odd_part(n: int) -> int:
    while n > 0 and n % 2 == 0:
        n //= 2
    return n


def groups(s: str) -> dict[str, list[int]]:
    places = {}
    for i, c in enumerate(s):
        key = "vowel" if c in "aeiou" else "other"
        if key not in places:
            places[key] = []
        places[key].append(i)
    return places


def nested_targets(n: int) -> int:
    (a, b), c = (n, n + 1), 3
    for i, (x, y) in enumerate([(a, b), (b, c)]):
        c += x * y - i
    return c


def condition_in_index(xs: list[int], k: int) -> int:
    return xs[0 if k % 2 else len(xs) - 1]


def formatted(n: int, width: int) -> str:
    width %= 8
    return f"{n:0{width}d}|{n!r}"


def reads_constants(n: int) -> int:
    total = 0
    for x in TABLE:
        total += x * n
    return total + TABLE[n % 3] + len(TABLE) + NAMES["a"]


def pending_get(s: str) -> int:
    seen = {}
    for c in s:
        seen[c] = seen.get(c, 0) + weight(c)
    return seen[s[0]]


def weight(c: str) -> int:
    return ord(c) - 96 if c < "m" else 1


def none_at_first(xs: list[int]) -> int:
    best = None
    for x in xs:
        if best is None:
            best = x
        elif x < best:
            best = x
        else:
            pass
    return best


def break_inner(n: int) -> int:
    n = n % 6
    found = 0
    for i in range(n):
        for j in range(n):
            if i * j > 4:
                break
            if j == 3:
                continue
            found += i + j
        else:
            found += 100
    return found


def swaps_by_index(xs: list[int]) -> list[int]:
    n = len(xs)
    for i in range(n):
        j = (i * 3) % n
        xs[i], xs[j] = xs[j], xs[i]
        xs[i], xs[j] = xs[j], xs[i] + 1
    return xs


def digits(n: int) -> int:
    total = 0
    for c in str(n):
        total += int(c) if c.isdigit() else 0
    return total


def tuple_loop(n: int) -> int:
    total = 0
    for step in (1, 5, n % 3):
        total = total * 2 + step
    for a, b in ((1, 2), (3, 4)):
        total += a * b
    return total


def keys_of_pairs(n: int) -> int:
    seen = {}
    n %= 4
    for i in range(n):
        for j in range(n):
            seen[i, j] = i * j
            seen[(j, i)] = seen.get((i, j), 0) + 1
    return len(seen) + (7 if (1, 1) in seen else 0)


def set_of_pairs(n: int) -> int:
    seen = set()
    x = y = 0
    for _ in range(n % 9):
        seen.add((x, y))
        x, y = (x + 1) % 3, (y + x) % 2
    return len(seen)


def recursion_with_lists(xs: list[int]) -> int:
    if len(xs) < 2:
        return xs[0]
    left = []
    right = []
    for i, x in enumerate(xs):
        if i % 2:
            left.append(x)
        else:
            right.append(x)
    return recursion_with_lists(left) - recursion_with_lists(right)


def deep_tuple(xs: list[int]) -> tuple[int, tuple[int, str]]:
    return len(xs), (xs[0], "x")


def list_and_number(xs: list[int]) -> tuple[list[int], int]:
    ys = [xs[0], 5]
    return ys, len(xs)


def or_of_or(n: int, k: int) -> int:
    n %= 2
    x = ((n or k) or n) + (n and (k or 5))
    return x - (n == 1 and k or 7)


def never_divided(n: int) -> int:
    x = 6 // (0 or 3)
    if 1 // (1 and 2) == 1:
        x = n
    return x


INFINITY = 10**9
PRIME = 10**9 + 7
SIZE = 5 * 2 - 1
LEAST = -float("inf")


def step_varies(n: int, m: int) -> list[int]:
    seen = []
    for step in (1 + n % 3, -1 - m % 4):
        for i in range(n, m, step):
            if len(seen) < 12:
                seen.append(i)
            step = 0
    return seen


def unclear_at_first(n: int) -> list[list[int]]:
    triangle = []
    for i in range(n % 6 + 1):
        row = [1] * (i + 1)
        for j in range(1, i):
            row[j] = triangle[i - 1][j - 1] + triangle[i - 1][j]
        triangle.append(row)
    return triangle


def told_by_annotation(xs: list[int]) -> int:
    rows: list[list[int]] = []
    best: int = 0
    for x in xs:
        if len(rows) > 2:
            best = max(best, rows[len(rows) - 1][0])
        rows.append([x, best])
    return best


def counted_pairs(a: list[int], b: list[int]) -> int:
    total = 0
    for i, (x, y) in enumerate(zip(a, b)):
        total += i * x - y
    for i, (x, y) in enumerate(zip(a, b), 3):
        total -= i + x * y
    return total


def infinities(xs: list[int]) -> list[int]:
    least, most, other = float("inf"), LEAST, INFINITY
    for x in xs:
        least, most, other = min(least, x), max(most, x), min(other, x + 1)
    return [least, most, other]


def remainders(n: int, e: int) -> int:
    made = 1
    for _ in range(e % SIZE):
        made = made * (n + 10**4 - 1) % PRIME
    return min(made, 2**31 - 1)


def by_keyword_alone(n: int) -> int:
    return scaled_by(n) + scaled_by(n, 2) + scaled_by(plus=1, n=n, times=scaled_by(n % 5, plus=0))


def scaled_by(n: int, times: int = 3, *, plus: int = 1) -> int:
    return n * times - plus


def perhaps(xs: list[int], k: int | None = None) -> int:
    if k is None:
        k = 2
    return xs[0] * k


def remembered(n: int, memo: dict[int, int] | None = None) -> int:
    if memo is None:
        memo = {}
    if n % 20 < 2:
        return n
    if n % 20 in memo:
        return memo[n % 20]
    memo[n % 20] = remembered(n % 20 - 1, memo) + remembered(n % 20 - 2, memo)
    return memo[n % 20]


def between(xs: list[int], x: int, lo: int = 0, hi: int | None = None) -> int:
    if hi is None:
        hi = len(xs)
    while lo < hi and xs[lo] != x:
        lo += 1
    return lo


def gathered(a: int, seen: list[int] | None = None) -> list[int]:
    if seen is None:
        seen = []
    while a:
        seen.append(a % 10)
        a //= 10
    return seen


def accumulated(n: int, total: int = 1) -> int:
    if n < 2:
        return total
    return accumulated(n // 2, total * n % 1000)


def with_letters(s: str, which: str = "aeiou", *, pair: tuple[int, int] = (1, 2)) -> int:
    count = pair[0]
    for x in s:
        for v in which:
            if v == x:
                count += pair[1]
    return count


def swaps_in_a_table(g: list[list[int]]) -> list[list[int]]:
    g[0][0], g[-1][0] = g[-1][0], g[0][0]
    return g
