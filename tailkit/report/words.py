"""Numbers and lengths in words, as a task calls them.

In: a task's nouns, bounds, shares. Out: phrases such as "8–10 digits".
"""

from collections.abc import Iterable
from decimal import Decimal

from tailkit.records import Bounds, Nouns


def span(bounds: Bounds) -> str:
    """Bounds as they are printed: 8–10, or 8 where both are the same."""
    low, high = bounds
    return f"{low}–{high}" if low != high else str(low)


def length(nouns: Nouns, *bounds: Bounds) -> str:
    """Lengths with their unit: "8–10 digits", "1 digit", "2–5 and 8–10 digits"."""
    spans = " and ".join(map(span, bounds))
    return (nouns.one if spans == "1" else nouns.many).replace("{}", spans)


def problems(nouns: Nouns, bounds: Bounds) -> str:
    """Problems of these lengths: "sums of 8–10 digits"."""
    return nouns.problems.replace("{}", length(nouns, bounds))


def axis(nouns: Nouns) -> str:
    """What an axis of lengths is called: "length n (digits)"."""
    unit = " ".join(nouns.many.replace("{}", "").split())
    return "length n" if unit in ("", "length") else f"length n ({unit})"


def joined(bounds: Iterable[Bounds]) -> list[Bounds]:
    """Bounds in rising order; those that overlap or touch are one."""
    done: list[Bounds] = []
    for low, high in sorted(bounds):
        if done and low <= done[-1][1] + 1:
            done[-1] = (done[-1][0], max(high, done[-1][1]))
        else:
            done.append((low, high))
    return done


def percent(share: float) -> str:
    """A share of 0 … 1 in percent; only nothing is 0.0, only all is 100.0."""
    shown = f"{100 * share:.1f}"
    if shown == "0.0" and share > 0:
        return "< 0.1"
    return "> 99.9" if shown == "100.0" and share < 1 else shown


def interval(low: float, high: float) -> str:
    """An interval of shares, in percent."""
    return f"{100 * low:.1f}–{100 * high:.1f}"


def duration(seconds: float) -> str:
    """Seconds as one would say them: 48 s, 3 min 20 s, 2 h 5 min."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def size(count: int) -> str:
    """Bytes in the unit that suits them: 812 kB, 5.3 MB, 12.0 GB."""
    unit, name = next(
        (unit, name) for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if count >= unit or unit < 1e6
    )
    return f"{count / unit:.1f} {name}" if unit > 1e3 else f"{count / unit:.0f} {name}"


def number(value: float) -> str:
    """A number as on an axis: 0.05, 1,500 or, beyond six places, 10⁻⁷ and 2×10¹¹."""
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        return f"{value:,.10g}".replace("-", "−")
    # Not as a float: a count of problems may be greater than any.
    mantissa, exponent = f"{Decimal(value):.2e}".split("e")
    power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    factor = mantissa.rstrip("0").rstrip(".").replace("-", "−")
    return {"1": f"10{power}", "−1": f"−10{power}"}.get(factor, f"{factor}×10{power}")
