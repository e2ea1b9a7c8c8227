"""Checkpoints of the reference code: from the nodes of a snapshot to a generator that draws."""

from __future__ import annotations

from pathlib import Path

from stylegan_t.card import ModelCard
from stylegan_t.checkpoints import reference_names as names
from stylegan_t.checkpoints.family_config import builder
from stylegan_t.checkpoints.pickle_nodes import Call, FileSource, PickleStreamError
from stylegan_t.checkpoints.reference_config import UnknownArchitectureError, infer_config
from stylegan_t.checkpoints.reference_nodes import (
    entries_of,
    is_dictionary,
    require_known,
    without_stranger,
)
from stylegan_t.checkpoints.reference_pickle import Part, StateWeights, made_by, read_generator
from stylegan_t.checkpoints.reference_values import is_tensor
from stylegan_t.checkpoints.state_dicts import (
    network_of,
    no_generator,
    own_tensors,
    tensors_below,
)
from stylegan_t.checkpoints.torch_archive import Archive, open_archive
from stylegan_t.checkpoints.torch_storage import StoredTensor, zero_tensor
from stylegan_t.checkpoints.usual_names import unusual, warning
from stylegan_t.checkpoints.weights import CheckpointError, fill, unfilled
from stylegan_t.encoders.clip_tower import ClipTower, clip_tower_from_state, text_keys
from stylegan_t.encoders.text import TowerError
from stylegan_t.generator import Generator
from stylegan_t.network import AnyNetwork
from stylegan_t.progress import Progress

DESCRIPTION = "A snapshot of StyleGAN-T's reference code."
TENSORFLOW = "dnnlib.tflib"
UNKNOWN_CONDITIONER = (
    "{file} was trained with {stranger}, which this program does not know. It was opened without "
    "it: choose a text tower that gives the same embeddings."
)


def read(file: Path, tell: Progress) -> AnyNetwork:
    """The generator in a file with pickles, float32 on the CPU, with the text tower inside it.

    Args:
        file: a snapshot, or what `torch.save` wrote; nothing in it is executed.
        tell: told the share that is done; it may raise to cancel.

    Raises:
        CheckpointError: the file is not one that can be used; one sentence.
    """
    try:
        size = file.stat().st_size
        with open(file, "rb", buffering=0) as stream:
            told = _Told(tell)
            archive = open_archive(FileSource(stream, told.again), size)
            _require_harmless(archive, file)
            network = _network(archive, size, file, told)
    except PickleStreamError as error:
        raise CheckpointError(f"{file.name} cannot be opened: {error}.") from error
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror or error}.") from error
    strange = warning(file.name, unusual(archive.names, archive.lookups))
    network.warning = " ".join(part for part in (strange, network.warning) if part)
    return network


def _require_harmless(archive: Archive, file: Path) -> None:
    """Refuse files that name what can do harm, wherever it stands."""
    harmful = names.harmful(archive.names)
    if harmful is not None:
        raise CheckpointError(
            f"{file.name} names {harmful}, which no snapshot needs and which can do harm; "
            "nothing of it was run, do not open it elsewhere."
        )
    if any(name.module.startswith(TENSORFLOW) for name in archive.names):
        raise CheckpointError(
            f"{file.name} is a network of TensorFlow: convert it with legacy.py of "
            "stylegan2-ada-pytorch, then open what that writes."
        )


def _network(archive: Archive, size: int, file: Path, tell: _Told) -> AnyNetwork:
    """The network of a snapshot, of a module that was saved alone, or of weights alone."""
    root = archive.root
    entries = entries_of(root)
    node = entries.get("G_ema")
    if node is None:
        averaged = [value for key, value in entries.items() if "ema" in key.lower()]
        node = next((one for one in (root, *averaged) if made_by(one) is None), None)
    if isinstance(node, Call) and not is_dictionary(node) and not is_tensor(node):
        if made := made_by(node):
            raise CheckpointError(
                f"{file.name} holds a network of another kind ({made}): this program opens "
                "StyleGAN-T, StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE."
            )
        return _module(node, archive, size, file, tell)
    found = tensors_below(root)
    own = own_tensors(found)
    if not own:
        raise CheckpointError(no_generator(file, found))
    kept = {name: found[full] for name, full in own.items()}
    require_known(kept.values(), file, reaches_outside=archive.tensors.reaches_outside)
    state = {name: archive.tensors.tensor(node) for name, node in kept.items()}
    _check_total(list(state.values()), size, file)
    return network_of(StateWeights(state, file), file, tell)


