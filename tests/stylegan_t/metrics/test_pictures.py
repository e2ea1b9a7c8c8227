"""Real pictures: drawn, from a folder, by COCO's list; latents that know only their number."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest
import torch
from PIL import Image

from stylegan_t.data.images import read_square
from stylegan_t.data.open_source import open_source
from stylegan_t.data.sources import Wanted
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.pictures import CocoCaptions, DemoWorld, PictureShelf, latents
from tests.stylegan_t.metrics.tiny import write_pictures
from tests.stylegan_t.training.tiny_run import (
    encoded,
    png,
    shades,
    write_folder,
    write_shard,
    write_zip,
)


def test_a_latent_depends_on_its_seed_and_number_alone() -> None:
    whole = latents(3, range(20), 8)
    assert torch.equal(whole[7:12], latents(3, range(7, 12), 8))
    assert not torch.equal(whole, latents(4, range(20), 8))
    rows = torch.cat([latents(seed, range(300), 8) for seed in (0, 1, 4000)])
    assert len(rows.unique(dim=0)) == 900
    assert abs(float(rows.mean())) < 0.05 and abs(float(rows.std()) - 1) < 0.05


def test_the_demo_world_is_drawn_the_same_in_any_block() -> None:
    world = DemoWorld(6)
    assert len(world) == 6 and len(set(world.prompts(range(6)))) > 3
    whole = world.pixels(range(6), 32)
    assert whole.shape == (6, 3, 32, 32) and whole.dtype == torch.uint8
    assert torch.equal(whole[2:4], world.pixels(range(2, 4), 32))
    other = world.same_prompts(range(6), 1, 32)
    assert not torch.equal(other, whole)
    assert world.key != DemoWorld(6, "another world").key


def test_a_folder_gives_pictures_and_their_texts(tmp_path: Path) -> None:
    write_pictures(tmp_path / "set" / "sub", 9)
    folder = PictureShelf(str(tmp_path / "set"))
    texts = folder.prompts(range(9))
    assert len(folder) == 9 and sorted(texts)[:3] == ["", "", ""]
    assert {text for text in texts if text} == {f"a picture {k}" for k in (1, 2, 4, 5, 7, 8)}
    files = [tmp_path / "set" / folder.shelf.name(k) for k in folder.order]
    for file, text in zip(files, texts, strict=True):
        assert not text or file.stem == f"p{int(text.split()[-1]):02}"
    pixels = folder.pixels(range(3, 6), 16)
    assert pixels.shape == (3, 3, 16, 16)
    assert torch.equal(pixels[1], read_square(files[4].read_bytes(), 16).pixels)
    assert folder.same_prompts(range(1), 1, 16) is None


@pytest.mark.parametrize("kind", ["folder", "zip", "shards"])
def test_pictures_are_those_that_training_reads(kind: str, tmp_path: Path) -> None:
    """Transparency, rotation, 16 bits, more than the middle: FID against itself was 121 once."""
    upside_down = Image.Exif()
    upside_down[0x0112] = 3
    photo = Image.linear_gradient("L").resize((50, 20)).convert("RGB")
    samples = [
        (png((10, 200, 90, 128), (30, 20), "RGBA"), "half transparent"),
        (encoded(photo, "PNG", exif=upside_down), "turned"),
        (encoded(Image.new("I;16", (20, 20), 40_000), "PNG"), "deep"),
        *shades(5),
    ]
    if kind == "folder":
        spec = str(write_folder(tmp_path, samples))
    elif kind == "zip":
        spec = str(write_zip(tmp_path / "a.zip", samples))
    else:
        spec = str(write_shard(tmp_path / "a.tar", samples))
    real = PictureShelf(spec)
    measured = dict(zip(real.prompts(range(8)), real.pixels(range(8), 12), strict=True))
    batch = open_source(spec, Wanted(1, 12, 0)).take(range(1))
    trained = dict(zip(batch.captions, batch.images, strict=True))
    assert trained.keys() == measured.keys() and len(trained) == 8
    assert all(torch.equal(measured[text], image) for text, image in trained.items())
    assert measured["half transparent"][0].min() > 100, "white shines through, not black"


def test_the_key_of_a_folder_changes_with_its_files(tmp_path: Path) -> None:
    write_pictures(tmp_path, 5)
    before = PictureShelf(str(tmp_path)).key
    assert PictureShelf(str(tmp_path)).key == before
    (tmp_path / "p01.png").unlink()
    assert PictureShelf(str(tmp_path)).key != before


def test_damaged_pictures_are_left_out_and_told(tmp_path: Path) -> None:
    write_pictures(tmp_path, 6)
    (tmp_path / "p01.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (tmp_path / "p03.png").write_bytes((tmp_path / "p03.png").read_bytes()[:300])
    real = PictureShelf(str(tmp_path))
    assert len(real) == 6 and real.pixels(range(6), 8).shape == (4, 3, 8, 8)
    sentence = real.skipped.sentence(2)
    assert "p01.png is damaged" in sentence and "p03.png is damaged" in sentence


def test_places_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MetricError, match="no pictures at"):
        PictureShelf(str(tmp_path / "none"))
    with pytest.raises(MetricError, match="no pictures in"):
        PictureShelf(str(tmp_path))


def coco(folder: Path, count: int = 8, prefix: str = "") -> Path:
    """COCO's list of two captions for each picture of a folder."""
    write_pictures(folder, count)
    facts = {
        "info": {"year": 2014},
        "images": [
            {"id": 100 + k, "file_name": f"{prefix}p{k:02}.png", "license": 1} for k in range(count)
        ],
        "annotations": [
            {"id": 7 * k + m, "image_id": 100 + k, "caption": f" picture {k}, caption {m}\n"}
            for m in range(2)
            for k in range(count)
        ],
    }
    file = folder.parent / "captions.json"
    file.write_text(json.dumps(facts))
    return file


