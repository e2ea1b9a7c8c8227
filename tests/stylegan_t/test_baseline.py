"""What speed is measured against draws the same pictures, by modulating weights."""

from __future__ import annotations

import pytest
import torch

from stylegan_t.config import GeneratorConfig
from tests.benchmarks.baseline import Baseline
from tests.benchmarks.random_models import latents, random_generator

CONFIGS = {
    "skip": GeneratorConfig(32, 1024, 32, 1, 6, z_dim=5, gn_groups=4),
    "orig": GeneratorConfig(32, 1024, 32, 1, 6, z_dim=5, gn_groups=4, architecture="orig"),
    "deep, no text": GeneratorConfig(16, 512, 32, 3, 0, z_dim=5, gn_groups=8),
    "clamped": GeneratorConfig(16, 512, 32, 1, 6, z_dim=5, gn_groups=4, conv_clamp=0.5),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_the_baseline_draws_what_the_reference_path_draws(name: str) -> None:
    config = CONFIGS[name]
    network = random_generator(config).synthesis
    ws = torch.cat(latents(config, 2))
    expected = network(ws, noise_mode="const")
    difference = (Baseline(network)(ws) - expected).abs().max()
    assert float(difference) <= 1e-4 * float(expected.abs().max())


def test_every_parameter_of_a_random_network_matters() -> None:
    config = CONFIGS["skip"]
    network = random_generator(config).synthesis
    (ws,) = latents(config, 1)
    before = network(ws, noise_mode="const")
    for name, value in network.named_parameters():
        kept = value.clone()
        value.add_(0.5 * value.abs().mean() + 0.01)
        changed = float((network(ws, noise_mode="const") - before).abs().max())
        assert changed > 1e-3 * float(before.abs().max()), name
        value.copy_(kept)
