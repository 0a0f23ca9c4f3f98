"""The paper's own figures (arXiv 2507.13332, Tables 1, 2, J1 and K1), shown beside ours.

They are of Qwen2.5-7B after full supervised fine-tuning: pass@1 label accuracy in %, by range.
"""

from tailkit.recipe import Recipe, parse_mix

SOURCE = "Qwen2.5-7B, full fine-tuning, on the paper's ranges"

# Table 1 (S, M, L), addition.
TABLE_1 = {
    ("addition", "index-hint"): (57.0, 34.5, 24.0),
    ("addition", "reversed"): (39.5, 35.5, 35.0),
    ("addition", "tail"): (97.0, 92.5, 86.5),
}

# Table K1 (S, M, L), Compare Numbers: TAIL's data, and as many completions distilled from DeepSeek-R1.
_TABLE_K1 = {"tail": (98.0, 94.2, 90.0), "imported": (72.2, 67.2, 61.8)}

# Table J1, Compare Numbers L: mean tokens of a completion, and accuracy in %.
TABLE_J1_TASK = "compare_numbers"
TABLE_J1 = {"TAIL, 7B": (1455, 90.0), "DeepSeek-R1, 671B": (1461, 51.2)}

# Table 2 (M, L) in the order base model, no-atomic, no-linear, no-fetch, tail.
_TABLE_2 = {
    "compare_numbers": ((47.4, 38.6), (82.6, 73.6), (80.0, 75.4), (90.2, 88.0), (94.2, 90.0)),
    "diophantine": ((26.8, 36.8), (68.2, 69.0), (63.6, 58.8), (64.2, 63.6), (96.0, 92.6)),
    "population_growth": ((12.4, 17.0), (77.2, 61.2), (76.2, 54.0), (73.8, 67.6), (90.0, 84.4)),
    "binary_search": ((21.6, 13.6), (86.2, 71.0), (85.0, 75.6), (92.4, 88.2), (98.6, 89.2)),
    "any_substring": ((19.4, 3.0), (52.2, 32.0), (43.0, 30.8), (87.2, 84.8), (99.6, 87.0)),
    "lcs": ((11.2, 13.0), (77.4, 61.0), (77.4, 74.2), (80.8, 74.8), (90.2, 71.8)),
    "schedule": ((5.4, 3.4), (39.0, 16.0), (20.6, 11.2), (45.6, 30.8), (91.8, 62.0)),
    "combination": ((7.2, 4.0), (75.8, 61.4), (79.0, 62.8), (80.0, 69.2), (83.6, 76.0)),
}
_COLUMNS = ("base", "no-atomic", "no-linear", "no-fetch", "tail")


def accuracies(task: str, recipe: Recipe) -> dict[str, float]:
    """The paper's accuracy in % by range, for the ranges that it prints of a task trained in this way."""
    data = recipe.data
    arm = "base" if not recipe.trains else "imported" if data.completions else data.variant
    if recipe.trains and (data.replay or data.teach != "task" or parse_mix(data.mix)[1:] != (0, 0)):
        return {}
    if (task, arm) in TABLE_1:
        return dict(zip("SML", TABLE_1[task, arm], strict=True))
    if task == TABLE_J1_TASK and arm in _TABLE_K1:
        return dict(zip("SML", _TABLE_K1[arm], strict=True))
    if task in _TABLE_2 and arm in _COLUMNS:
        return dict(zip("ML", _TABLE_2[task][_COLUMNS.index(arm)], strict=True))
    return {}