@pytest.mark.parametrize("packed", [False, True])
def test_captions_are_drawn_against_all_pictures(packed: bool, tmp_path: Path) -> None:
    captions = coco(tmp_path / "val")
    place = str(tmp_path / "val")
    if packed:
        with zipfile.ZipFile(tmp_path / "val.zip", "w") as archive:
            for file in sorted((tmp_path / "val").glob("*.png")):
                archive.write(file, f"val2014/{file.name}")
        place = str(tmp_path / "val.zip")
    drawn = CocoCaptions(captions, place, 10)
    texts = drawn.prompts(range(10))
    assert len(drawn) == 10 and len(set(texts)) == 10
    assert all(text == text.strip() and text.startswith("picture ") for text in texts)
    assert drawn.against(10) == 8 and drawn.protocol
    files = sorted((tmp_path / "val").glob("*.png"))
    expected = torch.stack([read_square(file.read_bytes(), 12).pixels for file in files])
    assert torch.equal(drawn.pixels(range(8), 12), expected)
    again = CocoCaptions(captions, place, 10)
    assert again.prompts(range(10)) == texts and again.key == drawn.key
    assert CocoCaptions(captions, place, 10, seed=1).prompts(range(10)) != texts


def test_a_list_leads_out_of_no_folder(tmp_path: Path) -> None:
    captions = coco(tmp_path / "val", prefix="../../../")
    drawn = CocoCaptions(captions, str(tmp_path / "val"), 4)
    assert {drawn.shelf.name(k) for k in drawn.indices} == {f"p{k:02}.png" for k in range(8)}


def test_lists_that_will_not_do_are_refused(tmp_path: Path) -> None:
    captions, place = coco(tmp_path / "val"), str(tmp_path / "val")
    with pytest.raises(MetricError, match="16 captions, fewer than 17"):
        CocoCaptions(captions, place, 17)
    (tmp_path / "val" / "p03.png").unlink()
    with pytest.raises(MetricError, match=r"p03\.png, which is not in"):
        CocoCaptions(captions, place, 4)
    captions.write_text('{"images": []}')
    with pytest.raises(MetricError, match="not a list of captions"):
        CocoCaptions(captions, place, 4)
    with pytest.raises(MetricError, match="cannot be read"):
        CocoCaptions(tmp_path / "none.json", place, 4)
    os.mkfifo(tmp_path / "pipe.json")
    for endless in (tmp_path / "pipe.json", Path("/dev/zero")):
        with pytest.raises(MetricError, match="is not a file"):
            CocoCaptions(endless, place, 4)
