"""The name with which files are signed."""

from __future__ import annotations

import importlib.metadata

import pytest

from renderer.files.software import DISTRIBUTION, software_name


def test_the_name_has_a_version_where_the_program_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.2.3")
    assert software_name() == f"{DISTRIBUTION} 1.2.3"


def test_without_being_installed_it_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert software_name() == DISTRIBUTION
