"""Functions that hide loops: with --allow-hidden each is one state."""


def sorts(xs: list[int], k: int) -> int:
    ys = sorted(xs)
    zs = xs[1:] + ys
    if k in xs:
        return zs[0]
    return ys[-1] + len(zs)


def builds(s: str) -> str:
    out = ""
    for c in s:
        out = out + c
    return out + s[::-1]


def filtered(xs: list[int]) -> list[int]:
    large = xs[:2] + [x for x in xs if x > 20]
    return sorted(large)


def powers(n: int, k: int) -> int:
    return n**k + len(str(n))


def same(xs: list[int], ys: list[int]) -> bool:
    return xs == ys or xs[0] == min(ys)


def words(s: str) -> int:
    parts = s.replace("a", " ").split()
    return len(parts) + s.count("b")


def over_sorted(xs: list[int]) -> int:
    n = 0
    for x in sorted(xs):
        n = n * 2 % 97 + x
    return n


def over_a_slice(xs: list[int]) -> int:
    n = 0
    for x in xs[1:]:
        n += x
    for i, x in enumerate(xs):
        n += i * x
    return n


def over_parts(s: str) -> int:
    n = 0
    for w in s.split("a"):
        n += len(w)
    for c in s[::-1]:
        n = n * 3 % 101 + ord(c)
    for c in s.upper():
        n = n * 3 % 101 + ord(c)
    return n


def folds_a_sum_of_lists(xs: list[int]) -> int:
    return min(x for x in xs if x > -1) + max(xs[1:] + [3])
