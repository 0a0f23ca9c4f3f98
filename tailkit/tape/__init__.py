"""The tape: the memory that a program runs against, the check of what it recorded, its text.

`machine` records a run, `check` holds it to its own memory and to runs of its states alone, `honest`
holds operations to their arguments, `render` turns a run into text in every variant, `answer` finds the
answer in such a text, `mistakes` puts errors into words. `lint` measures what a trace rests on: what its lines say
(`printed`), which operands decide (`influence`), which names functions read (`reads`).
"""

from tailkit.tape.answer import ANSWER
from tailkit.tape.check import check, check_alone
from tailkit.tape.machine import MOST_STATES, Program, ProgramError, Tape, record

__all__ = ["ANSWER", "MOST_STATES", "Program", "ProgramError", "Tape", "check", "check_alone", "record"]
