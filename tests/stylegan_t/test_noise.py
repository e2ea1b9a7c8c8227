"""Sources of noise: stored, seeded, fresh, none."""

from __future__ import annotations

import pytest
import torch

from stylegan_t.noise import noise_source

WS = torch.zeros(3, 5, 8)
STORED = torch.randn(4, 4, generator=torch.Generator().manual_seed(1))


def test_stored_maps_are_multiplied_by_their_resolutions_strength() -> None:
    source = noise_source("const", None, {4: 0.5, 8: 0.0}, WS)
    noise = source(4, STORED)
    assert noise is not None
    torch.testing.assert_close(noise, STORED / 2)
    assert source(8, STORED) is None


@pytest.mark.parametrize("mode", ["const", "random", "none"])
def test_without_strength_there_is_none(mode: str) -> None:
    source = noise_source(mode, 1, {4: 0.0}, WS)  # type: ignore[arg-type]
    assert source(4, STORED) is None


def test_a_seed_gives_one_map_for_every_sample_and_again_the_same() -> None:
    first, second = (noise_source("random", 7, {4: 1.0}, WS)(4, STORED) for _ in range(2))
    assert first is not None and second is not None
    assert first.shape == (1, 1, 4, 4)
    assert torch.equal(first, second)


def test_without_a_seed_every_sample_has_a_map_of_its_own() -> None:
    noise = noise_source("random", None, {4: 1.0}, WS)(4, STORED)
    assert noise is not None and noise.shape == (3, 1, 4, 4)
    assert not torch.equal(noise[0], noise[1])


def test_a_block_keeps_its_map_whatever_the_ones_before_do() -> None:
    def second(strength: float) -> torch.Tensor:
        source = noise_source("random", 7, {4: strength, 8: 1.0}, WS)
        source(4, STORED)
        noise = source(8, STORED)
        assert noise is not None
        return noise

    assert torch.equal(second(0.0), second(1.0))


def test_a_source_of_ones_own_is_taken_as_it_is() -> None:
    def own(resolution: int, stored: torch.Tensor) -> None:
        return None

    assert noise_source(own, 1, {4: 1.0}, WS) is own
