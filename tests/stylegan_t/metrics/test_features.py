"""Feature networks: by name, the same every time, blind to size and batch where they promise it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import RandomFeatures, resized, to_float
from stylegan_t.metrics.open_features import open_features


def pictures(n: int = 5, size: int = 16) -> torch.Tensor:
    random = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (n, 3, size, size), generator=random).to(torch.uint8)


def test_random_features_are_the_same_everywhere(tmp_path: Path) -> None:
    torch.manual_seed(1)
    one = open_features("random", tmp_path)
    torch.manual_seed(2)
    two = RandomFeatures()
    assert one.key == two.key and one.dim == two.dim
    seen = one(pictures())
    assert seen.shape == (5, one.dim) and seen.dtype == torch.float32
    assert torch.equal(seen, two(pictures()))
    assert not any(parameter.requires_grad for parameter in one.parameters())
    torch.testing.assert_close(one(pictures()[2:3]), seen[2:3])


def test_they_tell_pictures_apart(tmp_path: Path) -> None:
    seen = open_features("random", tmp_path)(pictures())
    assert torch.pdist(seen).min() > 0.1


def test_the_key_changes_with_the_weights() -> None:
    one, two = RandomFeatures(), RandomFeatures()
    next(two.parameters()).data[0] += 1e-3
    two.ready("random")
    assert one.key != two.key


def test_an_unknown_network_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(MetricError, match=r"'vgg'.*inception"):
        open_features("vgg", tmp_path)


def test_bytes_become_the_range_of_the_generator() -> None:
    pixels = torch.tensor([0, 255], dtype=torch.uint8)
    assert to_float(pixels).tolist() == [-1, 1]


@pytest.mark.parametrize("size", [8, 16, 40])
def test_resizing_keeps_flat_colour(size: int) -> None:
    flat = torch.full((1, 3, 16, 16), 0.25)
    torch.testing.assert_close(resized(flat, size), torch.full((1, 3, size, size), 0.25))
