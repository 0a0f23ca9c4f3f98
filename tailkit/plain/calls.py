"""Which calls can be recorded, and what they give: built-in functions of single values, a few methods.

In: a call. Out: the kind of its value, or why it is refused and what to write instead.
"""

import ast

from tailkit.plain.expressions import Expressions
from tailkit.plain.kinds import Kind
from tailkit.plain.refusal import hidden, refused, source_of, unclear

VALUES = {"abs": 1, "ord": 1, "chr": 1, "int": 1, "str": 1, "bool": 1, "divmod": 2, "min": 2, "max": 2}
"""Built-in functions of single values, with how many they take."""
GIVES_TEXT = ("chr", "str")
UNKNOWN = {
    "range": "Write a for over it, or two comparisons: 0 <= n < 10.",
    "frozenset": "Write a set, or a tuple.",
    "isinstance": "The type hints say what a value is.",
    "type": "The type hints say what a value is.",
    "dict": "Assign the keys one by one in a loop.",
}
"""What to write instead of a built-in function where no better advice is known."""
CHARACTER = ("isdigit", "isalpha", "isalnum", "isupper", "islower", "isspace", "upper", "lower")
"""Methods of a string that are one operation on a character."""
LOOPS = {
    "sorted": "Write a sort of your own, such as insertion sort.",
    "sum": "Write: total = 0, then for x in xs: total += x.",
    "min": "Write: best = xs[0], then for x in xs: if x < best: best = x.",
    "max": "Write: best = xs[0], then for x in xs: if x > best: best = x.",
    "any": "Write: for x in xs: if …: return True.",
    "all": "Write: for x in xs: if not …: return False.",
    "list": "Append the elements one by one in a loop.",
    "tuple": "Append the elements to a list in a loop.",
    "set": "Add the elements one by one in a loop.",
    "dict": "Assign the keys one by one in a loop.",
    "pow": "Multiply in a loop.",
    "map": "Write a loop.",
    "filter": "Write a loop with if.",
    "bin": "Divide by 2 in a loop.",
    "hex": "Divide by 16 in a loop.",
    "format": "Use an f-string.",
    "reversed": "Write: for i in reversed(range(len(xs))).",
}
METHODS = {
    "sort": "Write a sort of your own, such as insertion sort.",
    "reverse": "Swap xs[i] and xs[len(xs) - 1 - i] in a loop.",
    "insert": "Append, then swap towards the front in a loop.",
    "remove": "Move the elements after it one to the left in a loop, then pop().",
    "index": "Write: for i in range(len(xs)): if xs[i] == x.",
    "count": "Write: for y in xs: if y == x: count += 1.",
    "extend": "Append the elements one by one in a loop.",
    "copy": "Write list(xs) for a copy of a list.",
    "join": "Return the list of characters, or append to it in a loop.",
    "split": "Loop over the characters.",
    "replace": "Loop over the characters.",
    "find": "Loop over the characters.",
    "strip": "Loop over the characters.",
    "startswith": "Compare character by character.",
    "endswith": "Compare character by character.",
    "update": "Assign the keys one by one in a loop.",
    "union": "Add the elements one by one in a loop.",
}
OTHERS = {
    "setdefault": "Write: if k not in d: d[k] = [], then d[k].append(x).",
    "discard": "Keep a dictionary with a mark for each element.",
    "popitem": "Keep the keys in a list too.",
    "clear": "Assign a new one: xs = [].",
    "most_common": "Look for the greatest count in a loop.",
}
"""Other methods that are often tried, and what to write instead."""
OUTSIDE = ("print", "input", "open", "exec", "eval", "globals", "locals", "vars", "getattr", "setattr", "id", "hash")


def kind_of_call(kinds: Expressions, node: ast.Call) -> Kind:
    """What a call gives; raises `Refused`."""
    if isinstance(node.func, ast.Attribute):
        return _method(kinds, node, node.func)
    if not isinstance(node.func, ast.Name):
        raise refused(node, f"{source_of(node)} cannot be recorded", "Call a function by its name.")
    name = node.func.id
    if name in kinds.source.functions:
        return kinds.call(node, kinds.source.functions[name])
    return _builtin(kinds, node, name)


