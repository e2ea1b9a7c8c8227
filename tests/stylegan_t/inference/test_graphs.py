"""The synthesis for a graphics card gives the numbers of the reference path, and no work twice.

Without a card its steps are PyTorch's own operations, repeated by calling them again; the graphs
and the kernels themselves are tested where there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from stylegan_t.generator import SynthesisNetwork
from stylegan_t.inference.fused import Ops
from stylegan_t.inference.graphs import GraphSynthesis
from stylegan_t.inference.recorders import CallRecorder
from stylegan_t.layers import SynthesisLayer
from tests.stylegan_t.inference.test_fast import CALLS, CONFIGS, by_block, close, network, rows

COMPARED = 1
"""What is repeated for every picture, to find what differs."""


class CountingRecorder(CallRecorder):
    """Counts what is recorded, and what is repeated."""

    def __init__(self) -> None:
        self.recorded = self.repeated = 0

    def record(self, work: Callable[[], Any]) -> tuple[Callable[[], object], Any]:
        """See `Recorder`."""
        self.recorded += 1
        again, made = super().record(work)

        def counted() -> None:
            self.repeated += 1
            again()

        return counted, made


def graphs(reference: SynthesisNetwork, **options: Any) -> GraphSynthesis:
    """As on a card, but here."""
    return GraphSynthesis(reference, **{"ops": Ops(), "recorder": CountingRecorder(), **options})


@pytest.mark.parametrize("memory", [torch.channels_last, torch.contiguous_format])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", CONFIGS)
def test_it_draws_what_the_reference_path_draws(
    name: str, call: str, memory: torch.memory_format
) -> None:
    config, arguments = CONFIGS[name], by_block(CALLS[call], CONFIGS[name])
    reference = network(config)
    fast = graphs(reference, memory=memory)
    for seed in (1, 2, 1):  # recorded, repeated, and once more
        ws = rows(config, seed, mixed=True)
        assert close(fast(ws, **arguments), reference(ws, **arguments))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_the_reference_paths_within_its_own_error(dtype: torch.dtype) -> None:
    config = CONFIGS["wide"]
    exact, half = network(config), network(config)
    for layer in half.modules():
        if isinstance(layer, SynthesisLayer):
            layer.lower(dtype)
    ws = rows(config, mixed=True)
    expected = exact(ws, noise_mode="const")
    own = float((half(ws, noise_mode="const") - expected).square().mean())
    found = float((graphs(half)(ws, noise_mode="const") - expected).square().mean())
    assert found <= 1.5 * own


def test_a_second_picture_records_nothing() -> None:
    config, recorder = CONFIGS["skip"], CountingRecorder()
    fast = graphs(network(config), recorder=recorder)
    fast(rows(config, 1), noise_mode="const")
    before = recorder.recorded
    assert fast.recorded
    fast(rows(config, 2), noise_mode="const")
    assert recorder.recorded == before
    assert recorder.repeated == before  # every graph again, as everything differs
    assert not fast.recorded


def test_the_same_picture_takes_nothing() -> None:
    config, recorder = CONFIGS["skip"], CountingRecorder()
    fast = graphs(network(config), recorder=recorder)
    first = fast(rows(config), noise_mode="const")
    assert torch.equal(first, fast(rows(config), noise_mode="const"))
    assert recorder.repeated == COMPARED
    assert fast.blocks_drawn == 0


def test_the_texts_share_is_read_again_only_for_another_text() -> None:
    config, recorder = CONFIGS["skip"], CountingRecorder()
    fast = graphs(network(config), recorder=recorder)
    ws = rows(config).clone()
    fast(ws, noise_mode="const")
    blocks = len(config.block_resolutions)
    ws[..., 0] += 1.0
    fast(ws, noise_mode="const")
    assert recorder.repeated == COMPARED + blocks
    ws[..., -1] += 1.0
    fast(ws, noise_mode="const")
    assert recorder.repeated == 2 * COMPARED + blocks + 2 * blocks


@pytest.mark.parametrize("name", ["skip", "orig", "deep, no text"])
def test_every_edit_of_rows_gives_the_reference_picture_from_the_right_block(name: str) -> None:
    config = CONFIGS[name]
    reference = network(config)
    fast = graphs(reference)
    ws = rows(config).clone()
    fast(ws, noise_mode="const")
    blocks = len(config.block_resolutions)
    for row in reversed(range(config.num_ws)):
        ws[:, row] += 0.5
        assert close(fast(ws, noise_mode="const"), reference(ws, noise_mode="const"))
        owned = row // config.convs_per_block
        assert fast.blocks_drawn == blocks - owned


def test_edits_of_styles_come_and_go() -> None:
    config = CONFIGS["skip"]
    reference = network(config)
    fast = graphs(reference)
    ws = rows(config)
    sizes = {0: 4, 1: config.channels(8), 3: config.channels(8), config.num_ws - 1: 32}
    for chosen in ((), (1,), (1, 3), (0,), (config.num_ws - 1,), (), tuple(sizes)):
        edits = {row: torch.linspace(-1, 1, sizes[row]) for row in chosen}
        expected = reference(ws, noise_mode="const", style_edits=edits)
        assert close(fast(ws, noise_mode="const", style_edits=edits), expected)


def test_noise_transform_and_rows_change_together_and_apart() -> None:
    config = CONFIGS["skip"]
    reference = network(config)
    fast = graphs(reference)
    turned = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    calls: list[dict[str, Any]] = [
        {"noise_mode": "const"},
        {"noise_mode": "const", "noise_strength": [1.0, 2.0, 1.0]},
        {"noise_mode": "random", "noise_seed": 3, "noise_strength": [1.0, 2.0, 0.0]},
        {"noise_mode": "random", "noise_seed": 3, "noise_strength": [0.0, 2.0, 1.0]},
        {"noise_mode": "none", "transform": turned},
        {"noise_mode": "none"},
        {"noise_mode": "random", "noise_seed": 4},
    ]
    for index, call in enumerate(calls):
        ws = rows(config, index // 2)
        assert close(fast(ws, **call), reference(ws, **call)), call


def test_fresh_noise_is_never_the_same() -> None:
    config = CONFIGS["skip"]
    fast = graphs(network(config))
    assert not torch.equal(fast(rows(config)), fast(rows(config)))


def test_an_abandoned_picture_leaves_nothing_stale() -> None:
    config = CONFIGS["skip"]
    reference = network(config)
    for stop in config.block_resolutions:
        fast = graphs(reference)
        fast(rows(config, 1), noise_mode="const")

        def give_up(resolution: int, image: Tensor | None, stop: int = stop) -> None:
            if resolution == stop:
                raise InterruptedError

        for seed in (2, 3):
            with pytest.raises(InterruptedError):
                fast(rows(config, seed), noise_mode="const", on_block=give_up)
        # Back to the first picture: nothing of it may be taken for kept.
        for seed in (1, 3):
            ws = rows(config, seed)
            assert close(fast(ws, noise_mode="const"), reference(ws, noise_mode="const"))


def test_after_forgetting_everything_is_recorded_again() -> None:
    config, recorder = CONFIGS["skip"], CountingRecorder()
    reference = network(config)
    fast = graphs(reference, recorder=recorder)
    ws = rows(config)
    fast(ws, noise_mode="const")
    before = recorder.recorded
    fast.forget()
    assert close(fast(ws, noise_mode="const"), reference(ws, noise_mode="const"))
    assert recorder.recorded == 2 * before


def test_a_picture_stays_when_the_next_is_drawn() -> None:
    config = CONFIGS["skip"]
    fast = graphs(network(config))
    first = fast(rows(config, 1), noise_mode="const")
    kept = first.clone()
    fast(rows(config, 2), noise_mode="const")
    assert torch.equal(first, kept)


def test_blocks_are_told_in_order_with_pictures() -> None:
    config = CONFIGS["skip"]
    fast = graphs(network(config))
    for seed in (1, 1):
        told: list[tuple[int, int]] = []

        def tell(resolution: int, image: Tensor | None, told: list[tuple[int, int]] = told) -> None:
            assert image is not None
            told.append((resolution, image.shape[-1]))

        fast(rows(config, seed), noise_mode="const", on_block=tell)
        assert told == [(side, side) for side in config.block_resolutions]


def test_it_is_for_cards_only() -> None:
    assert not GraphSynthesis.suits(network(CONFIGS["skip"]))


class FailingRecorder:
    """A card that records nothing."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def record(self, work: Callable[[], Any]) -> tuple[Callable[[], object], Any]:
        """See `Recorder`."""
        raise self.error


def test_where_nothing_can_be_recorded_it_is_drawn_all_the_same() -> None:
    config = CONFIGS["skip"]
    reference = network(config)
    fast = graphs(reference, recorder=FailingRecorder(RuntimeError("not permitted")))
    for seed in (1, 2):
        ws = rows(config, seed)
        assert close(fast(ws, noise_mode="const"), reference(ws, noise_mode="const"))


def test_want_of_memory_is_told() -> None:
    fast = graphs(network(CONFIGS["skip"]), recorder=FailingRecorder(torch.OutOfMemoryError()))
    with pytest.raises(torch.OutOfMemoryError):
        fast(rows(CONFIGS["skip"]), noise_mode="const")
