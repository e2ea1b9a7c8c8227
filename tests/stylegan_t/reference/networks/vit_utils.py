"""A stand-in for the surgery on the vision transformer: bound methods, hooks and closures."""

from __future__ import annotations

import operator
import types
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

activations: dict[str, Tensor] = {}


def note_output(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
    """A hook that notes what a block gives; a closure, which dill pickles as bytecode."""

    def hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
        activations[name] = output

    return hook


class FirstOf:
    """Pickles as a call of `operator.getitem`."""

    def __init__(self, items: list[str]) -> None:
        self.items = items

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[list[str], int]]:
        return operator.getitem, (self.items, 0)


def resize_positions(self: nn.Module, posemb: Tensor, height: int, width: int) -> Tensor:
    return posemb


def forward_flex(self: Any, x: Tensor) -> Tensor:
    """The transformer's forward pass for any size."""
    return self.norm(x)


def forward_vit(pretrained: Any, x: Tensor) -> dict[str, Tensor]:
    """The token maps that the hooks noted."""
    pretrained.model.forward_flex(x)
    return dict(activations)


def make_backbone(model: Any, hooks: list[int], closures: bool) -> nn.Module:
    """Wrap `model` and hang hooks on its blocks.

    `closures` also pickles functions and a class by value, which only dill can.
    """

    class PickTokens(nn.Module):
        """A class that no import can find."""

        def __init__(self, start_index: int = 1) -> None:
            super().__init__()
            self.start_index = start_index

        def forward(self, x: Tensor) -> Tensor:
            class_token = x[:, 0]
            return x[:, self.start_index :] + class_token.unsqueeze(1)

    pretrained: Any = nn.Module()
    pretrained.model = model
    pretrained.normalise = model.norm.forward
    model.start_index = 1
    model.patch_size = [16, 16]
    pretrained.modes = FirstOf(["pick", "ignore"])
    if closures:
        model.forward_flex = types.MethodType(forward_flex, model)
        model.resize_positions = types.MethodType(resize_positions, model)
        from networks import (
            vit_utils as home,  # a module in a closure brings its spec and its loader along
        )

        for number, block in enumerate(hooks):
            model.blocks[block].register_forward_hook(note_output(str(number)))
        model.pos_drop.register_forward_hook(note_output("4"))
        pretrained.pick = nn.Sequential(PickTokens(1))
        pretrained.run = lambda x: home.forward_vit(pretrained, x)
    return pretrained
