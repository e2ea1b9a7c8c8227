"""README and the papers in .github tell of what is there: files, links, commands, chapters."""

from __future__ import annotations

import importlib.util
import re
import runpy
import shlex
from pathlib import Path

import click
import numpy as np
import pytest

from tests.source_tree import PACKAGES, ROOT
from visualizer.cli import WINDOW, cli

PAPERS = [ROOT / "README.md", *sorted((ROOT / ".github").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
OWN_FILE = re.compile(rf"`((?:{'|'.join(PACKAGES)}|tests)/[\w./-]*)`")
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.M | re.S)
NOT_FOR_USERS = {"PULL_REQUEST_TEMPLATE.md"}
MAX_README_LINES = 150


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


def commands(program: str) -> list[list[str]]:
    """The words after `program` in each command of the papers that begins with it."""
    blocks = [text for _, (language, text) in papers(BLOCK) if language == "bash"]
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[1:] for line in words if line[:1] == [program]]


def refuse(line: list[str]) -> None:
    """Read a command's words without running it.

    Raises:
        click.UsageError: there is no such command or option, or a value is impossible.
    """
    name, *rest = line or [WINDOW]
    context = click.Context(cli)
    command = cli.get_command(context, name)
    if command is None:
        raise click.UsageError(f"There is no command {name}.")
    command.make_context(name, rest, parent=context).close()


def test_commands_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("smile.npy", np.ones(4))  # read with the words of its command
    found = commands("stylegan-t")
    assert len(found) > 15
    for line in found:
        refuse(line)


@pytest.mark.parametrize("line", ["paint", "render --prompts a", "grid --columns psi="])
def test_a_command_that_is_not_understood_is_found(line: str) -> None:
    with pytest.raises(click.UsageError):
        refuse(line.split())


def test_modules_that_are_run_are_there() -> None:
    words = [*commands("python"), *commands("torchrun")]
    modules = {line[line.index("-m") + 1] for line in words}
    assert {name.split(".")[0] for name in modules} >= {"stylegan_t", "visualizer", "pip"}
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []


def test_the_program_that_uses_a_model_runs(tmp_path: Path) -> None:
    (program,) = (text for _, (_, text) in papers(BLOCK) if "import stylegan_t\n" in text)
    script = tmp_path / "script.py"
    script.write_text(program, "utf-8")
    made = runpy.run_path(str(script))
    assert tuple(made["c"].shape) == (1, 128)
    assert made["image"].shape[:2] == (1, 3)


def test_readme_leads_to_every_paper() -> None:
    linked = {target for paper, (target, _) in papers(LINK) if paper.name == "README.md"}
    assert {
        f".github/{paper.name}" for paper in PAPERS[1:] if paper.name not in NOT_FOR_USERS
    } <= linked


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
