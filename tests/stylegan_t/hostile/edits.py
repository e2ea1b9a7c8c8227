"""Snapshots that are well formed, but whose generator is not one that can be computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

Payload = dict[str, Any]
Edit = Callable[[Payload], object]


def _fc0(p: Payload) -> Any:
    return p["G_ema"].mapping.mlp.fc0


def _layer(p: Payload, index: int = 1) -> Any:
    return p["G_ema"].synthesis.b8.convs1[index]


def _value(value: float) -> Edit:
    return lambda p: _layer(p).weight.data.view(-1)[3:4].fill_(value)


def _shaped(*shape: int) -> Edit:
    return lambda p: setattr(_layer(p), "weight", nn.Parameter(torch.ones(shape)))


def _clamp(value: object) -> Edit:
    def edit(p: Payload) -> None:
        for part in p["G_ema"].modules():
            if hasattr(part, "conv_clamp"):
                part.conv_clamp = value

    return edit


def _groups(value: object) -> Edit:
    def edit(p: Payload) -> None:
        for part in p["G_ema"].modules():
            if hasattr(part, "num_groups"):
                part.num_groups = value

    return edit


def _tensor(group: str, name: str, value: object) -> Edit:
    return lambda p: vars(_layer(p))[group].__setitem__(name, value)


def _module(name: str, make: Callable[[Payload], Any]) -> Edit:
    return lambda p: p["G_ema"].synthesis._modules.__setitem__(name, make(p))


def _without(*path: str) -> Edit:
    def edit(p: Payload) -> None:
        target = p["G_ema"].get_submodule(".".join(path[:-1]))
        delattr(target, path[-1])

    return edit


HUGE = 10**400
NAMES = (
    "",
    ".",
    "a.b",
    "weight ",
    "\n",
    "a\nb",
    "x" * 100_000,
    "\ud800",
    "\x00",
    "../x",
    "__class__",
)
EDITS: dict[str, Edit] = {
    **{f"a weight of {value}": _value(value) for value in (math.nan, math.inf, -math.inf)},
    **{f"weights {shape}": _shaped(*shape) for shape in ((), (0,), (8,), (8, 8), (8, 8, 3, 1))},
    **{f"weights {shape}": _shaped(*shape) for shape in ((9, 8, 3, 3), (8, 9, 3, 3), (8, 8, 0, 3))},
    **{
        f"a clamp of {value!r:.20}": _clamp(value)
        for value in (0, -1, math.nan, "256", b"", [], HUGE)
    },
    **{f"a clamp of minus {value!r:.20}": _clamp(-value) for value in (HUGE, math.inf)},
    **{
        f"{value!r:.20} groups": _groups(value)
        for value in (0, -2, 3, 64, None, "2", 2.0, True, HUGE)
    },
    **{
        f"a parameter {name[:9]!r}": _tensor("_parameters", name, nn.Parameter(torch.ones(3)))
        for name in NAMES
    },
    **{f"a buffer {name[:9]!r}": _tensor("_buffers", name, torch.ones(3)) for name in NAMES},
    **{f"a module {name[:9]!r}": _module(name, lambda p: _fc0(p)) for name in NAMES},
    "a parameter that is a module": _tensor("_parameters", "weight", nn.Identity()),
    "a parameter that is a number": _tensor("_parameters", "weight", 3.0),
    "a parameter of whole numbers": _tensor("_parameters", "weight", torch.ones(8, 8, 3, 3).long()),
    "a buffer twice": _tensor("_buffers", "weight", torch.ones(8, 8, 3, 3)),
    "no weight": _tensor("_parameters", "weight", None),
    "no groups of tensors": lambda p: vars(_layer(p)).pop("_parameters"),
    "parameters in a list": lambda p: vars(_layer(p)).update(_parameters=[1, 2]),
    "modules in a list": lambda p: vars(p["G_ema"].synthesis).update(_modules=[p["G_ema"].mapping]),
    "all buffers hidden": lambda p: vars(_layer(p)).update(
        _non_persistent_buffers_set={"noise_const"}
    ),
    "no mapping": _without("mapping"),
    "no synthesis": _without("synthesis"),
    "no first block": _without("synthesis", "b8"),
    "no second block": lambda p: p["G_ema"].synthesis._modules.update(
        b32=p["G_ema"].synthesis._modules.pop("b16")
    ),
    "no input": _without("synthesis", "b8", "input"),
    "no colours": _without("synthesis", "b16", "torgb"),
    "no upsampling": _without("synthesis", "b16", "conv0"),
    "no layers": _without("synthesis", "b16", "convs1"),
    "one layer less": lambda p: p["G_ema"].synthesis.b16.convs1._modules.pop("1"),
    "a layer more": lambda p: p["G_ema"].synthesis.b8.convs1.append(_layer(p)),
    "layers in another order": lambda p: p["G_ema"].synthesis.b8.convs1._modules.update(
        {"0": _layer(p), "1": _layer(p, 0)}
    ),
    "a block of 99999 pixels": _module("b99999", lambda p: p["G_ema"].synthesis.b16),
    "a block of 32 pixels": _module("b32", lambda p: p["G_ema"].synthesis.b16),
    "the mapping as synthesis": lambda p: setattr(p["G_ema"], "synthesis", p["G_ema"].mapping),
    "a generator in the generator": lambda p: setattr(p["G_ema"], "mapping", p["G_ema"]),
    "a linear layer as a block": _module("b16", lambda p: nn.Linear(3, 3)),
    "a convolution": _module("b16", lambda p: nn.Conv2d(3, 3, 3)),
    "another activation": lambda p: setattr(_layer(p), "activation", "relu"),
    "another activation in the mapping": lambda p: setattr(_fc0(p), "activation", "relu"),
    "another bandwidth": lambda p: setattr(p["G_ema"].synthesis.b8.input, "bandwidth", 3),
    "a huge bandwidth": lambda p: setattr(p["G_ema"].synthesis.b8.input, "bandwidth", HUGE),
    "a bandwidth of nan": lambda p: setattr(p["G_ema"].synthesis.b8.input, "bandwidth", math.nan),
    "another sampling rate": lambda p: setattr(p["G_ema"].synthesis.b8.input, "sampling_rate", 16),
    "another gain of the bias": lambda p: setattr(_fc0(p), "bias_gain", 1.0),
    "a huge gain of the bias": lambda p: setattr(_fc0(p), "bias_gain", HUGE),
    "another gain": lambda p: setattr(_fc0(p), "weight_gain", 1.0),
    "another epsilon": lambda p: setattr(_layer(p).norm, "eps", 0.1),
    "a huge number of features": lambda p: setattr(_fc0(p), "in_features", HUGE),
    "G_ema is G's mapping": lambda p: p.update(G_ema=p["G"].mapping),
    "G_ema is G's first block": lambda p: p.update(G_ema=p["G"].synthesis.b8),
    "G_ema is a list of generators": lambda p: p.update(G_ema=[p["G"]]),
    "no G_ema": lambda p: p.pop("G_ema"),
}
"""What is done to the dictionary before it is written."""
