"""Files of prompts: which lines count, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from renderer.files.prompt_file import MAX_FILE_BYTES, PromptFileError, read_prompts


def test_blank_lines_and_comments_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeff# houses\r\n\r\n a red house \n\\# one\n日本\n#\n".encode())
    assert read_prompts(path, 10) == ("a red house", "# one", "日本")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "contains no prompts"),
        (b"# only\n\n", "contains no prompts"),
        (b"\xff\xfe\x00", "is not text"),
        (b"a\n" * 11, "holds 11 prompts: at most 10"),
        (b"fine\n" + b"x" * 100_001, "Line 2 of list.txt"),
        (b"a\0b", "Line 1 of list.txt"),
        (b"x" * (MAX_FILE_BYTES + 1), "far too large"),
    ],
)
def test_other_files_are_refused_in_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(data)
    with pytest.raises(PromptFileError, match=sentence):
        read_prompts(path, 10)


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.txt"):
        with pytest.raises(PromptFileError, match=path.name):
            read_prompts(path, 10)
