"""The recipe: how to make data, train and decode.

In: defaults → a YAML file → its values for one task → `key=value` overrides. Out: a frozen, typed
`Recipe`. `schema` holds the keys, `plain` reads YAML, `loading` puts a recipe together, `compare`
says how two differ.
"""

from tailkit.recipe.compare import differences
from tailkit.recipe.loading import FOLDER, build, dump, load, names, path_of
from tailkit.recipe.plain import read_yaml
from tailkit.recipe.schema import NANO, Bounds, Count, Data, Decode, Lora, Model, Recipe, Sections, Train, parse_mix

__all__ = [
    "FOLDER",
    "NANO",
    "Bounds",
    "Count",
    "Data",
    "Decode",
    "Lora",
    "Model",
    "Recipe",
    "Sections",
    "Train",
    "build",
    "differences",
    "dump",
    "load",
    "names",
    "parse_mix",
    "path_of",
    "read_yaml",
]
