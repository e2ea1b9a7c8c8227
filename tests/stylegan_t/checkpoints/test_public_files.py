"""The public files that the program names are those that its papers name."""

from __future__ import annotations

from stylegan_t.checkpoints.public_files import PUBLIC_FILES
from tests.source_tree import ROOT


def test_the_papers_and_the_program_name_the_same() -> None:
    text = (ROOT / ".github" / "MODELS.md").read_text()
    table = text.partition("## Public files")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert len(rows) == len(PUBLIC_FILES)
    for row, public in zip(rows, PUBLIC_FILES, strict=True):
        kind, names, sides, page, _ = (cell.strip() for cell in row.strip("|").split("|"))
        assert (kind, names.replace("`", ""), sides) == (public.kind, public.names, public.sides)
        assert f"({public.page})" in page
