"""Insertion sort (sorting): the list itself is changed, and returned."""

PARADIGM = "sorting"


def insertion_sort(xs: list[int]) -> list[int]:
    """Sort {xs} in ascending order."""
    for i in range(1, len(xs)):
        x = xs[i]
        j = i - 1
        while j >= 0 and xs[j] > x:
            xs[j + 1] = xs[j]
            j -= 1
        xs[j + 1] = x
    return xs
