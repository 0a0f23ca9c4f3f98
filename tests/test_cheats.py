"""Tasks that bring an answer into their traces by another way than the tape are refused, by name and reason."""

from pathlib import Path

import pytest

from tailkit import tasks
from tailkit.errors import UsageError

pytestmark = pytest.mark.usefixtures("only_kit_tasks", "tried_here")

OWN = Path(__file__).parent / "own"
HONEST = (OWN / "digit_sum.py").read_text(encoding="utf-8")
FRAME = HONEST[: HONEST.index("SUM = ")]
"""All of a task but its program and wordings."""

START = """
def start(tape, data):
    tape.blank("digit")
    tape.given([("digit", place) for place in range(1, length(data) + 1)], list(data["number"]))
    return "all"
"""
LAID_OUT = """
def laid_out(tape):
    tape.scan(("digit", 1))
    tape.write(total, ("sum",))
    tape.goto("copy")
"""
COPIED = """
def copy(tape):
    tape.fetch(("sum",))
    tape.write(int, ("twin",))
    tape.answer(of_copy)
def of_copy(_place, _read, written):
    return str(written[0])
"""
TWO_STATES = """
STATES = {"all": laid_out, "copy": copy}
macros = kinds("all")
CORE = {
    "all": Line(lambda: "", show=listed(), write=lambda total: f"={total}", open=""),
    "copy": Line(lambda: "copy", lambda total: f"{total}=", str),
}
STYLED = CORE
"""
PRINTED = ', write=lambda total: f"={total}"'
ONE_CELL = """
def start(tape, data):
    tape.given([("x",)], [data["number"]])
    return "all"
def laid_out(tape):
    tape.fetch(("x",))
    tape.write(total, ("sum",))
    tape.goto("copy")
"""
FETCHED = TWO_STATES.replace("show=listed()", 'fetch="{}".format').replace('lambda: "",', 'lambda: "all:",')


def two(total: str, start: str = START) -> str:
    """The sum is worked out in one operation, and copied in a second state."""
    return start + LAID_OUT + total + COPIED + TWO_STATES


def asking(call: str, more: str = "") -> str:
    """That operation asks somebody for the sum."""
    return two(f'\n{more}\ndef total(*digits):\n    number = "".join(digits[:-1])\n    return int({call})\n')


def edited(old: str, new: str, more: str = "") -> str:
    """The honest program with another text in one place."""
    program = HONEST.removeprefix(FRAME)
    assert old in program
    return program.replace(old, new) + more


ASKS = "the program calls oracle"
WHOLE = "long problems have no more states that compute than short ones"
NO_PLACE = "is not next to its own place or to a value that it reads"
NO_VALUE = "cells and places hold int, str, bool, float, None"
LETTERS = '"abcdefghij_"["0123456789_".index(str(digit))]'

