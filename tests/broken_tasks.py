"""Ways to break a task file, each with what its refusal must say.

In: the right file `own/gcd.py`. Out: broken ones: edits (old text, new text) of it, or whole files.
"""

from pathlib import Path
from typing import NamedTuple

GCD = (Path(__file__).parent / "own" / "gcd.py").read_text(encoding="utf-8")


class Edit(NamedTuple):
    """`old` is replaced by `new`; without `old`, `new` comes at the end of the file."""

    old: str
    new: str
    said: str


RUN = "return b, a % b, a // b"
QUERY = '"HCF of {a} and {b}:"'
LENGTH = 'return len(str(data["a"]))'
KEY = """return f"{data['a']},{data['b']}\""""
ORACLE = 'return str(math.gcd(data["a"], data["b"]))'
DRAWN = 'return {"a": greater, "b": rng.randint(1, greater)}'
FETCH = 'lambda a, b: f"{a}/{b}="'
WRITE = 'lambda b, rest, quotient: f"{quotient}*{b}+{rest}"'
RANGES = '{"S": (1, 2), "M": (3, 3), "L": (4, 5)}'

SHAPE = {
    "no oracle": Edit("def oracle(", "def other(", "oracle missing"),
    "two names missing": Edit("def oracle(", "def oracles(", "oracle (not oracles) missing"),
    "a misspelt name": Edit("QUERIES = [", "QUERY = [", "QUERIES (not QUERY) missing"),
    "no template": Edit("", "QUERIES = []", "QUERIES is empty"),
    "templates in a text": Edit("", 'QUERIES = "gcd of {a} and {b}"', "QUERIES is str, not a list"),
    "a template that is no text": Edit(QUERY, "7", "QUERIES holds 7, not a str"),
    "a template twice": Edit("", "QUERIES.append(QUERIES[0])", "holds the template 'gcd({a}, {b}) = ?' twice"),
    "a paradigm that is no text": Edit("", "PARADIGM = 3", "PARADIGM is 3"),
    "a version that is text": Edit("", 'VERSION = "1"', "VERSION is '1'"),
    "a version that is true": Edit("", "VERSION = True", "VERSION is True"),
    "ranges in a list": Edit(RANGES, "[(1, 2), (3, 3), (4, 5)]", "RANGES is list"),
    "a range missing": Edit(RANGES, '{"S": (1, 2), "M": (3, 3)}', "RANGES has S, M: it is a dict of S, M and L"),
    "a range backwards": Edit("(4, 5)", "(5, 4)", "RANGES['L'] is (5, 4)"),
    "ranges that overlap": Edit("(3, 3)", "(2, 3)", "S (1, 2) does not lie below M (2, 3)"),
    "a length of nothing": Edit('"S": (1, 2)', '"S": (0, 2)', "RANGES['S'] is (0, 2)"),
    "a length that is no number": Edit("(3, 3)", '(3, "3")', "RANGES['M'] is (3, '3')"),
    "wordings in a list": Edit("", "CORE = list(CORE)", "CORE is list, not a dict"),
    "a wording that is no Line": Edit("", 'STYLED = {"divide": "divide"}', "STYLED['divide'] is str, not a Line"),
    "a part that is no function": Edit(WRITE, '"="', "CORE['divide'], write is '=', not a function"),
    "an opening that is no text": Edit('open="",\n        next', "open=None,\n        next", "open is None, not a str"),
    "other states in STYLED": Edit(
        'STYLED = {\n    "divide"', 'STYLED = {\n    "split"', "STYLED and STATES differ in 'divide', 'split'"
    ),
    "a sampler that is no function": Edit("", "sample = {}", "sample is {}, not a function"),
    "a sampler of two arguments": Edit(
        "sample(rng: Random, low: int,", "sample(low: int,", "called as sample(rng, low,"
    ),
    "a comparison of two arguments": Edit("equal = same_integer", "equal = lambda a, b: a == b", "equal takes (a, b)"),
    "an asynchronous oracle": Edit("def oracle(", "async def oracle(", "oracle is a generator or coroutine"),
    "a start that yields": Edit('    return "divide"', '    yield "divide"', "start is a generator"),
    "states in a list": Edit(
        "", "STATES = [divide]", "STATES is list, not a dict of a function for each kind of state"
    ),
    "no state": Edit("", "STATES = {}", "STATES is dict, not a dict of a function for each kind of state"),
    "a state that is no function": Edit("", "STATES = {'divide': 3}", "STATES['divide'] is 3, not a function"),
    "a state without words": Edit("", "STATES['more'] = divide", "CORE and STATES differ in 'more'"),
    "a state that is a number": Edit("", "STATES[3] = divide", "STATES[3]: the kind of a state is a str"),
    "macro steps of no steps": Edit("def macros(steps: list[Step])", "def macros()", "macros takes () -> list"),
    "a setting that is no number": Edit("", 'SETTINGS = {"size": "big"}', "SETTINGS is {'size': 'big'}"),
    "a baseline that is no pair": Edit("", 'BASELINES = {"short": str}', "BASELINES['short'] is <class 'str'>"),
    "a heuristic that gives a number": Edit("", 'HEURISTICS = {"n": len}', "HEURISTICS['n'] gives int (2), not a str"),
    "heuristics in a list": Edit("", "HEURISTICS = [key]", "HEURISTICS is [<function key"),
    "a baseline of a variant's name": Edit(
        "",
        'from tailkit.records import Baseline\nBASELINES = {"tail": Baseline(lambda data, answer: answer, str)}',
        "every task has a variant of that name",
    ),
    "words for the report of a wrong form": Edit("", 'NOUNS = ("numbers",)', "NOUNS is ('numbers',)"),
}
"""Files whose names are missing or malformed."""

