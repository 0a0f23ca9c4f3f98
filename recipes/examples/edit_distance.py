"""The edit distance of two words (dynamic programming), a row of the table at a time."""

PARADIGM = "dynamic programming"


def edit_distance(s: str, t: str) -> int:
    """How many letters must be inserted, deleted or replaced to make {t} of {s}?"""
    row = list(range(len(t) + 1))
    for i, a in enumerate(s):
        corner = row[0]
        row[0] = i + 1
        for j, b in enumerate(t):
            here = corner if a == b else 1 + min(corner, row[j], row[j + 1])
            corner = row[j + 1]
            row[j + 1] = here
    return row[-1]
