"""`stylegan-t parameters` lists every address."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from renderer.parameters.parameters import EXAMPLE, parameters_of
from renderer.recipe.recipe import Recipe
from stylegan_t.demo.built_in import START
from tests.source_tree import ROOT
from tests.visualizer.fake import MODEL
from visualizer.cli import cli
from visualizer.commands.parameters import _info, listed

KNOWN = parameters_of(Recipe(), MODEL)


def test_the_demo_model_s_addresses_are_listed() -> None:
    result = CliRunner().invoke(cli, ["parameters"])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert any(line.startswith("/psi ") and "-1 to 2" in line for line in lines)
    assert any(line.startswith("/psi/block/8|16|32|64|128 ") for line in lines)
    assert any(line.startswith("/text/direction/1 ") for line in lines)
    assert any(line.startswith("/undo ") and "trigger" in line for line in lines)
    table = CliRunner().invoke(cli, ["parameters", "--markdown"]).output
    assert "| `/psi/block/8&#124;16&#124;32&#124;64&#124;128` |" in table
    for words in (
        "# Parameters",
        "## Truncation",
        "## Commands",
        "## Bends",
        "## LFOs",
        "## Sliders without an address",
    ):
        assert words in table
    assert "| `/psi` | Psi | -1 to 2 | 1 | Moves the latent part" in table
    assert "Only random noise is drawn from a seed. |" in table
    assert "| Smooth | 0 to 1 | 0.5 |" in table
    every = CliRunner().invoke(cli, ["parameters", "--all"]).output
    assert "\n/move/style/15/8 " in every


def test_each_line_names_an_address_or_a_family_of_them() -> None:
    items: list = [*KNOWN, *KNOWN.commands]
    together, apart = listed(items, together=True), listed(items, together=False)
    assert len(together) < 100
    assert [line.address for line in apart] == [item.address for item in items]
    assert all(line.text.endswith(".") and line.takes for line in together)
    wanted = {"/move/mapped/1-64", "/move/style/0-11/1-8", "/noise/strength/8|16|32|64"}
    assert wanted <= {line.address for line in together}


def test_commands_of_the_list_are_carried_out_by_the_program() -> None:
    from visualizer.control.command_addresses import ACTIONS

    assert {item.address for item in KNOWN.commands} == set(ACTIONS)


def test_a_model_that_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nothing")
    result = CliRunner().invoke(cli, ["parameters", str(bad)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")


def test_the_paper_lists_every_address_as_it_is() -> None:
    """Where this fails, the table of CONTROL.md is to be written again as this test expects it."""
    known = parameters_of(EXAMPLE, _info(START))
    lines = listed([*known, *known.commands], together=True)
    head = ["| address | takes | what it does |", "| --- | --- | --- |"]
    rows = [
        " | ".join(
            cell.replace("|", "&#124;") for cell in (f"`{one.address}`", one.takes, one.text)
        )
        for one in lines
    ]
    table = "\n".join([*head, *(f"| {row} |" for row in rows)])
    assert "| `/bend/1-2/amount` | -2 to 4 | Multiplies the features: 1 changes nothing" in table
    paper = (ROOT / ".github/CONTROL.md").read_text(encoding="utf-8")
    assert table in paper, table
