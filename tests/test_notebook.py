"""The notebook for Colab, run from top to bottom with the bundled model in place of its own."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SMALL_OVERRIDES, Cli

NOTEBOOK = json.loads((Path(__file__).parent.parent / "recipes" / "colab.ipynb").read_text(encoding="utf-8"))
CELLS = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
SMALLER = [*SMALL_OVERRIDES, "data.variant=direct", "data.train=8", "train.epochs=1"]
INSTEAD = {"RECIPE": "nano", "SMALLER": shlex.join(SMALLER), "TASK": "addition"}


def test_its_cells_run_in_order(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    display = "from IPython.display import HTML, display\n"
    names: dict[str, Any] = {"HTML": str, "display": shown.append}
    printed = []
    monkeypatch.chdir(tmp_path)
    for cell in CELLS:
        python = [line for line in cell.splitlines(keepends=True) if not line.startswith(("!", "%"))]
        exec("".join(python).replace(display, ""), names)
        names |= {name: value for name, value in INSTEAD.items() if name in names}
        for command in re.findall(r"^!(.*)", cell, flags=re.M):
            program, *arguments = shlex.split(command.format_map(names))
            done = cli(*arguments, cwd=tmp_path)
            assert program == "tailkit"
            assert done.returncode == 0, done.stderr
            printed.append(done.stdout)
    assert [len(text) > 100 for text in printed] == [True] * 4
    assert "<html" in shown[0]


def test_it_installs_the_extra_for_a_gpu_and_keeps_no_output() -> None:
    assert CELLS[0].startswith('%pip install -q "tailkit[gpu] @ git+https://github.com/')
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in NOTEBOOK["cells"])
    assert NOTEBOOK["metadata"]["accelerator"] == "GPU"
