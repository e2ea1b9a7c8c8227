"""Means to truncate towards: from a file beside the checkpoint, or by k-means."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace

import stylegan_t
from renderer.errors import PictureError
from renderer.pipeline import means
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import ModelBlend, ModelRef, Prompt, Recipe, TextPart
from stylegan_t import to_uint8
from stylegan_t.inference.blending import blended
from tests.stylegan_t.family.recorded import recorded
from tests.stylegan_t.reference import family_snapshot


def test_k_means_finds_what_lies_together() -> None:
    draws = torch.Generator().manual_seed(1)
    centres = 20 * torch.randn(5, 3, generator=draws)
    samples = (centres.repeat(200, 1) + torch.randn(1000, 3, generator=draws)).contiguous()
    found = means.k_means(samples, 5)
    nearest = torch.cdist(centres, found).min(dim=1).values
    assert nearest.max() < 0.5
    assert torch.equal(found, means.k_means(samples, 5)), "no chance is in it"


def test_a_mean_that_owns_nothing_stays() -> None:
    samples = torch.tensor([[0.0], [0.0], [4.0], [6.0]])
    assert means.k_means(samples, 3).tolist() == [[0.0], [0.0], [5.0]]


def test_no_file_is_no_means(tmp_path: Path) -> None:
    assert means.read_means(tmp_path / "model.pkl", 4) is None
    os.mkfifo(tmp_path / "model.means.npy")
    assert means.read_means(tmp_path / "model.pkl", 4) is None


BAD = {
    "text": b"not an array",
    "empty": b"",
    "of another model": np.ones((3, 5), np.float32),
    "flat": np.ones(4, np.float32),
    "without rows": np.ones((0, 4), np.float32),
    "whole numbers": np.ones((3, 4), np.int64),
    "not finite": np.full((3, 4), np.nan),
    "too many": np.ones((means.MAX_MEANS + 1, 4), np.float16),
    "objects": np.array([[object()] * 4], object),
    "no end": b"\x93NUMPY\1\0\3\0'''",
    "brackets": b"\x93NUMPY\1\0\xb8\x0b" + b"(" * 3000,
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_does_not_fit_is_a_sentence(name: str, tmp_path: Path) -> None:
    file, content = tmp_path / "model.means.npy", BAD[name]
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        np.save(file, content)
    with pytest.raises(PictureError, match=r"model\.means\.npy contains no means for this model"):
        means.read_means(tmp_path / "model.pkl", 4)


def test_a_claim_of_a_hundred_gigabytes_takes_no_memory(tmp_path: Path) -> None:
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (6000000000, 4), }"
    data = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
    (tmp_path / "model.means.npy").write_bytes(data)
    with pytest.raises(PictureError, match="contains no means"):
        means.read_means(tmp_path / "model.pkl", 4)


@pytest.mark.parametrize("name", ["sg2_cond", "sg3_t", "xl_superres", "lafite"])
def test_a_file_beside_the_checkpoint_says_the_means(name: str, tmp_path: Path) -> None:
    file = family_snapshot.write(name, tmp_path / "model.pkl")
    renderer = Renderer("cpu")
    recipe = Recipe(ModelRef(str(file)), TextPart((Prompt("1"),)), psi=0.0)
    average = renderer.render(recipe)
    assert average.model is not None
    found = renderer.render(replace(recipe, psi_towards="nearest"))
    assert found.error is None
    assert (found.pixels() != average.pixels()).any()
    w_avg = recorded(name).model().mapping.w_avg.numpy()
    w_avg = w_avg[1] if w_avg.ndim == 2 else w_avg
    np.save(tmp_path / "model.means.npy", np.stack([w_avg, w_avg + 1e6]).astype(np.float64))
    told = Renderer("cpu").render(replace(recipe, psi_towards="nearest"))
    assert (told.pixels() == average.pixels()).all(), "the first of the two means is the average"


@torch.no_grad()
def test_a_blend_takes_the_means_of_the_mapping_network_that_draws(tmp_path: Path) -> None:
    """Those beside the first or the second checkpoint; between the two they are found."""
    kind, files = "xl_superres", [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    for index, file in enumerate(files):
        model = recorded(kind).model()
        model.mapping.get_submodule("fc1").get_parameter("bias").add_(50.0 * index)
        stylegan_t.save(model, file)
        means_of = np.full((2, model.anatomy.latent_dim), 1e6 * (index + 1), np.float32)
        means_of[0] = index + 0.5
        np.save(file.with_suffix(".means.npy"), means_of)
    renderer, seen = Renderer("cpu"), {}
    for mapping in (0.0, 1.0, 0.5):
        blend = ModelBlend(str(files[1]), mapping=mapping, weights=(0.3,))
        recipe = Recipe(ModelRef(str(files[0]), blend=blend), psi=0.0, psi_towards="nearest")
        frame = renderer.render(recipe)
        assert frame.error is None
        seen[mapping] = frame.pixels()
    for mapping, value in ((0.0, 0.5), (1.0, 1.5)):
        first, second = (stylegan_t.load(file) for file in files)
        network = blended(first, second, mapping, (0.3,))
        ws = torch.full((1, network.anatomy.num_ws, network.anatomy.latent_dim), value)
        expected = to_uint8(network.synthesis(ws))[0].numpy()
        assert np.abs(seen[mapping].astype(int) - expected).max() <= 1
    files[0].with_suffix(".means.npy").write_bytes(b"damaged")
    assert (seen[0.5] == Renderer("cpu").render(recipe).pixels()).all(), "no file says these"


def test_a_bad_file_is_told_over_the_picture(tmp_path: Path) -> None:
    file = family_snapshot.write("sg3_t", tmp_path / "model.pkl")
    (tmp_path / "model.means.npy").write_bytes(b"zero")
    renderer, recipe = Renderer("cpu"), Recipe(ModelRef(str(file)), psi=0.5)
    frame = renderer.render(replace(recipe, psi_towards="nearest"))
    assert frame.error is not None and "contains no means" in frame.error
    assert renderer.render(recipe).error is None