def _module(node: Call, archive: Archive, size: int, file: Path, tell: _Told) -> AnyNetwork:
    """The network of a generator that was pickled whole."""
    stranger = without_stranger(node, file)
    part = read_generator(node, archive.tensors, file)
    zeros = _unused_noise(part)
    _check_total([*part.state().values(), *zeros.values()], size, file)
    if part.kind != names.GENERATOR:
        return _relative(part, file, tell)
    mapping = part.parts.get("mapping")
    clip = mapping.parts.pop("clip", None) if mapping is not None else None
    generator = _build(part, zeros, clip, file, tell)
    if stranger:
        generator.warning = UNKNOWN_CONDITIONER.format(file=file.name, stranger=stranger)
    return generator


class _Told:
    """Passes on how far a load is, and asks again and again whether it goes on."""

    def __init__(self, tell: Progress) -> None:
        self._tell, self._share = tell, 0.0

    def __call__(self, share: float) -> None:
        self._share = share
        self._tell(share)

    def again(self) -> None:
        """Ask, with nothing new to tell."""
        self._tell(self._share)


def _check_total(tensors: list[StoredTensor], size: int, file: Path) -> None:
    """Refuse a small file in which many tensors are views of the same numbers, or lie so far apart
    that reading them would take the whole file many times."""
    total = sum(max(tensor.elements, tensor.span) for tensor in tensors)
    if total > size:  # even at one byte a weight
        raise CheckpointError(f"{file.name} is smaller than the {total} numbers that it promises.")


def _build(
    part: Part, zeros: dict[str, StoredTensor], clip: Part | None, file: Path, tell: Progress
) -> Generator:
    state = {**part.state(), **zeros}
    weights = StateWeights(state, file)
    try:
        config = infer_config(part, weights.shapes)
    except UnknownArchitectureError as error:
        raise CheckpointError(f"{file.name} cannot be opened: {error}.") from error
    card = ModelCard(name=file.stem, description=DESCRIPTION)
    generator = unfilled(lambda: Generator(config, card=card), weights.shapes, file)
    tower_share = 0.2 if clip is not None and config.c_dim else 0.0
    fill(generator, weights, file, lambda share: tell(share * (1 - tower_share)))
    if clip is not None and config.c_dim:
        generator.text = _tower(clip, config.c_dim, file)
    return generator


def _relative(part: Part, file: Path, tell: Progress) -> AnyNetwork:
    """A generator of StyleGAN2, StyleGAN3, StyleGAN-XL or LAFITE."""
    weights = StateWeights(part.state(), file)
    try:
        build = builder(part, weights.shapes, ModelCard(name=file.stem))
    except UnknownArchitectureError as error:
        raise CheckpointError(f"{file.name} cannot be opened: {error}.") from error
    network = unfilled(build, weights.shapes, file)
    fill(network, weights, file, tell)
    kind = network.anatomy.kind
    network.card = ModelCard(name=file.stem, description=f"A snapshot of {kind}'s code.")
    return network


def _unused_noise(part: Part) -> dict[str, StoredTensor]:
    """Stored noise and its strength for layers that were made without any: both are zero."""
    zeros: dict[str, StoredTensor] = {}
    for path, layer in part.walk():
        if layer.kind != names.SYNTHESIS_LAYER or layer.attributes.get("use_noise") is not False:
            continue
        side = layer.attributes.get("resolution")
        if isinstance(side, int) and 0 < side <= 4096:
            zeros[f"{path}.noise_const"] = zero_tensor((side, side))
            zeros[f"{path}.noise_strength"] = zero_tensor(())
    return zeros


def _tower(clip: Part, c_dim: int, file: Path) -> ClipTower:
    """The text half of the CLIP that was pickled with the generator."""
    model = clip.parts.get("model", clip)
    weights = StateWeights(model.state(), file)
    try:
        state = {key: weights.read(key) for key in text_keys(weights.shapes).values()}
        tower = clip_tower_from_state(
            state, heads=_heads(model), quick_gelu=_uses_quick_gelu(model), name=_tower_name(clip)
        )
    except TowerError as error:
        raise CheckpointError(f"The text tower in {file.name} cannot be used: {error}") from error
    if tower.c_dim != c_dim:
        raise CheckpointError(f"In {file.name}, text tower and generator do not fit together.")
    return tower


def _heads(model: Part) -> int | None:
    """Attention heads, which no shape shows."""
    for path, part in model.walk():
        heads = part.attributes.get("num_heads")
        if path.endswith("resblocks.0.attn") and isinstance(heads, int) and heads > 0:
            return heads
    return None


def _uses_quick_gelu(model: Part) -> bool:
    return any(part.kind == names.QUICK_GELU for _, part in model.walk())


def _tower_name(clip: Part) -> str:
    """The wrapper's own words for its CLIP, such as "ViT-L-14 openai"."""
    words = [clip.attributes.get(key) for key in ("name", "pretrained")]
    known = " ".join(word for word in words if isinstance(word, str) and word.isprintable())
    return known[:80] or "the CLIP of the checkpoint"
