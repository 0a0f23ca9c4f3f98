"""The pages: short where they must be, and every link and command in them leads somewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tailkit.cli import app
from tests.conftest import Cli

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path for pattern in ("*.md", "recipes/**/*.md", "tailkit/**/*.md", ".github/*.md") for path in ROOT.glob(pattern)
)


def test_the_readme_is_for_who_decides_in_two_minutes() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= 9 * 1024


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = {path: _anchors(path) for path in PAGES}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("http"):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        assert path.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in headings[path], f"{page.name}: {target}"


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def options_of(command: Any) -> set[str]:
    """The options of a command and of the commands below it."""
    own = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    return own.union(*map(options_of, getattr(command, "commands", {}).values()))


OPTIONS = {name: {"--help", *options_of(command)} for name, command in get_command(app).commands.items()}  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_of_a_page_exists(page: Path) -> None:
    for command, rest in re.findall(r"tailkit ([a-z]+)\b([^\n|`]*)", page.read_text(encoding="utf-8")):
        if command not in OPTIONS:
            assert not rest.startswith(" --"), f"{page.name}: tailkit {command}"
            continue
        options = set(re.findall(r"(?<=\s)--[a-z][a-z-]+", rest.split("&&")[0].split("#")[0]))
        assert options <= OPTIONS[command], f"{page.name}: tailkit {command}"


@pytest.mark.usefixtures("only_kit_tasks", "tried_here")
def test_the_traces_of_the_readme_are_what_its_commands_print(here: Cli, tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:python)?\n(.*?)^```$", readme, flags=re.M | re.S)
    assert here("show", "addition", "--n", "3", "--plain").stdout.strip() in [block.strip() for block in blocks]
    (source,) = [block for block in blocks if block.startswith("def gcd")]
    (tmp_path / "gcd.py").write_text(source)
    shown = here("show", "gcd.py:gcd", "--n", "2", "--plain", cwd=tmp_path).stdout.strip()
    (trace,) = [block.strip() for block in blocks if block.startswith("Find the greatest")]
    head, tail = trace.split("\n…\n")
    assert shown.startswith(head)
    assert shown.endswith(tail)