def _builtin(kinds: Expressions, node: ast.Call, name: str) -> Kind:
    if name in ("set", "list", "dict") and not node.args and not node.keywords:
        return Kind(name, *[Kind() for _ in range(1 + (name == "dict"))])
    if name in OUTSIDE:
        raise refused(node, f"{name}() cannot be recorded: it reaches outside of the function", "Return what it shows.")
    if name == "float":
        raise refused(node, "float() gives a number with a fraction", "Use whole numbers; math.inf is one, too.")
    if name == "round":
        raise refused(node, f"{name}() gives or takes a number with a fraction", "Use whole numbers.")
    given = [kinds.see(argument) for argument in node.args]
    if node.keywords:
        raise refused(node, f"{source_of(node)}: keywords of a built-in function cannot be recorded")
    if name == "len" and len(given) == 1:
        if given[0].name == "?":
            raise unclear(node, node.args[0])
        if not given[0].is_container and given[0].name not in ("str", "tuple"):
            raise refused(node, f"len of {given[0].words}")
        return Kind("int")
    several = name in ("min", "max") and len(given) > 1
    if name in VALUES and (len(given) == VALUES[name] or several) and not any(kind.is_container for kind in given):
        return _of_values(node, name, given)
    if name in ("int", "str") and given and given[0].is_container:
        raise hidden(node, f"{name}() of a whole string or list", "Work on one digit at a time.")
    if name in LOOPS:
        raise hidden(node, f"{name}()", LOOPS[name])
    raise refused(node, f"{name}() cannot be recorded with these arguments", UNKNOWN.get(name, ""))


def _of_values(node: ast.Call, name: str, given: list[Kind]) -> Kind:
    if name == "divmod":
        return Kind("tuple", Kind("int"), Kind("int"))
    if name in ("min", "max"):
        for each in given[1:]:
            given[0].meet(each, node, source_of(node))
        return given[0]
    if name == "ord":
        given[0].meet(Kind("str"), node, "what ord takes")
    return Kind("str" if name in GIVES_TEXT else "int")


def _method(kinds: Expressions, node: ast.Call, function: ast.Attribute) -> Kind:
    if isinstance(function.value, ast.Name) and function.value.id == "math":
        raise refused(node, f"{source_of(node)} cannot be recorded: only the constants of math can", "Write a loop.")
    base, name = kinds.see(function.value), function.attr
    given = [kinds.see(argument) for argument in node.args]
    what = source_of(function.value)
    if base.name == "?":
        raise unclear(node, function.value)
    if base.name == "list" and name == "append" and len(given) == 1:
        base.parts[0].meet(given[0], node, f"an element of {what}")
        return Kind()
    if base.name == "list" and name == "pop":
        if given and ast.unparse(node.args[0]) == "-1":
            raise refused(node, f"{source_of(node)} takes the last element, as pop() does", f"Write {what}.pop().")
        if given:
            moves = f"{source_of(node)}, which moves all that comes after it,"
            raise hidden(node, moves, "Keep the index of the first one in a number.")
        return base.parts[0]
    if base.name == "set" and name == "add" and len(given) == 1:
        base.parts[0].meet(given[0], node, f"an element of {what}")
        return Kind()
    if base.name == "dict" and name == "get" and given:
        base.parts[0].meet(given[0], node, f"a key of {what}")
        if len(given) == 2:
            base.parts[1].meet(given[1], node, f"a value of {what}")
        return base.parts[1]
    if base.name == "str" and name in CHARACTER and not given:
        return Kind("str" if name in ("upper", "lower") else "int")
    if name in METHODS or base.name == "text":
        raise hidden(node, f".{name}()", METHODS.get(name, "Loop over the characters."))
    if name in ("items", "keys", "values"):
        raise refused(node, f".{name}() outside of a for loop", "Write: for k in d.")
    instead = OTHERS.get(name, "Of methods: append, pop(), add, get, isdigit …")
    raise refused(node, f".{name}() of {base.words} cannot be recorded", instead)
