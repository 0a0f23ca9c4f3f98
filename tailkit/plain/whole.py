"""Takes an expression that hides a loop as one state, where that is allowed: it reads whole lists, and computes.

In: an expression that `Kinds` calls whole. Out: the kind of what it gives; a state that shows all that it reads.
"""

import ast
import copy
from typing import TYPE_CHECKING

from tailkit.plain.kinds import Kind
from tailkit.plain.reads import Held, Reads
from tailkit.plain.refusal import Hidden, refused, source_of
from tailkit.plain.table import State, Whole

if TYPE_CHECKING:
    from tailkit.plain.actions import Values
    from tailkit.plain.expressions import Expressions

NUMBERS = ("sum", "any", "all", "pow", "len", "int", "count", "find", "index", "startswith", "endswith")
TEXTS = ("join", "replace", "strip", "lower", "upper", "str", "format", "bin", "hex")
CHANGING = ("sort", "reverse", "insert", "remove", "extend", "update", "pop")


def kind_of(kinds: "Expressions", node: ast.expr, error: Hidden) -> Kind:
    """What a whole expression gives; raises the error again for one that is no single value or list."""
    if isinstance(node, ast.Compare):
        return Kind("int")
    if isinstance(node, ast.JoinedStr):
        return Kind("str")
    if isinstance(node, ast.BinOp):
        sides = [kinds.of(each) for each in (node.left, node.right)]
        names = [side.name for side in sides]
        if isinstance(node.op, ast.Pow):
            return Kind("int")
        if "text" in names or "str" in names:
            return Kind("str")
        if "list" in names:
            return Kind("list", *sides[names.index("list")].parts)
    if isinstance(node, ast.Subscript):
        base = kinds.see(node.value)
        return Kind("str") if base.name in ("text", "str") else Kind("list", *base.parts[:1])
    if isinstance(node, ast.ListComp):
        return Kind("list", _comprehended(kinds, node))
    if isinstance(node, ast.Call):
        return _of_call(kinds, node, error)
    raise error


def _comprehended(kinds: "Expressions", node: ast.ListComp | ast.GeneratorExp) -> Kind:
    for generator in node.generators:
        kinds._bind(generator.target, kinds._element(generator.iter), node)
        for test in generator.ifs:
            kinds.see(test)
    return kinds.see(node.elt)


def _of_call(kinds: "Expressions", node: ast.Call, error: Hidden) -> Kind:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    first = node.args[0] if node.args else None
    if name in CHANGING or any(keyword.arg == "key" for keyword in node.keywords):
        raise error
    if isinstance(first, ast.GeneratorExp):
        element = _comprehended(kinds, first)
    else:
        seen = kinds.see(first) if first is not None else Kind()
        element = Kind("str") if seen.name in ("text", "str") else seen.parts[0] if seen.parts else seen
    if name in NUMBERS:
        return Kind("int")
    if name in TEXTS:
        return Kind("str")
    if name in ("min", "max"):
        return element
    if name in ("sorted", "list"):
        return Kind("list", element)
    if name == "split":
        return Kind("list", Kind("str"))
    raise error


class _Native(ast.NodeTransformer):
    """An expression in which names are the values that the state has read."""

    def __init__(self, low: "Values", reads: Reads, local: set[str]) -> None:
        self.low, self.reads, self.local = low, reads, local
        self.wholes: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.local or not isinstance(node.ctx, ast.Load) or self._is_builtin(node):
            return node
        kind = self.low.kinds.names.get((self.reads.function, node.id))
        if kind is None or not kind.is_container:
            return ast.parse(self.reads.value(node), mode="eval").body
        static = self.low.statics.get(node.id)
        root = f"Ref({static!r}, {kind.name!r})" if static else self.reads.cell(node.id)
        self.wholes.setdefault(root, f"w{len(self.wholes)}")
        return ast.Name(self.wholes[root], ast.Load())

    def _is_builtin(self, node: ast.Name) -> bool:
        return (self.reads.function, node.id) not in self.low.kinds.names and not self.reads.is_constant(node.id)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, Held):
            return ast.parse(self.reads.value(node), mode="eval").body
        return super().generic_visit(node)


def lower_whole(low: "Values", node: ast.expr, state: State, reads: Reads) -> None:
    """Make a state of a whole expression: what it reads, and the source of what it gives."""
    parts = [each for each in ast.walk(node) if isinstance(each, ast.comprehension)]
    local = {each.id for part in parts for each in ast.walk(part.target) if isinstance(each, ast.Name)}
    native = _Native(low, reads, local)
    source = ast.unparse(ast.fix_missing_locations(native.visit(copy.deepcopy(node))))
    kind = low.kinds.of(node)
    if kind.name == "list" and kind.parts[0].is_container:
        raise refused(node, f"{source_of(node)} gives a list of lists", "Write it out as a loop.")
    state.whole = Whole(tuple(native.wholes.items()), source)


def source_of_state(state: State, head: str, fetches: list[str], going: str) -> str:
    """The source of the state's function and of its operations, which take all that was shown and fetched."""
    assert state.whole is not None
    shows, takes = [], []
    for root, name in state.whole.reads:
        static = root.startswith("Ref(")
        shows.append(f"    fetch_whole(tape, {root if static else f'tape.fetch({root})'})")
        takes.append(f"    {name} = {f'contents({root}, values)' if static else 'taken(values)'}")
    names = ", ".join(f"v{place}" for place in range(len(state.slots)))
    last = [f"    {names}, = read[-{len(state.slots)}:]"] if names else []
    made = [target for target in state.targets if not target.moves]
    kept = [target for target in state.targets if target.moves]
    body = [head, *shows, *fetches]
    operations = [f"def whole_{state.name}(*read):", "    values = iter(read)", *takes]
    operations += [f"    {names}, = values"] if names else []
    operations += [f"    return {state.whole.source}", ""]
    values = ", ".join(target.value for target in made[:-1])
    if state.gives_list:
        owner = made[-1].cell
        body.append(f"    size = len(whole_{state.name}(*tape.run.steps[-1].operands))")
        cells = [*[target.cell for target in made[:-1]], f"*[({owner}, place) for place in range(size + 1)]"]
        cells.append(f"('#' + {owner},)")
        body.append(f"    tape.write(write_{state.name}, {', '.join(cells)})")
        operations += [f"def write_{state.name}(*read):", *last, f"    value = whole_{state.name}(*read)"]
        operations += [f"    return ({values + ', ' if values else ''}*value, END, len(value))", ""]
    else:
        body.append(f"    tape.write(whole_{state.name}, {made[-1].cell})")
    if kept:
        body.append(f"    tape.put(put_{state.name}, {', '.join(target.cell for target in kept)})")
        moved = ", ".join(target.value for target in kept)
        operations += [f"def put_{state.name}(*read):", *last, f"    return {moved}", ""]
    return "\n".join([*body, f"    tape.goto({going})", "", *operations])
