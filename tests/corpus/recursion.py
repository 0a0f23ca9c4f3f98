"""Functions that call themselves, and tables."""


def fib(n: int) -> int:
    n = n % 8
    return fib_of(n)


def fib_of(n: int) -> int:
    if n < 2:
        return n
    return fib_of(n - 1) + fib_of(n - 2)


def fact(n: int) -> int:
    return 1 if n <= 1 else n % 6 * fact(n % 6 - 1)


def hanoi(n: int) -> int:
    moves = []
    move(n % 4 + 1, "a", "b", "c", moves)
    return len(moves)


def move(n: int, start: str, spare: str, goal: str, moves: list[str]) -> None:
    if n == 0:
        return
    move(n - 1, start, goal, spare, moves)
    moves.append(f"{start}{goal}")
    move(n - 1, spare, start, goal, moves)


def memo_fib(n: int) -> int:
    return remember(n % 12, {})


def remember(n: int, memo: dict[int, int]) -> int:
    if n in memo:
        return memo[n]
    if n < 2:
        result = n
    else:
        result = remember(n - 1, memo) + remember(n - 2, memo)
    memo[n] = result
    return result


def is_even(n: int) -> bool:
    n %= 7
    return even(n)


def even(n: int) -> bool:
    return True if n == 0 else odd(n - 1)


def odd(n: int) -> bool:
    return False if n == 0 else even(n - 1)


def binomial(n: int, k: int) -> int:
    n, k = n % 6, k % 6
    return choose(n, k)


def choose(n: int, k: int) -> int:
    if k == 0 or k == n:
        return 1
    if k > n:
        return 0
    return choose(n - 1, k - 1) + choose(n - 1, k)


def subsets(n: int) -> list[list[int]]:
    out = []
    take(0, n % 4, [], out)
    return out


def take(i: int, n: int, now: list[int], out: list[list[int]]) -> None:
    if i == n:
        copy = []
        for x in now:
            copy.append(x)
        out.append(copy)
        return
    take(i + 1, n, now, out)
    now.append(i)
    take(i + 1, n, now, out)
    now.pop()


def queens(n: int) -> int:
    columns = []
    return place(0, n % 4 + 1, columns)


def place(row: int, n: int, columns: list[int]) -> int:
    if row == n:
        return 1
    found = 0
    for column in range(n):
        if safe(row, column, columns):
            columns.append(column)
            found += place(row + 1, n, columns)
            columns.pop()
    return found


def safe(row: int, column: int, columns: list[int]) -> bool:
    for r in range(row):
        if columns[r] == column or abs(columns[r] - column) == row - r:
            return False
    return True


def knapsack(weights: list[int], values: list[int], room: int) -> int:
    return best_from(weights, values, 0, room)


def best_from(weights: list[int], values: list[int], i: int, room: int) -> int:
    if i == len(weights) or i == len(values):
        return 0
    without = best_from(weights, values, i + 1, room)
    if weights[i] > room:
        return without
    return max(without, values[i] + best_from(weights, values, i + 1, room - weights[i]))


def levenshtein(s: str, t: str) -> int:
    """What is the edit distance of {s} and {t}?"""
    row = []
    for j in range(len(t) + 1):
        row.append(j)
    for i in range(1, len(s) + 1):
        before = row
        row = [i]
        for j in range(1, len(t) + 1):
            if s[i - 1] == t[j - 1]:
                row.append(before[j - 1])
            else:
                row.append(1 + min(before[j - 1], min(before[j], row[j - 1])))
    return row[-1]


def lcs_length(s: str, t: str) -> int:
    table = []
    for i in range(len(s) + 1):
        line = []
        for j in range(len(t) + 1):
            line.append(0)
        table.append(line)
    for i, a in enumerate(s):
        for j, b in enumerate(t):
            if a == b:
                table[i + 1][j + 1] = table[i][j] + 1
            else:
                table[i + 1][j + 1] = max(table[i][j + 1], table[i + 1][j])
    return table[len(s)][len(t)]


def coins(n: int) -> int:
    n %= 12
    ways = [1]
    for _ in range(n):
        ways.append(0)
    for coin in (1, 2, 5):
        for value in range(coin, n + 1):
            ways[value] += ways[value - coin]
    return ways[n]


def row_sums(grid: list[list[int]]) -> list[int]:
    """Add up each row of {grid}."""
    out = []
    for row in grid:
        total = 0
        for x in row:
            total += x
        out.append(total)
    return out


def swap_rows(grid: list[list[int]]) -> list[list[int]]:
    grid[0], grid[-1] = grid[-1], grid[0]
    grid[0][0] += 1
    return grid


def reachable(n: int) -> int:
    edges = {0: [1, 2], 1: [3], 2: [3], 3: [0]}
    seen = {n % 4}
    waiting = [n % 4]
    while waiting:
        node = waiting.pop()
        for other in edges[node]:
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return len(seen)


def breadth_first(edges: list[list[int]]) -> list[int]:
    distance = [0]
    for _ in range(len(edges) - 1):
        distance.append(-1)
    queue, head = [0], 0
    while head < len(queue):
        node = queue[head]
        head += 1
        for other in edges[node]:
            other %= len(edges)
            if distance[other] < 0:
                distance[other] = distance[node] + 1
                queue.append(other)
    return distance


def keys_of(table: dict[str, int]) -> int:
    total = 0
    for key in table:
        if table[key] > 20 and key != "a":
            total += table[key]
    return total


def in_set(xs: set[int], x: int) -> bool:
    return x in xs


def tuple_of(p: tuple[int, int], q: tuple[int, int]) -> tuple[int, int]:
    x, y = p
    return x + q[0], y + q[1]


def nested_calls(n: int) -> int:
    return fib_of(fib_of(n % 5)) + choose(fib_of(3), 1)


def call_in_test(n: int) -> int:
    count = 0
    while fib_of(count) < n % 10 and not even(count + 1 - count):
        count += 1
    return count
