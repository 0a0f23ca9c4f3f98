"""YAML as plain values.

In: a file, or a value from the command line. Out: numbers, texts, truth values, lists and mappings.
This is the only reader of YAML, by ruamel.yaml, which has the numbers of YAML 1.2 (1e-3 is a float,
8:1:1 a text) and takes no key twice. What could run code or grow without end is refused before any
value is made: tags, anchors and aliases, deep nesting, large files.
"""

import os
import re
import warnings
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.resolver import VersionedResolver

from tailkit.errors import UsageError, cut

DEEPEST = 20
"""Lists and mappings within each other."""
LARGEST = 50_000
"""Bytes of a file."""
TAG = "tag:yaml.org,2002:"
SCALARS = tuple(f"{TAG}{kind}" for kind in ("str", "int", "float", "bool", "null"))
NUMBERS = (f"{TAG}int", f"{TAG}float")
LONGEST_NUMBER = 100
"""Characters of a number."""
SEE = "`tailkit recipes show nano` prints an example."

PLAINER = {
    r"mapping values are not allowed here": "a key where none can stand: is it indented as those beside it?",
    r"expected <block end>.*|did not find expected .*": "a line that is indented unlike those beside it",
    r'found duplicate key "(.*?)" with value .*': r'the key "\1" stands twice',
    r"found character '\\t'.*": "a tab: YAML is indented by spaces",
}
"""What the parser says, in the words of whoever writes a recipe."""

KeyPath = tuple[str | int, ...]
"""Keys and indices, from the outermost mapping inwards."""


@dataclass
class Located:
    """A file's mapping, and the line on which each of its values begins."""

    content: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line_of(self, place: KeyPath) -> int | None:
        """The line of the value at `place`, or of the innermost one around it that stands in the file."""
        around = (place[:end] for end in range(len(place), 0, -1))
        return next((self.lines[outer] for outer in around if outer in self.lines), None)


class NotPlain(ValueError):
    """Not YAML, or YAML that stands for more than plain values; `line` counts from 1, None if none is meant."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.line = line


class _Resolver(VersionedResolver):
    """Takes unquoted words for numbers, truth values and null as YAML 1.2 does, all others for text: dates too."""

    @property
    def versioned_resolver(self) -> dict[str, list[tuple[str, Any]]]:
        return _rules()


@cache
def _rules() -> dict[str, list[tuple[str, Any]]]:
    rules = VersionedResolver(version=(1, 2), loadumper=YAML()).versioned_resolver
    return {first: [rule for rule in listed if rule[0] in SCALARS] for first, listed in rules.items()}


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; raises `UsageError` that names the file and the line."""
    return read_located(path).content


def read_located(path: Path) -> Located:
    """The mapping in a YAML file with its lines; raises `UsageError` that names the file and the line."""
    try:
        value, lines = parse(_text_of(path))
    except NotPlain as error:
        where = f", line {error.line}" if error.line else ""
        raise UsageError(f"{cut(path)}{where}: not a plain YAML file: {cut(error)}", SEE) from None
    if not isinstance(value, dict | None):
        raise UsageError(f"{cut(path)}: holds no sections", SEE)
    return Located(value or {}, lines)


def _text_of(path: Path) -> str:
    try:
        if os.path.getsize(path) > LARGEST:
            raise NotPlain(f"it has more than {LARGEST:,} bytes")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotPlain(f"byte {error.start + 1} is not UTF-8") from None
    except OSError as error:
        raise UsageError(f"{cut(path)} cannot be read: {error.strerror}", "Name another file.") from None


def parse(text: str) -> tuple[Any, dict[KeyPath, int]]:
    """The plain value that `text` stands for, and the lines of all values in it; raises `NotPlain`."""
    # A study reads the same recipe for each of its cells.
    return deepcopy(_parse(text))


@lru_cache(maxsize=16)
def _parse(text: str) -> tuple[Any, dict[KeyPath, int]]:
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Resolver, yaml.max_depth = _Resolver, DEEPEST
        with warnings.catch_warnings():
            # Anchors are refused in any case.
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            tree = yaml.compose(text)
        if tree is None:
            return None, {}
        lines = dict(_checked(tree, ()))
        return yaml.constructor.construct_document(tree), lines
    except NotPlain:
        raise
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        if "max_depth" in problem:
            problem = f"more than {DEEPEST} lists or mappings within each other"
        for form, plainer in PLAINER.items():
            problem = re.sub(form, plainer, problem)
        raise NotPlain(problem, mark.line + 1 if mark else None) from None
    except (ValueError, LookupError) as error:
        # What looks like a number or has the tag of one, but is none.
        raise NotPlain(f"a value cannot be read: {error}") from None


def _checked(node: Node, place: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    """The places and lines of a value and all that it holds; raises `NotPlain` where it is not plain."""
    line = node.start_mark.line + 1
    if node.anchor is not None:
        raise NotPlain("anchors and aliases (& and *) are not allowed", line)
    if node.tag not in (*SCALARS, f"{TAG}seq", f"{TAG}map"):
        raise NotPlain(f"the tag {str(node.tag).replace(TAG, '!!')} is not allowed", line)
    if node.tag in NUMBERS and len(node.value) > LONGEST_NUMBER:
        raise NotPlain(f"a number of {len(node.value):,} characters", line)
    yield place, line
    if isinstance(node, SequenceNode):
        for index, inner in enumerate(node.value):
            yield from _checked(inner, (*place, index))
    elif isinstance(node, MappingNode):
        for key, inner in node.value:
            if not isinstance(key, ScalarNode) or key.tag != SCALARS[0]:
                raise NotPlain("a key must be a name, not a list, a mapping or a number", key.start_mark.line + 1)
            yield from _checked(key, (*place, key.value))
            yield from _checked(inner, (*place, key.value))