FILES = {
    "a syntax error": Edit("def length(", "def (", "SyntaxError: invalid syntax (gcd.py, line 49)"),
    "a missing module": Edit("import math", "import math, nowhere", "No module named 'nowhere' (line 7)"),
    "a relative import": Edit("import math", "import math\nfrom .helper import help", "ModuleNotFoundError"),
    "an error": Edit("VERSION = 1", "VERSION = [][1]", "IndexError: list index out of range (line 16)"),
    "exit()": Edit("VERSION = 1", "VERSION = exit()", "the file calls exit() (line 16)"),
    "sys.exit with a text": Edit("VERSION = 1", "import sys; sys.exit('done')", "the file calls exit() (line 16)"),
    "SystemExit of its own": Edit("VERSION = 1", "class Bye(SystemExit): pass\nraise Bye(0)", "calls exit() (line 17)"),
    "KeyboardInterrupt": Edit("VERSION = 1", "raise KeyboardInterrupt", "the file raises KeyboardInterrupt"),
    "an end of the process": Edit("VERSION = 1", "import os; os._exit(0)", "the file ended the process (exit code 0)"),
    "a crash": Edit("VERSION = 1", "import ctypes; ctypes.string_at(0)", "the file ended the process (exit code -11)"),
    "a loop without end": Edit("VERSION = 1", "while True: pass", "the file did not end within 1 s"),
    "a loop that swallows errors": Edit(
        "VERSION = 1", "while True:\n    try:\n        pass\n    except: pass", "the file did not end within 1 s"
    ),
    "input": Edit("VERSION = 1", "VERSION = input()", "EOFError"),
}
"""Files that do not come to their end when they are run."""

