"""Weights alone: the generator's among the tensors of a file, by their names.

Forks and training scripts publish state dicts in `.pt`, `.pth` and `.safetensors` files, often with
others beside them and under prefixes such as `g_ema.` or `module.`.  Names and shapes tell what
the network is; see `stylegan_t.checkpoints.usual_design` for what they do not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from stylegan_t.card import ModelCard
from stylegan_t.checkpoints import other_names
from stylegan_t.checkpoints.family_config import builder
from stylegan_t.checkpoints.other_names import RenamedWeights, averaged
from stylegan_t.checkpoints.pickle_nodes import Call, DictNode, PickleStreamError
from stylegan_t.checkpoints.reference_config import UnknownArchitectureError, infer_config
from stylegan_t.checkpoints.reference_nodes import is_dictionary
from stylegan_t.checkpoints.reference_values import is_tensor
from stylegan_t.checkpoints.usual_design import complete, skeleton
from stylegan_t.checkpoints.weights import CheckpointError, FileWeights, Weights, fill, unfilled
from stylegan_t.files.tensors import TensorFile
from stylegan_t.generator import Generator
from stylegan_t.network import AnyNetwork
from stylegan_t.progress import Progress

MAX_NESTED = 5
"""Dictionaries in dictionaries that are looked through."""
MAX_ENTRIES = 200_000
MAX_NAME = 300
NETWORKS = ("mapping.", "synthesis.")
"""Beginnings of the names of a generator's tensors; others beside them are not its own."""
CONDITIONER = "mapping.clip."
"""Of StyleGAN-T: a text tower, whose form its tensors alone do not tell."""
_FIRST_LAYER = re.compile(r"((?:.*\.)?)mapping\.(?:mlp\.)?fc0\.weight")
_DISCRIMINATOR = re.compile(r"d|d_ema|netd|disc\w*")


def tensors_below(root: object) -> dict[str, Call]:
    """The nodes of all tensors in dictionaries of dictionaries, by their dotted names.

    Raises:
        PickleStreamError: there are far too many, or two have one name.
    """
    found: dict[str, Call] = {}
    waiting: list[tuple[str, object, int]] = [("", root, 0)]
    left = MAX_ENTRIES
    while waiting:
        prefix, node, depth = waiting.pop()
        pairs = node.pairs if isinstance(node, DictNode | Call) and is_dictionary(node) else ()
        left -= len(pairs)
        if left < 0:
            raise PickleStreamError("it holds more entries than any state dict")
        for key, value in pairs:
            name = f"{prefix}{key}" if isinstance(key, str) else ""
            if not name or len(name) > MAX_NAME:
                continue
            if isinstance(value, Call) and is_tensor(value):
                if name in found:
                    raise PickleStreamError(f"{name} is there twice")
                found[name] = value
            elif depth < MAX_NESTED:
                waiting.append((f"{name}.", value, depth + 1))
    return found


def own_tensors(names: Iterable[str]) -> dict[str, str]:
    """Return the generator's tensors: their full names, by those without what stands before them;
    of several generators the one whose weights are averages, and none where there is none.

    They are called as the originals call them, or as `stylegan_t.checkpoints.other_names` says.
    """
    listed = list(names)
    prefix = generator_prefix(listed)
    if prefix is not None:
        return _between(listed, prefix)
    prefix = min(other_names.prefixes(listed), key=_rank, default=None)
    return {} if prefix is None else other_names.own_tensors(listed, prefix)


def generator_prefix(names: Iterable[str]) -> str | None:
    """Return what stands before the names of the generator's tensors: of several generators the
    one whose weights are averages; None where there is none."""
    listed = list(names)
    mapped = {match[1] for name in listed if (match := _FIRST_LAYER.fullmatch(name))}
    drawn = {name[:at] for name in listed if (at := name.find(NETWORKS[1])) >= 0}
    return min(mapped & drawn, key=_rank, default=None)


def _rank(prefix: str) -> tuple[bool, bool, int, str]:
    parts = prefix.lower().split(".")
    is_other = any(_DISCRIMINATOR.fullmatch(part) for part in parts)
    return is_other, not any("ema" in part for part in parts), len(parts), prefix


def _between(names: Iterable[str], prefix: str) -> dict[str, str]:
    inner = {name.removeprefix(prefix): name for name in names if name.startswith(prefix)}
    return {
        short: name
        for short, name in inner.items()
        if short.startswith(NETWORKS) and not short.startswith(CONDITIONER)
    }


def read_tensors(archive: TensorFile, file: Path, tell: Progress) -> AnyNetwork:
    """The generator in a `.safetensors` file that this program did not write.

    Raises:
        CheckpointError: it holds none that is known; one sentence.
    """
    own = own_tensors(archive.shapes)
    if not own:
        raise CheckpointError(no_generator(file, archive.shapes))
    return network_of(FileWeights(archive, file, own), file, tell)


def no_generator(file: Path, names: Iterable[str]) -> str:
    """The sentence for a file without a generator, which may hold tensors by these names."""
    first = next(iter(names), "")
    held = f" (its tensors have other names, such as {first[:80]})" if first else ""
    return (
        f"{file.name} contains no generator of StyleGAN-T, StyleGAN2, StyleGAN3, StyleGAN-XL or "
        f"LAFITE{held}."
    )


def network_of(weights: Weights, file: Path, tell: Progress) -> AnyNetwork:
    """The network that has these weights, by their names and shapes, filled.

    Args:
        weights: by names that `own_tensors` gives.
        file: for messages, and for the network's name.
        tell: told the share that is done; it may raise to cancel.

    Raises:
        CheckpointError: there is no such network, or a weight cannot be read; one sentence.
    """
    if any(len(name) > MAX_NAME for name in weights.shapes):
        raise CheckpointError(f"{file.name} holds an absurdly long name.")
    try:
        renamed = None if _is_usual(weights) else RenamedWeights(weights)
        network, taken = _network(renamed or weights, renamed is not None, file)
    except UnknownArchitectureError as error:
        raise CheckpointError(f"{file.name} cannot be opened: {error}.") from error
    fill(network, renamed or weights, file, tell)
    if renamed is not None and not renamed.has_average:
        network.mapping.w_avg.copy_(averaged(network.mapping))
    network.card = ModelCard(
        name=file.stem,
        description=f"Weights alone, of {network.anatomy.kind}. They do not say everything; taken "
        f"as usual: {taken}.",
    )
    return network


def _is_usual(weights: Weights) -> bool:
    return any(name.startswith(NETWORKS) for name in weights.shapes)


def _network(weights: Weights, renamed: bool, file: Path) -> tuple[AnyNetwork, str]:
    """The network for these weights, unfilled, and what was taken for granted."""
    part, card = skeleton(weights.shapes), ModelCard(name=file.stem)
    taken = complete(part, weights, clamped=not renamed)
    if "mlp" not in part.parts["mapping"].parts:
        return unfilled(builder(part, weights.shapes, card), weights.shapes, file), taken
    config = infer_config(part, weights.shapes)
    return unfilled(lambda: Generator(config, card=card), weights.shapes, file), taken