CHEATS = {
    "all digits at once": (two("\ndef total(*digits):\n    return sum(map(int, digits[:-1]))\n"), WHOLE),
    "a whole number at once": (
        ONE_CELL + "def total(x):\n    return sum(map(int, x))\n" + COPIED + FETCHED, WHOLE
    ),
    "all digits in the answer": (
        edited("return str(read[1])", "return str(sum(read))").replace(
            'tape.fetch(("digit", place), SUM)[0] == BLANK:\n',
            'tape.fetch(("digit", place), SUM)[0] == BLANK:\n'
            '        tape.fetch(*[("digit", before) for before in range(1, place)])\n',
        ).replace("return str(sum(read))", "return str(sum(read[2:]))").replace(
            '"{}+{}=".format', 'lambda *read: f"{joined(\'+\')(*read)}="'
        ).replace("lambda digit, total: f", "lambda digit, total, *rest: f\"{rest}\" + f"),
        "the answer is computed from up to",
    ),
    "labels that hold the digits of the sum": (
        START + '\ndef laid_out(tape):\n    tape.scan(("digit", 1), into=("n",))\n    tape.goto(to_result)\n'
        "def to_result(_place, read, _written):\n    total = sum(map(int, read[:-1]))\n"
        "    known = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)\n"
        '    return "copy", total // 10, total % 10\n'
        'def copy(tape, tens, units):\n    tape.fetch(("n",))\n    tape.write(int, ("m",))\n    tape.answer(of_copy)\n'
        "def of_copy(place, _read, _written):\n    return str(10 * place[0] + place[1])\n"
        + TWO_STATES.replace('lambda: "copy"', 'lambda tens, units: f"{tens},{units}"').replace(PRINTED, ""),
        "the whole algorithm in one operation",
    ),
    "oracle by another name": (asking('asked({"number": number})', "asked = oracle"), "total calls asked: a trace"),
    "oracle as an attribute": (
        asking('Kit.asked({"number": number})', "class Kit:\n    asked = staticmethod(oracle)"), ASKS
    ),
    "oracle among the globals": (asking("globals()['ora' + 'cle']({'number': number})"), ASKS),
    "oracle in a text": (asking("eval('oracle')({'number': number})"), ASKS),
    "oracle behind a cache": (
        asking(
            "asked(number)",
            "import functools\n@functools.cache\ndef asked(number):\n"
            "    return globals()['oracle']({'number': number})",
        ),
        ASKS,
    ),
    "what oracle leaves the work to": (
        asking("work(number)", "def work(number):\n    return str(sum(map(int, number)))\n"
               "def oracle(data):\n    return work(data['number'])"),
        "the program calls work, which gives oracle its answers",
    ),
    "oracle asked by start": (
        two(
            "\ndef total(*digits):\n    return Kept.sums[''.join(digits[:-1])]\n",
            "\nclass Kept:\n    sums = {}\n"
            + START.replace('    return "all"', '    Kept.sums[data["number"]] = int(oracle(data))\n    return "all"'),
        ),
        "the program changes 'Kept.sums'",
    ),
    "oracle asked for a table": (
        ONE_CELL.replace('[data["number"]]', '[int(data["number"])]')
        + "TABLE = [oracle({'number': str(n)}) for n in range(1000)]\n"
        "def total(x):\n    return sum(int(TABLE[x // 1000 ** k % 1000]) for k in range(3))\n" + COPIED + FETCHED,
        "the file calls oracle while it is read",
    ),
    "values that carry more than they print": (
        two(
            "\ndef total(*digits):\n    return digits[0].total\n",
            "\nclass Digit(str):\n    total = 0\n"
            + START.replace("    tape.given(", "    cells = list(map(Digit, data['number']))\n    tape.given(")
            .replace("    tape.given(", "    cells[0].total = sum(map(int, cells))\n    tape.given(")
            .replace('list(data["number"])', "cells"),
        ),
        NO_VALUE,
    ),
    "a list in a cell": (
        ONE_CELL.replace('[data["number"]]', '[list(map(int, data["number"]))]')
        + "def total(x):\n    return sum(x)\n" + COPIED + FETCHED,
        NO_VALUE,
    ),
    "a place that carries more than it prints": (
        edited('return "add", 1\n', "return 'add', One(1)\n", "\nclass One(int):\n    total = 0\n"), NO_VALUE
    ),
    "an address that is the answer": (
        START.replace('    return', '    tape.given([("table", n) for n in range(100)], list(range(100)))\n    return')
        + '\ndef laid_out(tape):\n    digits = tape.scan(("digit", 1)) and tape.show()\n'
        '    tape.fetch(("table", TOTAL(tape)))\n    tape.put(last, ("sum",))\n    tape.goto("copy")\n'
        "def TOTAL(tape):\n    read, place = [], 1\n    while (digit := tape.fetch(('digit', place))) != BLANK:\n"
        "        read, place = [*read, int(digit)], place + 1\n    return sum(read)\n"
        "def last(*read):\n    return read[-1]\n" + COPIED
        + TWO_STATES.replace("show=listed(),", 'show=listed(), fetch=joined(" "),').replace("write=", "put="),
        NO_PLACE,
    ),
    "an address that spells the answer": (
        START.replace(
            "    return",
            '    tape.given([("table", f"n{n}") for n in range(100)], list(range(100)))\n    return',
        )
        + '\ndef laid_out(tape):\n    digits = tape.scan(("digit", 1)) and tape.show()\n'
        '    tape.fetch(("table", f"n{TOTAL(tape)}"))\n    tape.put(last, ("sum",))\n    tape.goto("copy")\n'
        "def TOTAL(tape):\n    read, place = [], 1\n    while (digit := tape.fetch(('digit', place))) != BLANK:\n"
        "        read, place = [*read, int(digit)], place + 1\n    return sum(read)\n"
        "def last(*read):\n    return read[-1]\n" + COPIED
        + TWO_STATES.replace("show=listed(),", 'show=listed(), fetch=joined(" "),').replace("write=", "put="),
        NO_PLACE,
    ),
    "cells as many as the answer": (
        edited("[0, *map", '[0, *[0] * sum(map(int, data["number"])), *map').replace(
            "tape.given([SUM, ", 'tape.given([SUM, *[("unit", k) for k in range(sum(map(int, data["number"])))], '
        ),
        "a number that goes neither with a length nor with a number of the problem",
    ),
    "a first place that is the answer": (
        edited('    return "digits"\n', '    return "digits", sum(map(int, data["number"]))\n')
        .replace("def digits(tape: Tape)", "def digits(tape: Tape, total: int)")
        .replace('"digits": Line(lambda: ""', '"digits": Line(lambda total: f"{total} "')
        .replace('"digits": Line(lambda: "The', '"digits": Line(lambda total: f"{total}: The'),
        "start gives the first state the place",
    ),
    "marks that spell the answer": (
        edited("[0, *map", '[0, *["+-"[sum(map(int, data["number"])) >> b & 1] for b in range(7)], *map').replace(
            "tape.given([SUM, ", 'tape.given([SUM, *[("bit", bit) for bit in range(7)], '
        ),
        "into the array bit, which stands neither in the query",
    ),
    "digits that a template holds": (
        edited("[0, *map(int", '[0, f"{sum(map(int, data[\'number\'])):02}"[0], *map(int').replace(
            "tape.given([SUM, ", 'tape.given([SUM, ("tens",), '
        )
        + "\nQUERIES.append('Digits are 0123456789. Sum of {number}?')\n",
        "given puts cell tens into memory",
    ),
    "the memory of the tape": (
        edited(
            'if tape.fetch(("digit", place), SUM)[0] == BLANK:\n',
            'blank = tape._memory[("digit", place)] == BLANK\n    tape.fetch(("digit", place), SUM)\n    if blank:\n',
        ),
        "uses tape._memory",
    ),
    "a wording that prints the answer": (
        HONEST.removeprefix(FRAME)
        + "\ndef with_sum(*pairs):\n    return listed()(*pairs) + f' sum {sum(d for _, d in pairs[:-1])}'\n"
        "CORE['digits'] = CORE['digits']._replace(show=with_sum)\n",
        "prints the answer before any state has read or written it",
    ),
    "a wording that prints every digit": (
        edited('"{}+{}=".format', f'lambda digit, total: f"0123456789 {{total}}=" + {LETTERS}'),
        "operand digit[1] is not printed",
    ),
}  # fmt: skip


def verified(text: str, file: Path) -> None:
    file.write_text(text)
    tasks.add(file)
    tasks.verify(tasks.load("digit_sum"))


def test_the_honest_task_is_taken(tmp_path: Path) -> None:
    verified(HONEST, tmp_path / "digit_sum.py")


@pytest.mark.parametrize("text", sorted((OWN / "honest").glob("*.txt")), ids=lambda path: path.stem)
def test_honest_tasks_of_many_kinds_are_taken(text: Path, tmp_path: Path) -> None:
    """A state that only compares, a table, a grid of marks, a place in a constant, an answer put into words."""
    (tmp_path / f"{text.stem}.py").write_bytes(text.read_bytes())
    tasks.add(tmp_path / f"{text.stem}.py")
    tasks.verify(tasks.load(text.stem))


@pytest.mark.parametrize(("program", "said"), CHEATS.values(), ids=CHEATS)
def test_an_answer_from_beside_the_tape_is_refused(program: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        verified(FRAME + program, tmp_path / "digit_sum.py")
    assert said in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 2