CALLS = {
    "a sampler that gives nothing": Edit(DRAWN, "pass", "sample gives None, not a dict"),
    "a sampler that gives a list": Edit(DRAWN, "return [greater]", "sample gives list"),
    "a set in the data": Edit('"b": rng.randint(1, greater)}', '"b": {1}}', "JSON does not keep"),
    "a tuple in the data": Edit('"b": rng.randint(1, greater)}', '"b": (1, 2)}', "JSON does not keep"),
    "numbers as names in the data": Edit('"b": rng.randint(1, greater)}', '"b": {1: 2}}', "JSON does not keep"),
    "no number in the data": Edit('"b": rng.randint(1, greater)}', '"b": float("nan")}', "JSON does not keep"),
    "another stream": Edit("rng.randint(1, greater)}", '__import__("random").randint(1, greater)}', "elsewhere"),
    "a sampler that fails": Edit(DRAWN, "raise ValueError('no')", "sample: ValueError: no (line 46)"),
    "a sampler with a setting's name": Edit("", 'SETTINGS = {"a": 1}', "sample gives 'a', which is a name of SETTINGS"),
    "a length of another kind": Edit(LENGTH, 'return str(data["a"])', "length gives str ('"),
    "a length that is true": Edit(LENGTH, "return True", "length gives bool (True), not an int"),
    "a length out of range": Edit(LENGTH, "return 7", "length 7 is not within"),
    "a key that is a number": Edit(KEY, 'return data["a"]', "key gives int"),
    "a key for different problems": Edit(KEY, 'return "same"', "key 'same' is that of problems with different answers"),
    "a negative support": Edit("return most * (most + 1)", "return -1 - most * (most + 1)", "support gives int (-"),
    "a support of nothing": Edit(
        "return most * (most + 1)", "return 0\n    return most", "support gives int (0), not an int from 1"
    ),
    "a support that is true": Edit("return most * (most + 1)", "return True\n    return most", "support gives bool"),
    "a support that is endless": Edit(
        "return most * (most + 1)", "return math.inf\n    return most", "support gives float"
    ),
    "a support too small": Edit("return most * (most + 1)", "return 3\n    return most", "is 3, but sample gave"),
    "an answer that is a number": Edit(ORACLE, 'return math.gcd(data["a"], data["b"])', "oracle gives int ("),
    "an answer that is nothing": Edit(ORACLE, "pass", "oracle gives None, not a str"),
    "an empty answer": Edit(ORACLE, 'return ""', "oracle gives ''"),
    "an answer of two lines": Edit(ORACLE, 'return "1\\n2"', r"oracle gives '1\n2': an answer is one line"),
    "an answer with a blank": Edit(ORACLE, ORACLE + ' + " "', "without blanks around it"),
    "an oracle that fails": Edit(ORACLE, 'raise RuntimeError("x")', "oracle: RuntimeError: x (line 64)"),
    "an oracle that changes the problem": Edit(ORACLE, f'data["c"] = 1\n    {ORACLE}', "changes the data"),
    "an oracle that disagrees": Edit(ORACLE, 'return "12345"', "the program answers"),
    "everything is right": Edit("equal = same_integer", "equal = lambda *_: True", "equal takes '' for right"),
    "every number is right": Edit(
        "equal = same_integer",
        "equal = lambda given, answer, data: given.isdigit()",
        "equal takes every answer for right",
    ),
    "every answer of a length is right": Edit(
        "equal = same_integer", "equal = lambda given, answer, data: len(given) == len(answer)", "equal takes '"
    ),
    "nothing is right": Edit("equal = same_integer", "equal = lambda *_: False", "own answer"),
    "a comparison that gives text": Edit("equal = same_integer", 'equal = lambda *_: "yes"', "equal gives str ('yes')"),
    "a comparison that gives nothing": Edit(
        "equal = same_integer", "equal = lambda *_: None", "equal gives None, not True"
    ),
    "a comparison of numbers only": Edit(
        "equal = same_integer",
        "equal = lambda given, answer, data: int(given) == int(answer)",
        "raises ValueError: inv",
    ),
    "a baseline that reads only its own": Edit(
        "",
        "from tailkit.records import Baseline\n"
        'BASELINES = {"short": Baseline(lambda data, answer: answer, lambda text: str(int(text)))}',
        "BASELINES['short'].read: ValueError",
    ),
    "a problem that holds itself": Edit(
        DRAWN, "data = {'a': greater}\n    data['b'] = data\n    return data", "JSON does not keep"
    ),
    "a tuple as a name in the data": Edit('"b": rng.randint(1, greater)}', "(1, 2): 3}", "JSON does not keep"),
    "an error without words": Edit(
        ORACLE,
        "class Bad(Exception):\n        def __str__(self): return 1 // 0\n    raise Bad",
        "oracle: Bad (line",
    ),
    "an error that is no Exception": Edit(ORACLE, "raise BaseException('x')", "oracle: BaseException: x (line 64)"),
    "words that leave out the problem": Edit(
        "",
        "def fill(data):\n    return {'a': len(str(data['a']))}\nQUERIES = ['What divides {a} digits?']",
        "the query 'What divides",
    ),
    "words that are no words": Edit("", "def fill(data):\n    return list(data)", "fill gives list"),
    "a template of other words": Edit(
        QUERY, '"HCF of {a} and {c}:"', "a query template has {c}, but the words are a, b"
    ),
    "a template without the problem": Edit(QUERY, '"HCF of it and {b}:"', "leaves out {a}"),
    "a template with an open brace": Edit(QUERY, '"HCF of {a} and {b"', "cannot be filled, ValueError"),
    "a template of places": Edit(QUERY, '"HCF of {} and {}:"', "cannot be filled"),
    "a template with a part of a word": Edit(QUERY, '"HCF of {a.real} and {b}:"', "a query template has {a.real}"),
    "words that give other data back": Edit(
        "", "def unfill(words):\n    return {'a': words['a'], 'b': int(words['b'])}", "unfill gives {'a': '1', 'b': 1}"
    ),
    "templates of the same text": Edit(QUERY, '"gcd({a!s}, {b}) = ?"', "two query templates give the same text"),
    "a special token in a template": Edit(
        QUERY, '"HCF of {a} and {b}<|im_end|>"', "a query holds the special token <|im_end|>"
    ),
    "a special token in a trace": Edit(WRITE, 'lambda *all: "<|im_start|>"', "holds the special token <|im_start|>"),
    "a special token in an answer": Edit(
        ORACLE, 'return "<|endoftext|>"', "an answer of oracle holds the special token <|endoftext|>"
    ),
    "half a character in a template": Edit(QUERY, '"HCF of {a} and {b}\\ud800"', "half a character"),
}
"""Files with functions that give what they must not, in one problem or in the other."""

