"""The pages: short where they must be, and every link and command in them leads somewhere."""

import re
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.test_house import COMMANDS

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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_of_a_page_exists(cli: Cli, page: Path) -> None:
    helps = {command: cli(command, "--help", COLUMNS="200").stdout for command in COMMANDS}
    for command, rest in re.findall(r"tailkit ([a-z]+)\b([^\n|`]*)", page.read_text(encoding="utf-8")):
        if command not in COMMANDS:
            assert not rest.startswith(" --"), f"{page.name}: tailkit {command}"
            continue
        for option in re.findall(r"(?<=\s)--[a-z][a-z-]+", rest.split("&&")[0].split("#")[0]):
            assert option in helps[command], f"{page.name}: tailkit {command} {option}"
