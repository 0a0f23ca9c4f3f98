"""The recipe: how to make data, train and decode.

In: defaults → a YAML file → its values for one task → `key=value` overrides. Out: a frozen, typed
`Recipe`. `schema` holds the keys, `plain` reads YAML, `loading` puts a recipe together, `printing`
writes it, `compare` says how two differ.
"""

from tailkit.recipe.contrast import changed, differences, flat
from tailkit.recipe.loading import ENDINGS, FOLDER, build, find, is_path, load, names, names_in, path_of
from tailkit.recipe.printing import about, as_yaml, dump, explain
from tailkit.recipe.schema import NANO, Count, Data, Decode, Lora, Model, Recipe, Sections, Train, parse_mix
from tailkit.recipe.yaml import read_yaml

__all__ = [
    "ENDINGS",
    "FOLDER",
    "NANO",
    "Count",
    "Data",
    "Decode",
    "Lora",
    "Model",
    "Recipe",
    "Sections",
    "Train",
    "about",
    "as_yaml",
    "build",
    "changed",
    "differences",
    "dump",
    "explain",
    "find",
    "flat",
    "is_path",
    "load",
    "names",
    "names_in",
    "parse_mix",
    "path_of",
    "read_yaml",
]
