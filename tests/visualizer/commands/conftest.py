"""A small model in a file, for commands that render."""

from __future__ import annotations

from pathlib import Path

import pytest

import stylegan_t
from tests.renderer.fakes import tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    stylegan_t.save(tiny_model(3), path)
    return path
