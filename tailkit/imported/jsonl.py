"""Files of users with a JSON object a line, as Python, pandas, PowerShell and inference servers write them.

In: a file and the fields that a line has. Out: the lines, each with its place. UTF-8 or UTF-16 with or
without a byte order mark, any line ends, null for what is not known, 12.0 for 12. A line that will not
do is named with its field.
"""

import codecs
import json
import re
from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from tailkit.errors import UsageError
from tailkit.records import JsonObject

MOST_FIELDS = 8
"""Fields of a line that an error names."""
PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ")
"""What files begin with that gzip, zip, zstd, bzip2 and xz write."""
ONE_A_LINE = "Write one object a line, such as jq -c '.[]' does."


def _whole(value: JsonValue) -> JsonValue:
    """A float without a fraction as the count that it is: pandas writes counts so where some are not known."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WholeNumber = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=2**31)]
"""A whole number that counts something."""


def _encodable(value: str) -> str:
    value.encode()
    return value


Text = Annotated[str, AfterValidator(_encodable)]
"""Text of whole characters."""


class JsonLine(BaseModel):
    """The fields of a line that count; others are left aside. Each says in its description what it must be."""

    model_config = ConfigDict(strict=True, extra="ignore")


L = TypeVar("L", bound=JsonLine)


def read(path: Path, kind: type[L]) -> Iterator[tuple[str, L]]:
    """The lines of a jsonl file as `kind`, each with its place; raises `UsageError` that names file and line.

    The hint of the error is what `kind` says about itself in the first line of its docstring.
    """
    for where, row in objects(path, form_of(kind)):
        yield where, checked(where, kind, row)


def form_of(kind: type[JsonLine]) -> str:
    """What a kind of line says about itself."""
    return (kind.__doc__ or "").split("\n")[0]


def objects(path: Path, form: str) -> Iterator[tuple[str, JsonObject]]:
    """The JSON objects of a jsonl file, each with its place; raises `UsageError` as `read` does (hint: `form`)."""
    for number, line in enumerate(_lines(path, form), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            hint = ONE_A_LINE if line.strip() in ("[", "{", "[{") else form
            raise UsageError(f"{where}: not JSON: {shown(line.strip())}", hint) from None
        if not isinstance(row, dict):
            raise UsageError(f"{where}: no JSON object", ONE_A_LINE if isinstance(row, list) else form)
        yield where, row


def checked(where: str, kind: type[L], row: JsonObject) -> L:
    """An object as `kind`; raises `UsageError` that names the first wrong field."""
    known = {name: value for name, value in row.items() if not _unknown(value)}
    try:
        return kind.model_validate(known)
    except ValidationError as error:
        raise _refused(where, kind, known, error) from None


def shown(value: object) -> str:
    """A value of a user's as a message shows it: short, on one line, of characters that any terminal has."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _lines(path: Path, form: str) -> Iterator[str]:
    """The lines of a text file; raises `UsageError` for one that is neither UTF-8 nor marked as UTF-16.

    A pipe is refused, since a file is read more than once: to check it, to hash it, to take its rows.
    """
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no file", "Name a file; what comes from a pipe must be saved in one first.")
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", form) from None
    if content.startswith(PACKED):
        raise UsageError(f"{path} is compressed", "Unpack it first.")
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if wide:
        try:
            content = content.decode("utf-16").encode()
        except UnicodeDecodeError:
            raise UsageError(f"{path} begins as UTF-16 does, but is not", "Save it as UTF-8.") from None
    # JSON has no line ends within a text, but characters that splitlines takes for such.
    for number, line in enumerate(re.split(rb"\r\n|\n|\r", content), start=1):
        try:
            # Files that were put together have the mark in each part.
            yield line.decode().lstrip("\ufeff")
        except UnicodeDecodeError:
            raise UsageError(f"{path}, line {number}: not UTF-8", "Save the file as UTF-8.") from None


def _listed(row: JsonObject) -> str:
    """The names of a line's fields, as many as a message holds."""
    more = f" and {len(row) - MOST_FIELDS} more" if len(row) > MOST_FIELDS else ""
    return (", ".join(shown(name) for name in list(row)[:MOST_FIELDS]) or "no field with a value") + more


def _unknown(value: JsonValue) -> bool:
    return value is None or (isinstance(value, float) and isnan(value))


def _refused(where: str, kind: type[JsonLine], known: JsonObject, error: ValidationError) -> UsageError:
    first = error.errors()[0]
    if not first["loc"]:
        return UsageError(f"{where}: {first['msg']}", form_of(kind))
    name = str(first["loc"][0])
    if first["type"] == "missing":
        return UsageError(f"{where}: field {name!r} is missing", f"It has {_listed(known)}. {form_of(kind)}")
    if first["type"] == "value_error":
        return UsageError(f"{where}: field {name!r} holds half a character (a lone surrogate)", "Write it anew.")
    field = kind.model_fields[name]
    return UsageError(f"{where}: field {name!r} is {shown(first['input'])}", f"It must be {field.description}.")
