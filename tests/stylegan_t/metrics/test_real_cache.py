"""Statistics on disk: they come back, and what is damaged or of something else does not."""

from __future__ import annotations

from pathlib import Path

import torch

from stylegan_t.metrics.frechet import Moments
from stylegan_t.metrics.real_cache import statistics_file, store, stored
from stylegan_t.metrics.survey import Survey


def seen(keep: bool = True) -> Survey:
    rows = torch.randn(20, 4, generator=torch.Generator().manual_seed(1))
    moments = Moments(4)
    moments.add(rows)
    return Survey(moments, rows if keep else None)


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    file = statistics_file(tmp_path / "new", "pictures", "features", 20, 64)
    store(file, seen())
    again = stored(file, 4, 20, keep=True)
    wanted = seen().features
    assert again is not None and again.features is not None and wanted is not None
    assert torch.equal(again.features, wanted)
    assert torch.equal(again.moments.scatter, seen().moments.scatter)
    assert [f.name for f in file.parent.iterdir()] == [file.name]


def test_features_that_were_not_kept_are_missed(tmp_path: Path) -> None:
    file = tmp_path / "real.safetensors"
    store(file, seen(keep=False))
    assert stored(file, 4, 20, keep=True) is None
    assert stored(file, 4, 20, keep=False) is not None


def test_what_will_not_do_counts_as_missing(tmp_path: Path) -> None:
    file = tmp_path / "real.safetensors"
    assert stored(file, 4, 20, keep=False) is None
    store(file, seen())
    assert stored(file, 4, 21, keep=False) is None
    assert stored(file, 5, 20, keep=False) is None
    whole = file.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"x" * 100):
        file.write_bytes(damaged)
        assert stored(file, 4, 20, keep=False) is None
    bad = seen()
    bad.moments.mean[0] = torch.nan
    store(file, bad)
    assert stored(file, 4, 20, keep=False) is None


def test_each_thing_that_matters_has_a_file_of_its_own(tmp_path: Path) -> None:
    facts = [("p", "f", 20, 64), ("q", "f", 20, 64), ("p", "g", 20, 64), ("p", "f", 21, 64)]
    files = {statistics_file(tmp_path, *fact) for fact in (*facts, ("p", "f", 20, 32))}
    assert len(files) == 5


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "are not kept" in store(tmp_path / "file" / "real.safetensors", seen())