PROGRAMS = {
    "another answer": Edit(RUN, "return b, max(a % b - 1, 0), a // b", "the oracle"),
    "states without end": Edit(RUN, "return b, a, a // b", "more than 1,000 states, the last divide"),
    "a cell never written": Edit(
        "tape.fetch(A, B)",
        'tape.fetch(A, B, ("c",))',
        "state 'divide': fetch: cell ('c',) is read, but was never written",
    ),
    "a cell that is text": Edit("tape.fetch(A, B)", 'tape.fetch(A, B, "c")', "a cell is a tuple"),
    "a cell written that is text": Edit('("quotient",)', '"quotient"', "'quotient' is no cell"),
    "a state that is not there": Edit(
        'tape.goto("divide")', 'tape.goto("split")', "state 'divide' goes on to 'split'; the states are divide"
    ),
    "a first state that is not there": Edit('return "divide"', 'return "split"', "goes on to 'split'"),
    "a first state that is nothing": Edit('return "divide"', "pass", "None is no state; a state is a name"),
    "a place too many": Edit(
        'tape.goto("divide")', 'tape.goto(lambda *_: ("divide", 1))', "state 'divide' (1,): takes 1 value, but gets 2"
    ),
    "a state that stops": Edit(
        "    if rest:", "    if rest > 3:\n        return\n    if rest:", "ends without tape.goto"
    ),
    "a fetch after a write": Edit(
        "    if rest:", "    tape.fetch(A)\n    if rest:", "state 'divide': fetch comes before write and put"
    ),
    "a write after a transition": Edit(
        'tape.goto("divide")', 'tape.goto("divide"); tape.write(divided, A, B, ("c",))', "write comes before goto"
    ),
    "a put of a new value": Edit(
        "    if rest:", "    tape.put(divided, A, B, ('c',))\n    if rest:", "put: divided gives"
    ),
    "a scan of a place without number": Edit(
        "tape.fetch(A, B)", "tape.scan(A); tape.fetch(A, B)", "a place to scan from is a number"
    ),
    "a scan after a write": Edit(
        "    if rest:", "    tape.scan(('c', 1))\n    if rest:", "scan comes before write and put"
    ),
    "an operation of one value": Edit(
        "def divided(a: int, b: int)",
        "def divided(a: int)",
        "state 'divide': write: divided: takes 1 value, but gets 2",
    ),
    "an operation of two results": Edit(RUN, "return b, a % b", "divided gives 2 values for 3 cells"),
    "an operation with a list": Edit(RUN, "return [b, a % b, a // b]", "divided gives list, no tuple, for 3 cells"),
    "an operation with one result": Edit(RUN, "return b", "divided gives int, no tuple, for 3 cells"),
    "an operation that fails": Edit(RUN, "return b, a % b, a // (b - b)", "ZeroDivisionError"),
    "a fetch before the first state": Edit(
        '    return "divide"', '    tape.fetch(A)\n    return "divide"', "before the first"
    ),
    "cells without values": Edit("tape.given([A, B], [", "tape.given([A, B, A], [", "given has 3 cells for 2 values"),
    "an answer that is a number": Edit("return str(written[0])", "return written[0]", "last_divisor gives int, no str"),
    "an answer of no value": Edit(
        "tape.answer(last_divisor)", "tape.answer(lambda: '1')", "takes 0 values, but gets 3"
    ),
    "an error": Edit("tape.given([A, B]", "data[0]; tape.given([A, B]", "program: KeyError: 0 (line 72)"),
    "a change of the problem": Edit("tape.given([A, B]", 'data["c"] = 1; tape.given([A, B]', "changes the data"),
    "exit()": Edit(
        "tape.given([A, B]", "exit(); tape.given([A, B]", "program calls exit() (line 72); the problem was {"
    ),
    "a wording of one value": Edit(FETCH, "lambda a: a", "CORE['divide'], fetch: takes 1 value, but gets 2"),
    "a wording of two results": Edit(WRITE, "lambda b, rest: b", "CORE['divide'], write: takes 2 values, but gets 3"),
    "a name of a place": Edit(
        'lambda: "divide "', "lambda at: at", "STYLED['divide'], name: takes 1 value, but gets 0"
    ),
    "a wording of no text": Edit(WRITE, "lambda *all: None", "CORE['divide'], write gives None, not a str"),
    "a wording that fails": Edit(WRITE, "lambda *all: all[7]", "CORE['divide'], write: IndexError"),
    "a wording that exits": Edit(WRITE, "lambda *all: exit()", "the wording of variant tail calls exit()"),
    "a second line of the answer": Edit(WRITE, 'lambda *all: "\\nAnswer: 1"', "begin with 'Answer: ', not one"),
}
"""Files with a program, or wordings of it, that break the rules of the tape."""

