"""Sources: the same samples for one process and for several, broken ones replaced and counted."""

from pathlib import Path

import pytest
import torch

from stylegan_t.data.demo_source import DrawnSource
from stylegan_t.data.open_source import open_source
from stylegan_t.data.sampling import GROUP, TrainingError
from stylegan_t.data.shards import ShardSource
from stylegan_t.data.sources import Pictures, ShelfSource, Skipped, Source, Wanted
from tests.stylegan_t.training.tiny_run import png, shades, write_folder, write_shard, write_zip

GROUPS = 2


def data_of(kind: str, folder: Path) -> str:
    """Training data of each kind, 40 samples."""
    samples = shades(40)
    if kind == "folder":
        return str(write_folder(folder / "pictures", samples))
    if kind == "zip":
        return str(write_zip(folder / "a.zip", samples))
    if kind == "shards":
        for k in range(4):
            write_shard(folder / f"{k}.tar", samples[10 * k : 10 * k + 10], 10 * k)
        return str(folder)
    return "demo"


KINDS = ("folder", "zip", "shards", "demo")


def opened(spec: str, seed: int = 0) -> Source:
    return open_source(spec, Wanted(GROUPS, 16, seed, workers=2))


def equal(a: Pictures, b: Pictures) -> bool:
    """Drawn pictures may differ in their last bits when they are drawn in other company."""
    same = torch.allclose(a.images, b.images, rtol=0, atol=1e-5)
    return a.captions == b.captions and a.images.dtype == b.images.dtype and same


@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_see_what_one_sees(kind: str, tmp_path: Path) -> None:
    spec = data_of(kind, tmp_path)
    whole, first, second = opened(spec), opened(spec), opened(spec)
    for _ in range(7):  # more than an epoch
        batch = whole.take(range(2))
        assert len(batch.captions) == len(batch.images) == 16
        assert equal(batch.part(0, 8), first.take(range(0, 1)))
        assert equal(batch.part(8, 16), second.take(range(1, 2)))
    assert torch.equal(whole.positions(range(1, 2)), second.positions(range(1, 2)))


@pytest.mark.parametrize("kind", KINDS)
def test_going_on_from_a_position(kind: str, tmp_path: Path) -> None:
    spec = data_of(kind, tmp_path)
    source = opened(spec)
    for _ in range(3):
        source.take(range(2))
    positions = source.positions(range(2))
    assert positions.shape == (2, 3) and positions.dtype == torch.int64
    after = [source.take(range(2)) for _ in range(4)]
    other = opened(spec)
    other.seek(positions)
    assert all(equal(batch, other.take(range(2))) for batch in after)


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_is_another_order(kind: str, tmp_path: Path) -> None:
    spec = data_of(kind, tmp_path)
    a, b, c = opened(spec, 1), opened(spec, 1), opened(spec, 2)
    captions = [[t for _ in range(2) for t in s.take(range(2)).captions] for s in (a, b, c)]
    assert captions[0] == captions[1] != captions[2]


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_an_epoch_holds_every_picture_once(kind: str, tmp_path: Path) -> None:
    source = opened(data_of(kind, tmp_path))
    captions = [t for _ in range(5) for t in source.take(range(2)).captions]
    for epoch in (captions[:40], captions[40:80]):
        assert sorted(epoch) == sorted(text for _, text in shades(40))
    assert captions[:40] != captions[40:]


def test_captions_stay_with_their_pictures(tmp_path: Path) -> None:
    for kind in ("folder", "zip", "shards"):
        (tmp_path / kind).mkdir()
        batch = opened(data_of(kind, tmp_path / kind)).take(range(2))
        for image, caption in zip(batch.images, batch.captions, strict=True):
            assert (image == 5 * int(caption.removeprefix("grey "))).all()


def test_broken_pictures_are_replaced_and_counted_once(tmp_path: Path) -> None:
    samples = shades(12)
    broken = [(b"broken" if k % 3 == 0 else data, text) for k, (data, text) in enumerate(samples)]
    folder = write_folder(tmp_path / "pictures", broken)
    (folder / "001.txt").write_bytes(b"")
    source = opened(str(folder))
    for _ in range(4):
        captions = source.take(range(2)).captions
        assert all(int(caption.removeprefix("grey ")) % 3 for caption in captions)
    assert len(source.skipped.hashes()) == 4
    sentence = source.skipped.sentence(4)
    assert sentence.startswith("4 pictures could not be used and were skipped, for example: ")
    assert "is damaged or not a picture" in sentence and ".png" in sentence


