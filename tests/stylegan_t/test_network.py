"""The face that all generators share."""

from __future__ import annotations

import pytest
import torch

from stylegan_t.network import AnyNetwork
from tests.renderer.fakes import tiny_model
from tests.stylegan_t.family.recorded import NAMES, recorded


def opened(name: str) -> AnyNetwork:
    """A network of a kind."""
    return tiny_model(resolution=32) if name == "stylegan_t" else recorded(name).model()


@pytest.mark.parametrize("name", ["stylegan_t", *NAMES])
@torch.inference_mode()
def test_the_anatomy_is_that_of_the_network(name: str) -> None:
    network = opened(name)
    anatomy = network.anatomy
    x = torch.zeros(2, anatomy.latent_dim)
    if anatomy.condition == "text":
        x = torch.cat([x, torch.zeros(2, anatomy.c_dim)], dim=1)
    for layer in anatomy.layers:
        if not layer.shared:
            assert network.style_of_row(layer.row)(x).shape == (2, layer.channels)
    owned = [row for start, stop in anatomy.rows_of_block for row in range(start, stop)]
    assert owned == list(range(anatomy.num_ws))
    assert sorted({layer.row for layer in anatomy.layers}) == owned
    assert list(anatomy.blocks) == sorted(set(anatomy.blocks))


@pytest.mark.parametrize("name", ["stylegan_t", *NAMES])
@torch.inference_mode()
def test_every_block_reports_when_it_is_done(name: str) -> None:
    network, done = opened(name), list[int]()
    anatomy = network.anatomy
    columns = anatomy.latent_dim + (anatomy.c_dim if anatomy.condition == "text" else 0)
    ws = torch.zeros(1, anatomy.num_ws, columns)
    image = network.synthesis(ws, noise_mode="none", on_block=lambda side, _: done.append(side))
    assert tuple(done) == anatomy.blocks
    side = anatomy.img_resolution
    assert image.shape == (1, anatomy.img_channels, side, side)


@pytest.mark.parametrize("name", ["sg2_cond", "xl_stem", "stylegan_t"])
@torch.inference_mode()
def test_truncation_goes_from_the_centre_to_the_latent(name: str) -> None:
    network = opened(name)
    anatomy, z = network.anatomy, torch.randn(1, network.anatomy.z_dim)
    label = None
    if anatomy.condition == "classes":
        label = torch.eye(anatomy.c_dim)[:1]
    x = network.mapping.mapped(z, label)
    assert torch.equal(network.mapping.truncate(x, 1.0, label), x)
    centre = network.mapping.truncate(x, 0.0, label)
    other = network.mapping.truncate(network.mapping.mapped(-z, label), 0.0, label)
    assert torch.allclose(centre, other, atol=1e-6)
