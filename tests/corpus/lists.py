"""Functions of lists."""


def bubble_sort(xs: list[int]) -> list[int]:
    """Sort {xs}."""
    for i in range(len(xs)):
        for j in range(len(xs) - 1 - i):
            if xs[j] > xs[j + 1]:
                xs[j], xs[j + 1] = xs[j + 1], xs[j]
    return xs


def insertion_sort(xs: list[int]) -> list[int]:
    for i in range(1, len(xs)):
        x = xs[i]
        j = i - 1
        while j >= 0 and xs[j] > x:
            xs[j + 1] = xs[j]
            j -= 1
        xs[j + 1] = x
    return xs


def selection_sort(xs: list[int]) -> list[int]:
    n = len(xs)
    for i in range(n - 1):
        least = i
        for j in range(i + 1, n):
            if xs[j] < xs[least]:
                least = j
        if least != i:
            xs[i], xs[least] = xs[least], xs[i]
    return xs


def quick_sort(xs: list[int]) -> list[int]:
    sort_part(xs, 0, len(xs) - 1)
    return xs


def sort_part(xs: list[int], low: int, high: int) -> None:
    if low >= high:
        return
    at = partition(xs, low, high)
    sort_part(xs, low, at - 1)
    sort_part(xs, at + 1, high)


def partition(xs: list[int], low: int, high: int) -> int:
    pivot = xs[high]
    i = low
    for j in range(low, high):
        if xs[j] <= pivot:
            xs[i], xs[j] = xs[j], xs[i]
            i += 1
    xs[i], xs[high] = xs[high], xs[i]
    return i


def merge(xs: list[int], ys: list[int]) -> list[int]:
    merged = []
    i = j = 0
    while i < len(xs) and j < len(ys):
        if xs[i] <= ys[j]:
            merged.append(xs[i])
            i += 1
        else:
            merged.append(ys[j])
            j += 1
    while i < len(xs):
        merged.append(xs[i])
        i += 1
    while j < len(ys):
        merged.append(ys[j])
        j += 1
    return merged


def binary_search(xs: list[int], x: int) -> int:
    low, high = 0, len(xs)
    while low < high:
        middle = (low + high) // 2
        if xs[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


def largest(xs: list[int]) -> int:
    best = xs[0]
    for x in xs:
        if x > best:
            best = x
    return best


def second_largest(xs: list[int]) -> int:
    first = second = None
    for x in xs:
        if first is None or x > first:
            first, second = x, first
        elif second is None or x > second:
            second = x
    return -1 if second is None else second


def total(xs: list[int]) -> int:
    result = 0
    for x in xs:
        result += x
    return result


def total_of(xs: list[int], i: int) -> int:
    if i >= len(xs):
        return 0
    return xs[i] + total_of(xs, i + 1)


def dot(xs: list[int], ys: list[int]) -> int:
    result = 0
    for x, y in zip(xs, ys):
        result += x * y
    return result


def index_of(xs: list[int], x: int) -> int:
    for i, y in enumerate(xs):
        if y == x:
            return i
    return -1


def enumerate_from(xs: list[int]) -> int:
    result = 0
    for i, x in enumerate(xs, start=1):
        result += i * x
    return result


def maximum_subarray(xs: list[int]) -> int:
    best = here = xs[0] - 50
    for i in range(1, len(xs)):
        here = max(here + xs[i] - 50, xs[i] - 50)
        best = max(best, here)
    return best


def reverse_in_place(xs: list[int]) -> list[int]:
    i, j = 0, len(xs) - 1
    while i < j:
        xs[i], xs[j] = xs[j], xs[i]
        i, j = i + 1, j - 1
    return xs


def last_of(xs: list[int]) -> int:
    return xs[-1] + xs[0]


def alias(xs: list[int]) -> list[int]:
    ys = xs
    ys[0] = 7
    ys.append(8)
    zs = ys
    zs[len(xs) - 1] += 1
    return xs


def stack(xs: list[int]) -> int:
    waiting = []
    for x in xs:
        if x % 3 == 0 and waiting:
            waiting.pop()
        else:
            waiting.append(x)
    result = 0
    while waiting:
        top = waiting.pop()
        result = result * 2 + top
    return result % 1000


def grows_while_read(xs: list[int]) -> int:
    count = 0
    for x in xs:
        count += 1
        if x > 50 and len(xs) < 12:
            xs.append(x - 40)
    return count


def rows(n: int) -> list[list[int]]:
    table = []
    for i in range(n % 4 + 1):
        row = []
        for j in range(i + 1):
            row.append(i * j)
        table.append(row)
    return table


def aliased_rows(n: int) -> list[list[int]]:
    row = [n, n + 1]
    table = [row, row]
    table[0][1] = 5
    row[0] = 6
    return table


def pairs(xs: list[int]) -> list[tuple[int, int]]:
    found = []
    for i in range(len(xs)):
        for j in range(i + 1, len(xs)):
            if xs[i] > xs[j]:
                found.append((i, j))
    return found


def unpacked(xs: list[int]) -> int:
    waiting = [(0, len(xs))]
    best = 0
    while waiting:
        low, high = waiting.pop()
        if high - low == 1:
            best = max(best, xs[low])
        elif high > low:
            middle = (low + high) // 2
            waiting.append((low, middle))
            waiting.append((middle, high))
    return best


def rotate(xs: list[int], k: int) -> list[int]:
    n = len(xs)
    out = []
    for i in range(n):
        out.append(xs[(i + k) % n])
    return out


def two_sum(xs: list[int], target: int) -> tuple[int, int]:
    seen = {}
    for i, x in enumerate(xs):
        if target - x in seen:
            return seen[target - x], i
        seen[x] = i
    return -1, -1


def median_of_tuple(xs: tuple[int, ...]) -> int:
    total_so_far = 0
    for x in xs:
        total_so_far += x
    return total_so_far // len(xs)


def shadowed(xs: list[int]) -> int:
    max = 0
    for x in xs:
        if x > max:
            max = x
    return max


def negative_index(xs: list[int]) -> int:
    i = len(xs) - 1
    count = 0
    while i >= -1:
        count += 1
        i -= 1
    return xs[-1] + count


def spans_lines(xs: list[int]) -> int:
    result = (
        xs[0]
        + len(xs)
    )
    return result


def pops_in_expressions(xs: list[int]) -> int:
    result = 1
    while len(xs) > 1 and xs.pop() != 50:
        result += xs.pop() * 2 - result
        if not xs or xs.pop() > result:
            return result
    return result


def returns_popped(xs: list[int]) -> int:
    return xs.pop()