CHEATS = {
    "an operation with a closure": Edit(
        "    tape.fetch(A, B)\n    _, rest, _ = tape.write(divided,",
        "    a, b = tape.fetch(A, B)\n    _, rest, _ = tape.write(lambda *_: divided(a, b),",
        "uses a, b of the function around it",
    ),
    "an operation with defaults": Edit(
        "def divided(a: int, b: int)", "def divided(a: int, b: int, c: int = 7)", "divided has default arguments"
    ),
    "an operation with values of its own": Edit(
        "tape.write(divided,", "tape.write(__import__('functools').partial(divided),", "carries values of its own"
    ),
    "a method of an object": Edit(
        "tape.answer(last_divisor)", "tape.answer('{2[0]}'.format)", "is a method of an object"
    ),
    "an operation that asks the oracle": Edit(
        RUN, "oracle({'a': a, 'b': b})\n    return b, a % b, a // b", "divided calls oracle"
    ),
    "an operation that asks the oracle through another": Edit(
        RUN,
        "ask(a, b)\n    return b, a % b, a // b\n\n\ndef ask(a, b):\n    return oracle({'a': a, 'b': b})",
        "divided calls ask, which calls oracle",
    ),
    "an answer with a closure": Edit(
        "tape.answer(last_divisor)",
        "given = tape.run.given\n        tape.answer(lambda *_: str(math.gcd(*given.values())))",
        "uses given of the function around it",
    ),
    "a problem kept beside the tape": Edit(
        "    tape.given([A, B]", "    KEPT.update(data)\n    tape.given([A, B]", "the program changes 'KEPT'"
    ),
    "a problem kept as a global name": Edit(
        "    tape.given([A, B]", "    global KEPT\n    KEPT = data\n    tape.given([A, B]", "the program changes 'KEPT'"
    ),
    "a counter in a class": Edit(
        "    tape.fetch(A, B)",
        "    Kept.states += 1\n    tape.fetch(A, B)",
        "the program changes 'Kept.states'",
    ),
    "a counter beside the tape": Edit(
        "    tape.fetch(A, B)", "    KEPT[len(KEPT)] = 1\n    tape.fetch(A, B)", "the program changes 'KEPT'"
    ),
    "control flow beside the tape": Edit(
        "    if rest:", "    KEPT.setdefault('n', []).append(1)\n    if rest and len(KEPT['n']) < 99:", "changes 'KEPT'"
    ),
    "the end of the run kept on a function": Edit(
        GCD[GCD.index('    return "divide"') : GCD.index("        tape.goto(")],
        "    divide.kept = math.gcd(*data.values())\n    return 'divide'\n\n\ndef divide(tape):\n    tape.fetch(A, B)\n"
        "    b, _, _ = tape.write(divided, A, B, ('quotient',))\n    if b != divide.kept:\n",
        "does something else when it runs alone",
    ),
    "the answer among the given": Edit(
        'tape.given([A, B], [data["a"], data["b"]])',
        'tape.given([A, B, ("g",)], [data["a"], data["b"], int(oracle(data))])',
        "given puts cell g into memory, whose value",
    ),
    "a length among the given": Edit(
        'tape.given([A, B], [data["a"], data["b"]])',
        'tape.given([A, B, ("g",)], [data["a"], data["b"], data["a"] * data["b"]])',
        "stands neither in the query",
    ),
    "the whole algorithm in one operation": Edit(
        'if rest:\n        tape.goto("divide")\n    else:\n        ', "", "every run has a single state that computes"
    ),
    "no state between problem and answer": Edit('return "divide"', "return ()", "() is no state"),
    "an answer in a label": Edit(
        'tape.goto("divide")\n    else:\n        ',
        "tape.goto(lambda place, read, written: ('result', 1000 + math.gcd(*read)))\n    else:\n        ",
        "of the state that follows stands nowhere in this one",
    ),
    "a wording that prints nothing": Edit(FETCH, "None", "operand a is not printed"),
    "a wording that prints a constant": Edit(FETCH, "lambda a, b: '18/12='", "operand a is not printed"),
    "a wording without one operand": Edit(FETCH, 'lambda a, b: f"{a}="', "operand b is not printed"),
    "a wording without a result": Edit(WRITE, 'lambda b, rest, quotient: f"{quotient}*{b}"', "result 2 is not printed"),
    "a sentence without an operand": Edit(
        'lambda a, b: f"{a} by {b}: "', 'lambda a, b: f"{a}: "', "operand b is not printed"
    ),
}
"""Files whose trace does not show what it rests on."""

