"""Functions of many kinds: each is recorded with all values equal to Python's own, or refused at the right line."""

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from tailkit.errors import UsageError
from tailkit.plain.made import Recorded, problems_of, recorded
from tailkit.tape import ProgramError, check, record
from tailkit.tape.lint import measure
from tests.follow import differences

CORPUS = Path(__file__).parent / "corpus"
FILES = [file for file in sorted(CORPUS.glob("*.py")) if file.stem not in ("refused", "hidden")]
AT_RUN_TIME = {"binary": "line 118: the index -1 counts from the end"}


def functions_of(file: Path) -> list[ast.FunctionDef]:
    """Those that no other function of the file calls."""
    functions = [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)]
    called = {
        each.func.id
        for node in functions
        for each in ast.walk(node)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id != node.name
    }
    return [node for node in functions if node.name not in called]


NAMES = [(file, node.name) for file in FILES for node in functions_of(file)]
REFUSED = [(CORPUS / "refused.py", node) for node in functions_of(CORPUS / "refused.py")]


@cache
def module_of(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"corpus_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def follow(made: Recorded, module: ModuleType, count: int) -> None:
    problems = problems_of(made.source, module)
    top = 2 if problems.numbers_alone else 6
    runs = []
    for seed in range(count):
        data = problems.sample(Random(seed), 1, top)
        try:
            answer = problems.answer(data)
        except UsageError:  # What Python refuses, such as a division by 0, the recorded run refuses too.
            with pytest.raises(ProgramError):
                record(made.emitted.program, data)
            continue
        run = record(made.emitted.program, data)
        assert run.answer == answer
        assert differences(run, made.emitted, problems.function, problems.arguments(data)) == []
        runs.append(run)
    check(runs[0], made.emitted.program, problems.sample(Random(0), 1, top))
    for words, literal in ((made.emitted.core, True), (made.emitted.styled, False)):
        assert measure({"S": runs[:4]}, words, literal=literal).findings == []


def test_the_corpus_has_at_least_60_functions() -> None:
    assert len(NAMES) + len(REFUSED) >= 60


@pytest.mark.parametrize(("file", "name"), NAMES, ids=lambda value: getattr(value, "stem", value))
def test_all_values_are_those_of_python(file: Path, name: str) -> None:
    made = recorded(file, name)
    if name in AT_RUN_TIME:
        with pytest.raises(ProgramError, match=AT_RUN_TIME[name]):
            follow(made, module_of(file), 20)
    else:
        follow(made, module_of(file), 6)


@pytest.mark.slow
@pytest.mark.parametrize(("file", "name"), NAMES, ids=lambda value: getattr(value, "stem", value))
def test_all_values_are_those_of_python_on_1000_inputs(file: Path, name: str) -> None:
    if name not in AT_RUN_TIME:
        follow(recorded(file, name), module_of(file), 1_000)


@pytest.mark.parametrize(("file", "node"), REFUSED, ids=lambda value: getattr(value, "name", "refused"))
def test_what_cannot_be_recorded_is_refused_at_its_line(file: Path, node: ast.FunctionDef) -> None:
    comment = re.search(r"# (\d+): (.*)", file.read_text().splitlines()[node.lineno - 1])
    assert comment is not None
    with pytest.raises(UsageError) as caught:
        recorded(file, node.name)
    assert f"line {node.lineno + int(comment[1])}:" in caught.value.message
    assert comment[2] in caught.value.message + caught.value.hint
    assert caught.value.hint


@pytest.mark.parametrize("node", functions_of(CORPUS / "hidden.py"), ids=lambda node: node.name)
def test_hidden_loops_are_single_states_where_allowed(node: ast.FunctionDef) -> None:
    file = CORPUS / "hidden.py"
    with pytest.raises(UsageError, match="hides a loop"):
        recorded(file, node.name)
    made = recorded(file, node.name, hidden_too=True)
    follow(made, module_of(file), 12)
