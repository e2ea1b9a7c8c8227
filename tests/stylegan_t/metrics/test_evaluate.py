"""Evaluations of tiny models: each figure where it was asked for, and they mean something."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from stylegan_t import Generator
from stylegan_t.metrics import real_cache
from stylegan_t.metrics.attributes import AttributeJudge
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.evaluate import Evaluation, Plan
from stylegan_t.metrics.features import Features, RandomFeatures
from stylegan_t.metrics.pictures import CocoCaptions, DemoWorld, PictureShelf, RealPictures
from stylegan_t.metrics.report import Measured
from stylegan_t.metrics.shards import Shards
from stylegan_t.metrics.worlds import LandscapesJudge, WorldJudge
from tests.stylegan_t.metrics.test_pictures import coco
from tests.stylegan_t.metrics.tiny import tiny_generator, write_pictures


@pytest.fixture
def folder(tmp_path: Path) -> PictureShelf:
    write_pictures(tmp_path / "real", 12)
    return PictureShelf(str(tmp_path / "real"))


def measured(
    real: RealPictures,
    cache: Path,
    plan: Plan,
    generator: Generator | None = None,
    scorer: WorldJudge | None = None,
    features: Features | None = None,
) -> Measured:
    return Evaluation(
        generator or tiny_generator(), real, features or RandomFeatures(), scorer, Shards(), cache
    ).run(plan)


@pytest.mark.slow
def test_each_figure_stands_where_it_was_asked_for(folder: PictureShelf, tmp_path: Path) -> None:
    plan = Plan(12, (1.0, 0.0), batch=5, neighbours=True, diversity=True, speed=True)
    found = measured(folder, tmp_path, plan)
    assert [row.psi for row in found.rows] == [1.0, 0.0]
    for row in found.rows:
        assert row.fid is not None and row.fid > 0 and row.alignment is None
        assert row.precision is not None and 0 <= row.precision <= 1
    one, zero = found.rows
    assert one.diversity is not None and one.diversity > 0.01
    assert zero.diversity == pytest.approx(0, abs=1e-6)
    assert found.speed is not None and found.resolution == 16
    bare = measured(folder, tmp_path, Plan(12))
    assert bare.rows[0].precision is None and bare.rows[0].diversity is None
    assert bare.rows[0].fid == pytest.approx(one.fid, rel=1e-3) and bare.speed is None
    assert any("12 pictures are few" in note for note in bare.notes)


class Copycat(DemoWorld):
    """A world whose other pictures are the real ones again."""

    def same_prompts(self, block: range, variant: int, size: int) -> Tensor:
        return super().same_prompts(block, 0, size)


def test_real_pictures_are_the_yardstick(tmp_path: Path) -> None:
    plan = Plan(40, size=16, neighbours=True)
    row, copy = measured(Copycat(40), tmp_path, plan).rows
    assert copy.psi is None and copy.precision == copy.recall == 1
    assert copy.fid == pytest.approx(0, abs=1e-3)
    other = measured(DemoWorld(40, "fresh"), tmp_path, plan).rows[-1]
    assert other.fid is not None and row.fid is not None and copy.fid is not None
    assert copy.fid < other.fid < row.fid


def test_statistics_of_real_pictures_are_kept(
    folder: PictureShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = measured(folder, tmp_path / "cache", Plan(12))
    assert len(list((tmp_path / "cache").iterdir())) == 1

    def unread(block: range, size: int) -> Tensor:
        raise AssertionError("the real pictures were read again")

    monkeypatch.setattr(folder, "pixels", unread)
    assert measured(folder, tmp_path / "cache", Plan(12)).rows == first.rows
    with pytest.raises(AssertionError, match="read again"):
        measured(folder, tmp_path / "cache", Plan(12, size=8))


def test_damaged_pictures_are_told_and_nothing_of_them_is_kept(
    folder: PictureShelf, tmp_path: Path
) -> None:
    (tmp_path / "real" / "p04.png").write_bytes(b"damaged")
    found = measured(folder, tmp_path / "cache", Plan(12, neighbours=True))
    assert any("1 picture could not be used" in note and "p04.png" in note for note in found.notes)
    assert not (tmp_path / "cache").exists()
    for file in (tmp_path / "real").glob("*.png"):
        file.write_bytes(b"damaged")
    with pytest.raises(MetricError, match=r"cannot be used\. For example: p"):
        measured(folder, tmp_path / "cache", Plan(12))


def test_real_pictures_that_were_enlarged_are_told(folder: PictureShelf, tmp_path: Path) -> None:
    found = measured(folder, tmp_path, Plan(12, size=32))
    assert any("12 pictures are smaller than needed" in note for note in found.notes)
    again = PictureShelf(str(tmp_path / "real"))
    assert not any("smaller" in note for note in measured(again, tmp_path, Plan(12)).notes)


def test_captions_are_compared_with_all_pictures_of_their_list(tmp_path: Path) -> None:
    drawn = CocoCaptions(coco(tmp_path / "val"), str(tmp_path / "val"), 5)
    found = measured(drawn, tmp_path, Plan(5, noise="random", neighbours=True))
    (file,) = tmp_path.glob("real-*")
    assert real_cache.stored(file, RandomFeatures().dim, 8, keep=True) is not None
    assert found.noise == "random" and drawn.protocol[0] in found.notes


def test_a_damaged_cache_is_made_anew(folder: PictureShelf, tmp_path: Path) -> None:
    first = measured(folder, tmp_path / "cache", Plan(12))
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(b"damaged")
    assert measured(folder, tmp_path / "cache", Plan(12)).rows == first.rows
    dim = RandomFeatures().dim
    assert real_cache.stored(file, dim, 12, keep=False) is not None


def test_a_cache_that_cannot_be_written_costs_no_figure(
    folder: PictureShelf, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    found = measured(folder, tmp_path / "file" / "cache", Plan(12))
    assert found.rows == measured(folder, tmp_path / "cache", Plan(12)).rows
    assert any("are not kept" in note and note.endswith("not a folder.") for note in found.notes)


def test_the_judge_marks_what_prompts_name(tmp_path: Path) -> None:
    torch.manual_seed(0)
    judge = LandscapesJudge(AttributeJudge().eval())
    found = measured(DemoWorld(10), tmp_path, Plan(10, size=64, fid=False), scorer=judge)
    marks = [row.alignment for row in found.rows]
    assert len(marks) == 2 and all(mark is not None and 0 <= mark <= 1 for mark in marks)
    assert "judge" in found.alignment and found.features == ""


def test_more_pictures_than_there_are_is_a_sentence(folder: PictureShelf, tmp_path: Path) -> None:
    with pytest.raises(MetricError, match="12 pictures, fewer than 13; ask"):
        measured(folder, tmp_path, Plan(13))
