"""The closing lines of tests/run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.summary import main, summary


def report(*cases: str) -> str:
    body = "".join(f'<testcase name="t{i}">{case}</testcase>' for i, case in enumerate(cases))
    return f'<testsuites><testsuite name="pytest">{body}</testsuite></testsuites>'


def test_counts() -> None:
    assert summary(report("", "", "<failure/>", "<error/>")) == "2 passed, 2 failed"


def test_skips_are_told_with_their_reasons() -> None:
    skip = '<skipped type="pytest.skip" message="no CUDA device"/>'
    assert summary(report("", skip, skip)).splitlines() == [
        "not run: 2 skipped: no CUDA device",
        "1 passed, 0 failed, 2 skipped",
    ]


def test_a_missing_report_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(str(tmp_path / "none.xml")) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed"