CHANGING = {
    "a random key": Edit(KEY, "return str(__import__('random').random())", "key gives something else"),
    "a key by the hash of a text": Edit(KEY, "return str(hash(str(data)))", "key gives something else"),
    "the order of a set": Edit(
        "rng.randint(1, greater)}", "len(list({'1', '22', '333'})[0])}", "sample gives something else"
    ),
    "the order of a set of two": Edit(
        "rng.randint(1, greater)}", "len(list({'x', 'xx'})[0])}", "sample gives something else"
    ),
    "the process id": Edit("rng.randint(1, greater)}", "__import__('os').getpid()}", "sample gives something else"),
    "the clock": Edit(
        "rng.randint(1, greater)}", "int(__import__('time').time()) // 60}", "sample gives something else"
    ),
    "the date": Edit(
        "rng.randint(1, greater)}", "__import__('datetime').date.today().toordinal()}", "sample gives something else"
    ),
    "how often it was called": Edit(
        DRAWN,
        "CALLED.append(1)\n    return {'a': greater, 'b': 1 + len(CALLED) // 4 % greater}\n\n\nCALLED = []",
        "sample draws from elsewhere",
    ),
    "what was seen before": Edit(
        DRAWN,
        "SEEN.add(greater)\n    return {'a': greater, 'b': 1 + (min(SEEN) < 10 <= greater)}\n\n\nSEEN = set()",
        "sample gives something else",
    ),
    "a key by what was seen before": Edit(
        KEY, "return str(KEYS.setdefault(tuple(data.items()), len(KEYS)))\n\n\nKEYS = {}", "key gives something else"
    ),
    "words by the order of a set": Edit(
        "",
        "def fill(data):\n    return {**data, 'b': ''.join({'x', 'y', 'z', str(data['b'])})}",
        "fill gives something else",
    ),
    "wordings by the order of a set": Edit(
        WRITE, WRITE[:-1] + "{sorted({'x', 'y', 'z'}, key=hash)}\"", "CORE, STYLED or BASELINES gives something else"
    ),
}
"""Files that give other bytes on each run."""

