"""Euclid's algorithm (iteration)."""

CONSTRAINTS = ["b > 0"]
PARADIGM = "iteration"


def gcd(a: int, b: int) -> int:
    """Find the greatest common divisor of {a} and {b}."""
    while b:
        a, b = b, a % b
    return a
