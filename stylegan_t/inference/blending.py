"""Two generators of the same shapes as one, whose weights lie between theirs, block by block.

Source: Pinkney and Adler 2020, "Resolution Dependent GAN Interpolation for Controllable Image
Synthesis Between Domains", with the mapping network as one more block.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from msgspec import structs
from torch import Tensor, nn

from stylegan_t.card import ModelCard
from stylegan_t.inference.precision import twin
from stylegan_t.network import Anatomy, AnyNetwork

MAPPING = -1
"""Stands for the mapping network among the numbers of blocks."""
MISFIT = "These two models cannot be blended"
Parts = dict[str, Tensor]


class MisfitError(ValueError):
    """Two generators cannot be blended; one sentence that says which layer and which shapes."""


class Blend:
    """A generator between two; it shares the text tower, and what it can, with the first.

    `network` is what draws.  The weights of a part (the mapping network or a block of the
    synthesis) are the first's at 0, the second's at 1, and on the line through both otherwise, also
    outside 0 to 1.

    Args:
        first, second: on one device, in one precision; neither may be trained meanwhile.
        names: what to call them in errors.

    Raises:
        MisfitError: they are not of the same kind and shapes.
    """

    def __init__(
        self, first: AnyNetwork, second: AnyNetwork, names: tuple[str, str] = ("A", "B")
    ) -> None:
        self._first, self._second = tensors(first), tensors(second)
        if problem := misfit(first, second, names):
            raise MisfitError(problem)
        self.network = twin(first)
        anatomy = first.anatomy
        self._part_of = {name: part_of(name, anatomy) for name in self._first}
        self.mapping = 0.0
        self.blocks = (0.0,) * len(anatomy.blocks)

    def set(self, mapping: float, blocks: Sequence[float]) -> frozenset[int]:
        """Take new weights.

        Args:
            mapping: of the mapping network.
            blocks: of each block, coarsest first; blocks beyond the end count as 0.

        Returns:
            The parts that are different now: numbers of blocks, and `MAPPING`.
        """
        blocks = (*blocks, *[0.0] * len(self.blocks))[: len(self.blocks)]
        old = {MAPPING: self.mapping, **dict(enumerate(self.blocks))}
        new = {MAPPING: mapping, **dict(enumerate(blocks))}
        changed = frozenset(part for part in new if new[part] != old[part])
        for name, part in self._part_of.items():
            if part in changed:
                self._put(name, between(self._first[name], self._second[name], new[part]))
        self.mapping, self.blocks = mapping, blocks
        return changed

    def _put(self, name: str, value: Tensor) -> None:
        path, _, last = name.rpartition(".")
        owner = self.network.get_submodule(path)
        if last in owner._parameters:
            owner._parameters[last] = nn.Parameter(value, requires_grad=False)
        else:
            owner._buffers[last] = value


def blended(
    first: AnyNetwork,
    second: AnyNetwork,
    mapping: float,
    blocks: Sequence[float],
    names: tuple[str, str] = ("A", "B"),
) -> AnyNetwork:
    """Return a generator between two; arguments as those of `Blend`, its card names both.

    Raises:
        MisfitError: they are not of the same kind and shapes.
    """
    blend = Blend(first, second, names)
    blend.set(mapping, blocks)
    blend.network.card = blended_card(first.card, names)
    return blend.network


def blended_card(card: ModelCard, names: tuple[str, str]) -> ModelCard:
    """The first model's card, with the names of both."""
    return structs.replace(
        card, name=f"{names[0]} + {names[1]}", description=f"Blended of {names[0]} and {names[1]}."
    )


def between(first: Tensor, second: Tensor, weight: float) -> Tensor:
    """The tensor on the line from `first` (0) to `second` (1); at the ends the very tensors, and
    what is no number of decimals is the first's below a half."""
    if weight == 0.0:
        return first
    if weight == 1.0:
        return second
    if not first.is_floating_point():
        return first if weight < 0.5 else second
    mixed = torch.lerp(first.detach().float(), second.detach().float(), weight)
    return mixed.to(first.dtype)


def tensors(network: AnyNetwork) -> Parts:
    """The weights and buffers of the mapping network and the synthesis, by name."""
    found: Parts = {}
    for part in ("mapping", "synthesis"):
        module = network.get_submodule(part)
        for name, tensor in (*module.named_parameters(), *module.named_buffers()):
            found[f"{part}.{name}"] = tensor
    return found


def part_of(name: str, anatomy: Anatomy) -> int:
    """The number of the block that a tensor of the synthesis belongs to, or `MAPPING`."""
    network, _, rest = name.partition(".")
    if network == "mapping":
        return MAPPING
    owner = rest.partition(".")[0]
    for layer in anatomy.layers:
        if layer.name.partition(".")[0] == owner:
            return layer.block
    raise KeyError(name)


def misfit(first: AnyNetwork, second: AnyNetwork, names: tuple[str, str] = ("A", "B")) -> str:
    """Return why two generators cannot be blended, in a sentence; empty when they can."""
    one, other = names
    a, b = tensors(first), tensors(second)
    for name in (*a, *b):
        if name not in a or name not in b:
            there, absent = (one, other) if name in a else (other, one)
            where = f"{there} has the layer {layer_of(name)}, {absent} does not"
        elif a[name].shape != b[name].shape:
            sizes = f"{_shape(a[name])} in {one} and {_shape(b[name])} in {other}"
            where = f"{name} has the shape {sizes}"
        else:
            continue
        return f"{MISFIT}: {', '.join(filter(None, (_kinds(first, second, names), where)))}."
    kinds = _kinds(first, second, names)
    return kinds and f"{MISFIT}: {kinds}."


def layer_of(name: str) -> str:
    """The layer that a tensor belongs to."""
    return name.rpartition(".")[0]


def _kinds(first: AnyNetwork, second: AnyNetwork, names: tuple[str, str]) -> str:
    kinds = first.anatomy.kind, second.anatomy.kind
    if kinds[0] == kinds[1]:
        return ""
    return f"{names[0]} is a {kinds[0]} and {names[1]} a {kinds[1]}"


def _shape(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "a single number"