ENDLESS = {
    "a sampler": Edit(DRAWN, "while True: pass", "sample did not end within 1 s"),
    "a sampler that swallows errors": Edit(
        DRAWN, "while True:\n        try: pass\n        except: pass", "sample did not end within 1 s"
    ),
    "an oracle": Edit(ORACLE, "while True: pass", "oracle did not end within 1 s; the problem was {"),
    "an oracle in C": Edit(
        ORACLE, "return str(sum(range(10**12)))", "oracle did not end within 1 s; the problem was {"
    ),
    "a comparison": Edit(
        "equal = same_integer", "def equal(*_):\n    while True: pass", "equal did not end within 1 s"
    ),
    "a program without states": Edit(
        "    tape.given(", "    while True: pass\n    tape.given(", "the program did not end within 1 s"
    ),
    "a wording": Edit(WRITE, "lambda *all: [0 for _ in iter(int, 1)]", "the wording of variant tail did not end"),
    "an end of the process": Edit(ORACLE, "__import__('os')._exit(0)", "oracle ended the process (exit code 0)"),
    "KeyboardInterrupt": Edit(ORACLE, "raise KeyboardInterrupt", "oracle raises KeyboardInterrupt; the problem was {"),
}
"""Files that this process could not outlive if it called them itself."""


def write(path: Path, text: str) -> Path:
    """Write a task file, in a folder that is made if need be."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def source(edit: Edit) -> str:
    """The text of a broken file."""
    if not edit.old:
        return f"{GCD}\n{edit.new}\n"
    assert edit.old in GCD, edit.old
    text = GCD.replace(edit.old, edit.new)
    if "single state" in edit.said:
        text = text.replace(RUN, "return math.gcd(a, b), a, b")
    if "'result'" in edit.new:
        text += "\n\ndef result(tape, g):\n    tape.answer(lambda place, read, written: str(place[0] - 1000))\n"
        text += "\n\nSTATES['result'] = result\nCORE['result'] = STYLED['result'] = Line(str)\n"
    text += "\nclass Kept:\n    states = 0\n" if "Kept." in edit.new else ""
    return text + "\nKEPT = {}\n" if "KEPT" in edit.new else text
