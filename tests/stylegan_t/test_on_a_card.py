"""On a graphics card: the kernels give what PyTorch's operations give, the graphs what the
reference path gives."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from torch import Tensor

import stylegan_t
from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.inference import filtered_kernel
from stylegan_t.inference.fast import FastSynthesis
from stylegan_t.inference.fused import Affine, Ops, Skip
from stylegan_t.inference.fused_kernels import KernelOps, available, best_ops
from stylegan_t.inference.graphs import GraphSynthesis
from stylegan_t.inference.prepared import prepared
from stylegan_t.training import demo
from stylegan_t.training.demo_plan import measured
from tests.stylegan_t.family.recorded import NAMES, recorded
from tests.stylegan_t.inference.test_fast import CALLS, CONFIGS, by_block, close, network, rows

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
CARD = "cuda"
SHAPES = ((96, 10), (40, 6), (64, 70), (256, 8))
FORMATS = (torch.channels_last, torch.contiguous_format)


@pytest.fixture(autouse=True)
def exact() -> Any:
    """Full float32 in convolutions, as the program has it."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32 = before


def same(found: Tensor, expected: Tensor, within: float = 2e-5) -> bool:
    """Equal within a share of the largest value."""
    error = float((found.float() - expected.float()).abs().max())
    return error <= within * float(expected.float().abs().max())


@pytest.mark.parametrize("memory", FORMATS)
@pytest.mark.parametrize(("channels", "side"), SHAPES)
def test_each_kernel_gives_what_pytorch_gives(
    channels: int, side: int, memory: torch.memory_format
) -> None:
    assert available(torch.device(CARD))
    made = torch.Generator(CARD).manual_seed(0)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=made, device=CARD)

    def feature_map(extra: int = 0) -> Tensor:
        size = side + extra
        return draw(1, channels, size, size).contiguous(memory_format=memory)

    x, y, larger = feature_map(), feature_map(), feature_map(1)
    style, bias, then, gamma = (draw(channels) for _ in range(4))
    grain, taps = draw(side, side), draw(4, 4)
    weight, latent = draw(3, 3 * channels, 5), draw(3, 9)[:, :5]
    from_text, edit = draw(3, 3 * channels), draw(3, channels)
    power, gain, eps = draw(3, 56, channels).abs(), draw(3), draw(3, 56).abs()
    affine = Affine(8, 1e-5, gamma, bias)
    colours, image = draw(3, channels), draw(1, 3, side // 2, side // 2)
    source = SynthesisInput(21, channels, 8).to(CARD).requires_grad_(False)
    source.affine.weight.normal_()
    row, placement, user = draw(21), draw(4), draw(3, 3)

    def results(ops: Ops) -> list[Tensor]:
        plain, sums = ops.finished(y, style, bias, grain, 1.5, sums=True)
        assert sums is not None
        norm = ops.norm(sums, side**2, affine, style)
        skip = Skip(x, norm, gamma)
        return [
            plain,
            *norm,
            ops.styles(weight, latent, from_text, 0.3, edit),
            ops.demodulation(power, edit, gain, 1e-8),
            ops.demodulation(power, edit, gain, eps),
            ops.scaled(x, style),
            ops.scaled(x, style, bias),
            ops.finished(y, style, bias, grain, 1.5, skip=skip, next_style=then)[0],
            ops.blurred(larger, taps, style, bias, grain, 1.5, then),
            ops.colours(x, colours, style, bias[:3], 9.0, image, taps),
            ops.colours(x, colours, style, bias[:3], 9.0, None, taps),
            ops.waves(source, row, placement, user),
        ]

    for found, expected in zip(results(KernelOps()), results(Ops()), strict=True):
        assert same(found, expected)


@pytest.mark.parametrize("memory", FORMATS)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", CONFIGS)
def test_graphs_draw_what_the_reference_path_draws(
    name: str, call: str, memory: torch.memory_format
) -> None:
    config = CONFIGS[name]
    arguments: dict[str, Any] = {
        key: value.to(CARD) if isinstance(value, Tensor) else value
        for key, value in by_block(CALLS[call], config).items()
    }
    reference = network(config).to(CARD)
    fast = GraphSynthesis(reference, memory=memory)
    for seed in (1, 2, 1):
        ws = rows(config, seed, mixed=True).to(CARD)
        assert close(fast(ws, **arguments), reference(ws, **arguments))


def test_a_card_is_given_graphs_with_kernels() -> None:
    reference = network(CONFIGS["skip"]).to(CARD)
    assert isinstance(prepared(reference, 1 << 30), GraphSynthesis)
    assert isinstance(best_ops(torch.device(CARD)), KernelOps)


def test_another_thread_may_use_the_card_while_graphs_are_recorded() -> None:
    config = CONFIGS["wide"]
    reference = network(config).to(CARD)
    stop, failures = threading.Event(), list[BaseException]()

    def window() -> None:
        try:
            while not stop.is_set():
                torch.ones(1 << 20, device=CARD).sum().item()
        except BaseException as error:  # told to the test
            failures.append(error)

    thread = threading.Thread(target=window)
    thread.start()
    try:
        ws = rows(config).to(CARD)
        for _ in range(5):
            fast = GraphSynthesis(reference)
            assert close(fast(ws, noise_mode="const"), reference(ws, noise_mode="const"))
    finally:
        stop.set()
        thread.join()
    assert not failures


def test_forgetting_gives_the_memory_back() -> None:
    config = CONFIGS["wide"]
    fast = GraphSynthesis(network(config).to(CARD))
    ws = rows(config).to(CARD)
    fast(ws, noise_mode="const")
    fast.forget()
    torch.cuda.empty_cache()
    before = torch.cuda.memory_reserved()
    for _ in range(5):
        fast(ws, noise_mode="const")
        fast.forget()
        torch.cuda.empty_cache()
    assert torch.cuda.memory_reserved() <= before


@pytest.mark.parametrize("name", NAMES)
@torch.inference_mode()
def test_relatives_are_drawn_by_recordings(name: str) -> None:
    """Every block is one CUDA graph, StyleGAN3's filters are one kernel."""
    model = recorded(name).model().requires_grad_(False).to(CARD)
    fast = prepared(model.synthesis, 1 << 30)
    assert isinstance(fast, FastSynthesis)
    known = recorded(name)
    for index in (0, 1, 0):
        ws = known.rows(known.io["ws_psi1"])[index : index + 1].to(CARD)
        found = fast(ws, "const")
        assert same(found, model.synthesis(ws, "const"), 1e-4)


def test_the_demo_is_trained_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stage runs, and again, from its snapshots; what is written opens without the card."""
    monkeypatch.setattr(demo, "ENOUGH", 0.0)
    options = ["--device", CARD, "--first-things", "--images", "128", "128", "64", "--judged", "20"]
    options += ["--text-steps", "1", "--namer-steps", "1", "--no-compile"]
    for sharpened in ("64", "128"):
        command = ["--out", str(tmp_path), *options, "--sharpened", sharpened]
        done = CliRunner().invoke(demo.main, command, catch_exceptions=False)
        assert done.exit_code == 0 and "crispness" in done.output
    model = stylegan_t.load_generator(tmp_path / "demo.safetensors")
    assert all(bool(weight.isfinite().all()) for weight in model.parameters())


def test_a_plan_for_a_card_is_made_by_a_trial() -> None:
    found = measured(3, torch.device(CARD))
    assert min(found.pictures.values()) > 0 and found.text_step_s > 0 and found.namer_step_s > 0


def test_the_kernel_of_filters_works() -> None:
    assert filtered_kernel.available(torch.device(CARD))
