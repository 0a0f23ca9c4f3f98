"""Long division digit by digit: no state computes with more than a few digits, whatever the numbers.

In: dividend and divisor as text. Out: the program, its macro steps and its wordings, for a task to take.
The points are shifted until the divisor is whole. Then the multiples of the divisor are worked out, and for
each digit of the quotient the largest is looked for that goes into what is left, and taken away from it.
"""

from tailkit.tasks.shelf.long_division.program import PLACES, STATES, TRIALS, macros, quotient_of, start
from tailkit.tasks.shelf.long_division.wording import CORE, STYLED

__all__ = ["CORE", "PLACES", "STATES", "STYLED", "TRIALS", "macros", "quotient_of", "start"]