def test_only_broken_pictures_end_with_a_sentence(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, [(b"broken", "text")] * 5)
    with pytest.raises(TrainingError, match=r"None of the pictures in .* can be used"):
        opened(str(folder)).take(range(2))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("nowhere", "There are no pictures at nowhere"),
        ("nowhere/*.tar", "There are no pictures"),
        ("note.md", "contains no pictures that can be read"),
        ("a.tar.gz", r"a.tar.gz is compressed, .*gunzip"),
        ("packed", "0.tgz is compressed"),
        ("both", r"holds .tar shards and pictures beside them: name one"),
        ("empty", "There are no pictures in"),
    ],
)
def test_what_is_no_data_is_told(
    spec: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("note.md").write_text("text")
    Path("empty").mkdir()
    Path("a.tar.gz").write_bytes(b"")
    Path("packed").mkdir()
    Path("packed/0.tgz").write_bytes(b"")
    write_folder(Path("both"), shades(1))
    write_shard(Path("both/0.tar"), shades(1))
    with pytest.raises(TrainingError, match=words):
        opened(spec)


def test_a_spec_leads_to_its_source(tmp_path: Path) -> None:
    places = {kind: tmp_path / kind for kind in KINDS}
    for place in places.values():
        place.mkdir()
    kinds = {kind: type(opened(data_of(kind, place))) for kind, place in places.items()}
    assert kinds == {
        "folder": ShelfSource,
        "zip": ShelfSource,
        "shards": ShardSource,
        "demo": DrawnSource,
    }
    assert isinstance(opened(f"{places['shards']}/*.tar"), ShardSource)
    assert isinstance(opened(f"{places['shards']}/0.tar"), ShardSource)


def test_the_demo_world_comes_in_range_and_never_twice() -> None:
    source = opened("demo")
    a, b = source.take(range(2)), source.take(range(2))
    assert a.images.dtype == torch.float32 and a.images.shape == (2 * GROUP, 3, 16, 16)
    assert a.images.min() >= -1 and a.images.max() <= 1
    assert len(torch.cat([a.images, b.images]).flatten(1).unique(dim=0)) == 4 * GROUP


@pytest.mark.parametrize("kind", ["folder", "zip", "shards"])
def test_one_of_several_captions_is_drawn_at_each_visit(kind: str, tmp_path: Path) -> None:
    samples = [(data, f"{text}\none {text}\n") for data, text in shades(8)]
    if kind == "folder":
        spec = str(write_folder(tmp_path, samples))
    elif kind == "zip":
        spec = str(write_zip(tmp_path / "a.zip", samples, labels=False))
    else:
        spec = str(write_shard(tmp_path / "a.tar", samples))
    a, b = opened(spec), opened(spec)
    visits = [text for _ in range(20) for text in a.take(range(2)).captions]
    assert set(visits) == {f"{word}{text}" for _, text in shades(8) for word in ("", "one ")}
    # Whoever takes them, and in whatever company, finds the same.
    for step in range(20):
        assert b.take(range(1, 2)).captions == visits[16 * step + 8 : 16 * step + 16]


def test_shards_in_folders_of_a_folder_are_found(tmp_path: Path) -> None:
    for k, name in enumerate(("cc3m", "laion")):
        (tmp_path / "joint" / name).mkdir(parents=True)
        write_shard(tmp_path / "joint" / name / "0000.tar", shades(20)[10 * k : 10 * k + 10])
        (tmp_path / "joint" / name / "0000_stats.json").write_text("{}")
    for spec in (tmp_path / "joint", f"{tmp_path}/joint/*/*.tar"):
        source = opened(str(spec))
        captions = {text for _ in range(3) for text in source.take(range(2)).captions}
        assert captions == {text for _, text in shades(20)}


@pytest.mark.parametrize("kind", ["folder", "shards"])
def test_small_pictures_are_noted(kind: str, tmp_path: Path) -> None:
    samples = [*shades(7), (png(size=(1, 1)), "a dot")]
    write = write_folder if kind == "folder" else write_shard
    source = opened(str(write(tmp_path / "a.tar", samples)))
    source.take(range(2))
    sentence = source.enlarged.sentence(len(source.enlarged.hashes()))
    assert sentence.startswith("1 picture is smaller than needed and was enlarged, for")
    assert "has 1 of 16 pixels" in sentence


def test_one_skipped_picture_is_told_in_the_singular() -> None:
    skipped = Skipped()
    skipped.add("a.png", "is damaged")
    skipped.add("a.png", "is damaged")
    assert len(skipped.hashes()) == 1
    expected = "1 picture could not be used and was skipped, for example: a.png is damaged."
    assert skipped.sentence(1) == expected
