"""Takes an expression that hides a loop as one state, where that is allowed: it reads whole lists, and computes.

In: an expression that `Kinds` calls whole. Out: a state that fetches all that it reads.
"""

import ast
import copy

from tailkit.plain.reads import Held, Reads
from tailkit.plain.refusal import refused, source_of
from tailkit.plain.table import LineState, Whole


class _Native(ast.NodeTransformer):
    """An expression in which names are the values that the state has read."""

    def __init__(self, reads: Reads, local: set[str]) -> None:
        self.reads, self.local = reads, local
        self.wholes: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.local or not isinstance(node.ctx, ast.Load) or self._is_builtin(node):
            return node
        kind = self.reads.kinds.names.get((self.reads.function, node.id))
        if kind is None or not kind.is_container:
            return ast.parse(self.reads.value(node), mode="eval").body
        static = self.reads.statics.get(node.id)
        root = f"Ref({static!r}, {kind.name!r})" if static else self.reads.cell(node.id)
        self.wholes.setdefault(root, f"w{len(self.wholes)}")
        return ast.Name(self.wholes[root], ast.Load())

    def _is_builtin(self, node: ast.Name) -> bool:
        return (self.reads.function, node.id) not in self.reads.kinds.names and not self.reads.is_constant(node.id)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, Held):
            return ast.parse(self.reads.value(node), mode="eval").body
        return super().generic_visit(node)


def lower_whole(node: ast.expr, state: LineState, reads: Reads) -> None:
    """Make a state of a whole expression: what it reads, and the source of what it gives."""
    parts = [each for each in ast.walk(node) if isinstance(each, ast.comprehension)]
    local = {each.id for part in parts for each in ast.walk(part.target) if isinstance(each, ast.Name)}
    native = _Native(reads, local)
    source = ast.unparse(ast.fix_missing_locations(native.visit(copy.deepcopy(node))))
    kind = reads.kinds.of(node)
    if kind.name == "list" and kind.parts[0].is_container:
        raise refused(node, f"{source_of(node)} gives a list of lists", "Write it out as a loop.")
    state.whole = Whole(tuple(native.wholes.items()), source)


def source_of_state(state: LineState, head: str, fetches: list[str], going: str) -> str:
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
