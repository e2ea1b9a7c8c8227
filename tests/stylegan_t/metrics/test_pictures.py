"""Real pictures: drawn, from a folder, by COCO's list; latents that know only their number."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.pictures import CocoCaptions, DemoWorld, PictureFolder, latents, square
from tests.stylegan_t.metrics.tiny import write_pictures


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
    folder = PictureFolder(tmp_path / "set")
    texts = folder.prompts(range(9))
    assert len(folder) == 9 and sorted(texts)[:3] == ["", "", ""]
    assert {text for text in texts if text} == {f"a picture {k}" for k in (1, 2, 4, 5, 7, 8)}
    for file, text in zip(folder.files, texts, strict=True):
        assert not text or file.stem == f"p{int(text.split()[-1]):02}"
    pixels = folder.pixels(range(3, 6), 16)
    assert pixels.shape == (3, 3, 16, 16)
    assert torch.equal(pixels[1], square(folder.files[4], 16))
    assert folder.same_prompts(range(1), 1, 16) is None


def test_the_key_of_a_folder_changes_with_its_files(tmp_path: Path) -> None:
    write_pictures(tmp_path, 5)
    before = PictureFolder(tmp_path).key
    assert PictureFolder(tmp_path).key == before
    (tmp_path / "p01.png").unlink()
    assert PictureFolder(tmp_path).key != before


def test_the_middle_square_is_taken(tmp_path: Path) -> None:
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = (200, 100, 50)
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    middle = square(tmp_path / "wide.png", 10)
    assert middle.shape == (3, 10, 10)
    assert (middle == torch.tensor([200, 100, 50])[:, None, None]).all()
    Image.fromarray(pixels.transpose(1, 0, 2).copy()).convert("L").save(tmp_path / "grey.png")
    assert square(tmp_path / "grey.png", 4).shape == (3, 4, 4)


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_what_is_no_picture_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "bad.png"
    file.write_bytes(data)
    with pytest.raises(MetricError, match=r"bad\.png"):
        square(file, 8)


def test_a_picture_cut_short_is_a_sentence(tmp_path: Path) -> None:
    write_pictures(tmp_path, 1)
    file = tmp_path / "p00.png"
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(MetricError, match=r"p00\.png is damaged"):
        square(file, 8)


def test_folders_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MetricError, match="no folder"):
        PictureFolder(tmp_path / "none")
    with pytest.raises(MetricError, match="no pictures"):
        PictureFolder(tmp_path)


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


def test_captions_are_drawn_with_their_pictures(tmp_path: Path) -> None:
    captions = coco(tmp_path / "val")
    drawn = CocoCaptions(captions, tmp_path / "val", 10)
    texts = drawn.prompts(range(10))
    assert len(drawn) == 10 and len(set(texts)) == 10
    for index, text in enumerate(texts):
        file = tmp_path / "val" / f"p{int(text.split()[1][:-1]):02}.png"
        assert torch.equal(drawn.pixels(range(index, index + 1), 12)[0], square(file, 12))
    again = CocoCaptions(captions, tmp_path / "val", 10)
    assert again.prompts(range(10)) == texts and again.key == drawn.key
    assert CocoCaptions(captions, tmp_path / "val", 10, seed=1).prompts(range(10)) != texts


def test_a_list_leads_out_of_no_folder(tmp_path: Path) -> None:
    captions = coco(tmp_path / "val", prefix="../../../")
    drawn = CocoCaptions(captions, tmp_path / "val", 4)
    assert all(file.parent == tmp_path / "val" for file in drawn.files)


def test_lists_that_will_not_do_are_refused(tmp_path: Path) -> None:
    captions = coco(tmp_path / "val")
    with pytest.raises(MetricError, match="16 captions, fewer than 17"):
        CocoCaptions(captions, tmp_path / "val", 17)
    for file in (tmp_path / "val").glob("*.png"):
        file.unlink()
    with pytest.raises(MetricError, match=r"p\d\d\.png, which is not in"):
        CocoCaptions(captions, tmp_path / "val", 4)
    captions.write_text('{"images": []}')
    with pytest.raises(MetricError, match="no list of captions"):
        CocoCaptions(captions, tmp_path / "val", 4)
    with pytest.raises(MetricError, match="cannot be read"):
        CocoCaptions(tmp_path / "none.json", tmp_path / "val", 4)
