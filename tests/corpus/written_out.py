"""Functions whose hidden loops are written out."""


def zeros(n: int) -> list[int]:
    xs = [0] * (n % 5 + 1)
    xs[-1] = 3
    return xs


def two_times(n: int) -> list[int]:
    xs = n % 4 * [1, n]
    return xs


def table_of(n: int, m: int) -> int:
    n, m = n % 4 + 1, m % 4 + 1
    paths = [[1] * m for _ in range(n)]
    for i in range(1, n):
        for j in range(1, m):
            paths[i][j] = paths[i - 1][j] + paths[i][j - 1]
    return paths[n - 1][m - 1]


def same_rows(n: int) -> list[list[int]]:
    rows = [[0] * 2] * (n % 3 + 1)
    rows[0][0] = 4
    return rows


def squares(xs: list[int]) -> list[int]:
    x = 5
    ys = [x * x for x in xs if x % 2 == 0 if x > 3]
    ys.append(x)
    return ys


def itself(xs: list[int]) -> list[int]:
    xs = [x + 1 for x in xs]
    return xs


def sums(xs: list[int]) -> int:
    return sum(xs) // len(xs) + sum(x * x for x in xs) % 7


def extremes(xs: list[int]) -> int:
    low, high = min(xs), max(x - 1 for x in xs)
    return high - low


def all_small(xs: list[int]) -> bool:
    return all(x < 90 for x in xs)


def any_large(xs: list[int]) -> bool:
    found = any(x > 80 for x in xs)
    return found


def items_of(table: dict[str, int]) -> int:
    total = 0
    for key, value in table.items():
        if key != "a":
            total += value
    for value in table.values():
        total -= value // 2
    return total


def extended(xs: list[int], ys: list[int]) -> list[int]:
    xs.extend(ys)
    xs += [1, len(ys)]
    return xs


def characters(s: str) -> list[str]:
    cs = list(s)
    i, j = 0, len(cs) - 1
    while i < j:
        cs[i], cs[j] = cs[j], cs[i]
        i += 1
        j -= 1
    return cs


def counted(n: int) -> int:
    return len(list(range(n % 7))) + max(n, 3, 5)


def sieve(n: int) -> list[int]:
    n = n % 30 + 2
    prime = [True] * n
    for p in range(2, n):
        if prime[p]:
            for multiple in range(p * p, n, 1):
                if multiple % p == 0:
                    prime[multiple] = False
    return [p for p in range(2, n) if prime[p]]


def pairs_of(n: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(n % 4) for j in range(i) if i != j + 1]


def pascal(n: int) -> list[list[int]]:
    rows = [[1]]
    for _ in range(n % 5):
        last = rows[-1]
        rows.append([1])
        for i in range(len(last) - 1):
            rows[-1].append(last[i] + last[i + 1])
        rows[-1].append(1)
    return rows


def primes_by_steps(n: int) -> list[int]:
    n %= 25
    prime = [True] * (n + 1)
    p = 2
    while p * p <= n:
        if prime[p]:
            for multiple in range(p * p, n + 1, p):
                prime[multiple] = False
        p += 1
    return [i for i in range(2, n + 1) if prime[i]]


def queens_placed(n: int) -> int:
    n = n % 4 + 1
    return placed([-1] * n, 0, n)


def placed(board: list[int], row: int, n: int) -> int:
    if row == n:
        return 1
    count = 0
    for col in range(n):
        if all(board[r] != col and abs(board[r] - col) != row - r for r in range(row)):
            board[row] = col
            count += placed(board, row + 1, n)
    return count


def set_and_dict(xs: list[int]) -> dict[int, int]:
    odd = {x % 10 for x in xs if x % 2}
    counts = {x: 0 for x in odd_or_even(xs)}
    for x in xs:
        counts[x % 4] += len(odd)
    return counts


def odd_or_even(xs: list[int]) -> list[int]:
    return [x % 4 for x in xs]


def set_of_list(xs: list[int], s: str) -> int:
    seen = set(xs)
    return len(seen) * 10 + len(set(s)) + sum(x in seen for x in range(20))


def adds_lists(xs: list[int]) -> list[int]:
    out = [1]
    for place, x in enumerate(xs):
        out += [place] * (x % 3)
        out += [x + y for y in xs if y > x]
        if len(out) < 9:
            out.extend([len(xs)] * 2)
            out.extend([y for y in xs if y % 2])
    return out
