"""Tells from pytest's JUnit report what was skipped and why, and closes with one line of counts."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


def summary(report: str) -> str:
    """The closing lines for a JUnit report: one line for each reason to skip, then the counts."""
    root = ElementTree.fromstring(report)
    cases = list(root.iter("testcase"))
    skips = Counter(
        skip.get("message", "")
        for case in cases
        for skip in [case.find("skipped")]
        if skip is not None
    )
    failed = sum(
        case.find("failure") is not None or case.find("error") is not None for case in cases
    )
    skipped = sum(skips.values())
    lines = [f"not run: {count} skipped: {reason}" for reason, count in sorted(skips.items())]
    passed = len(cases) - failed - skipped
    counts = f"{passed} passed, {failed} failed"
    return "\n".join([*lines, f"{counts}, {skipped} skipped" if skipped else counts])


def main(path: str) -> int:
    """Print the summary of the report at `path`; 1 when there is none, or no test ran."""
    file = Path(path)
    if not file.exists():
        print("pytest stopped before it could report.\n0 passed, 1 failed")
        return 1
    print(summary(file.read_text("utf-8")))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
