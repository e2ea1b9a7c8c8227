"""Resampling and filters against recorded operations."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from stylegan_t.family.resampling import (
    filtered_lrelu,
    kaiser_attenuation,
    kaiser_beta,
    kaiser_window,
    low_pass,
    resample,
)
from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.layers import upsample2d
from tests.stylegan_t.family.recorded import PARITY, worst

ARGS: dict[str, dict[str, Any]] = json.loads((PARITY / "ops3.json").read_text())["args"]
IO = load_file(PARITY / "ops3_io.safetensors")
TOLERANCE = 1e-5


def named(prefix: str) -> list[str]:
    """The recorded calls of one kind."""
    return [name for name in ARGS if name.startswith(prefix)]


def tensor(family: str, name: str) -> Tensor | None:
    return None if name == "none" else IO[f"{family}.{name}"]


def four(padding: Any) -> tuple[int, ...]:
    """The padding of all sides."""
    if isinstance(padding, int):
        return (padding,) * 4
    return tuple(padding) if len(padding) == 4 else (padding[0],) * 2 + (padding[1],) * 2


def pair(factor: Any) -> int | tuple[int, int]:
    return factor if isinstance(factor, int) else (factor[0], factor[1])


@pytest.mark.parametrize("name", named("design."))
def test_filters_are_designed_exactly(name: str) -> None:
    args = ARGS[name]
    made = low_pass(
        args["numtaps"], args["cutoff"], args["width"], args["fs"], radial=args["radial"]
    )
    assert made is not None
    assert worst(made, IO[name]) <= 1e-7


def test_one_tap_is_no_filter() -> None:
    assert low_pass(1, 2.0, 1.0, 8.0) is None


def test_kaiser() -> None:
    for taps, width, rate, damping, beta in IO["kaiser.table"].tolist():
        assert kaiser_attenuation(round(taps), width, rate) == pytest.approx(damping, rel=1e-12)
        assert kaiser_beta(damping) == pytest.approx(beta, rel=1e-12, abs=1e-12)
    assert worst(kaiser_window(12, 4.5), IO["kaiser.window12_beta4.5"]) <= 1e-12


@pytest.mark.parametrize("name", [n for n in named("fir.") if "sample2d" not in n])
def test_resampling(name: str) -> None:
    args = ARGS[name]
    fir = tensor("fir", args["filter"])
    if name == "fir.filter2d":  # the same size
        args = {**args, "padding": (2, 1, 2, 1)}
    made = resample(
        IO["fir.x"],
        fir,
        up=pair(args.get("up", 1)),
        down=pair(args.get("down", 1)),
        padding=four(args.get("padding", 0)),
        gain=args.get("gain", 1.0),
        flip=args.get("flip_filter", False),
    )
    assert worst(made, IO[name]) <= TOLERANCE


@pytest.mark.parametrize("name", ["fir.upsample2d", "fir.upsample2d_sep"])
def test_doubling(name: str) -> None:
    fir = tensor("fir", ARGS[name]["filter"])
    assert fir is not None
    lead, trail = (len(fir) + 1) // 2, (len(fir) - 2) // 2
    made = resample(IO["fir.x"], fir, up=2, padding=(lead, trail, lead, trail), gain=4.0)
    assert worst(made, IO[name]) <= TOLERANCE
    if fir.ndim == 2:
        assert worst(upsample2d(IO["fir.x"], fir), IO[name]) <= TOLERANCE


@pytest.mark.parametrize("name", named("flrelu."))
def test_filtered_leaky_relu(name: str) -> None:
    args = ARGS[name]
    made = filtered_lrelu(
        IO["flrelu.x"],
        tensor("flrelu", args["fu"]),
        tensor("flrelu", args["fd"]),
        IO["flrelu.b"],
        up=args["up"],
        down=args["down"],
        padding=args["padding"],
        gain=args.get("gain", 2**0.5),
        slope=args.get("slope", 0.2),
        clamp=args.get("clamp"),
        flip=args.get("flip_filter", False),
    )
    assert worst(made, IO[name]) <= TOLERANCE


def test_the_fourier_input_with_a_margin() -> None:
    args = ARGS["input_square.y"]
    layer = SynthesisInput(
        10, 6, args["size_width_height"], rate=args["sampling_rate"], bandwidth=args["bandwidth"]
    )
    prefix = "input_square.state."
    layer.load_state_dict(
        {key.removeprefix(prefix): value for key, value in IO.items() if key.startswith(prefix)}
    )
    with torch.inference_mode():
        w = IO["input_square.w"]
        assert worst(layer(w), IO["input_square.y"]) <= TOLERANCE
        zoomed = layer(w, torch.diag(torch.tensor([3.0, 3.0, 1.0])))
        assert worst(zoomed, IO["input_square.y_zoom3"]) <= TOLERANCE
