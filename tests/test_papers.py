"""README and the papers in .github tell of what is there: files, links, commands, chapters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.source_tree import PACKAGES, ROOT

PAPERS = [ROOT / "README.md", *sorted((ROOT / ".github").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
OWN_FILE = re.compile(rf"`((?:{'|'.join(PACKAGES)}|tests)/[\w./-]*)`")
MAX_README_LINES = 200


def papers(pattern: re.Pattern[str]) -> list[tuple[Path, tuple[str, ...]]]:
    """What `pattern` finds in each paper."""
    found = [
        (paper, match) for paper in PAPERS for match in pattern.finditer(paper.read_text("utf-8"))
    ]
    return [(paper, tuple(group or "" for group in match.groups())) for paper, match in found]


def chapters(paper: Path) -> set[str]:
    """The names under which GitHub knows the headings of a paper."""
    titles = re.findall(r"^#+ (.*)$", paper.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_lead_somewhere() -> None:
    lost = []
    for paper, (target, chapter) in papers(LINK):
        file = paper.parent / target if target else paper
        if not file.exists() or (chapter and chapter not in chapters(file)):
            lost.append(f"{paper.name}: {target}#{chapter}")
    assert lost == []


def test_files_that_are_named_are_there() -> None:
    named = papers(OWN_FILE)
    assert len(named) > 20
    assert [f"{paper.name}: {name}" for paper, (name,) in named if not (ROOT / name).exists()] == []


def test_readme_is_for_users() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= MAX_README_LINES
    assert "\nbash tests/run\n" in text  # the command that .ci/run and the workflow call
    assert "tests/run" in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("form", ["bug.yml", "idea.yml"])
def test_forms_ask_for_the_doctor(form: str) -> None:
    assert "stylegan-t doctor" in (ROOT / ".github/ISSUE_TEMPLATE" / form).read_text("utf-8")


def test_the_hooks_are_of_the_pinned_versions() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    ruff = re.search(r"^ruff==(.*)$", (ROOT / "constraints.txt").read_text("utf-8"), re.M)
    assert ruff and f"rev: v{ruff[1]}\n" in hooks
