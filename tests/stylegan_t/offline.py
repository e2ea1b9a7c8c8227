"""Tests that show that nothing reaches for the network, and what happens when it is asked to."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub import constants


def forbid_network(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    """An empty cache, and a failure for whoever opens a connection or asks for a name."""

    def refused(*args: Any, **options: Any) -> Any:
        pytest.fail("the network was touched")

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", refused)


def hub_with(monkeypatch: pytest.MonkeyPatch, file: Path | Exception) -> list[tuple[str, str]]:
    """Let a download give `file`, or fail with it; what is asked for is recorded."""
    asked: list[tuple[str, str]] = []

    def hf_hub_download(repo_id: str, filename: str) -> str:
        asked.append((repo_id, filename))
        if isinstance(file, Exception):
            raise file
        return str(file)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hf_hub_download)
    return asked


def cached(cache: Path, repository: str, name: str) -> Path:
    """Where a file of a repository lies in the cache; the folders are made."""
    folder = cache / f"models--{repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "main").write_text("0f")
    (folder / "snapshots" / "0f").mkdir(parents=True, exist_ok=True)
    return folder / "snapshots" / "0f" / name
