"""The networks of a run: generator, its average, discriminator, and what reads captions."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from stylegan_t import config
from stylegan_t.augment import DiffAugment
from stylegan_t.card import ModelCard
from stylegan_t.checkpoints.checkpoint import load_generator
from stylegan_t.checkpoints.weights import CheckpointError
from stylegan_t.config import DEMO
from stylegan_t.data.sampling import TrainingError, key
from stylegan_t.discriminator import ProjectedDiscriminator
from stylegan_t.encoders.features import (
    FeatureError,
    FeatureNetwork,
    open_features,
    random_features,
)
from stylegan_t.encoders.text import TextTower, TowerError
from stylegan_t.encoders.towers import open_tower
from stylegan_t.generator import Generator
from stylegan_t.losses import ClipGuidance, open_clip_image_encoder
from stylegan_t.lru_cache import LruCache
from stylegan_t.training.loop import grow
from stylegan_t.training.options import FROZEN_PX, Mode, RunOptions
from stylegan_t.training.paired import prepare

CAPTIONS_KEPT = 65_536
"""Embeddings in memory: 200 MB of CLIP's."""
_RANDOM = re.compile(r"random:([0-9]{1,4}),([0-9]{1,2}),([0-9]{1,2}),([0-9]{1,3}),([0-9]{1,2})")


class Embedder:
    """Captions to unit-norm embeddings by a frozen text tower; what was read lately is kept.

    On a processor each caption is read alone: the last bits of an embedding can depend on its
    neighbours, and a run that goes on must find those that it would have had.
    """

    def __init__(self, tower: TextTower, kept: int = CAPTIONS_KEPT) -> None:
        self.tower = tower
        self._known: LruCache[Tensor] = LruCache(kept)

    def __call__(self, captions: list[str]) -> Tensor:
        """[N, c_dim] float32, where the tower is."""
        found = {text: self._known.get(text) for text in captions}
        missing = [text for text, row in found.items() if row is None]
        new = dict(zip(missing, self._encode(missing), strict=True))
        for text, row in new.items():
            self._known.put(text, row)
        return torch.stack([new[t] if (row := found[t]) is None else row for t in captions])

    def _encode(self, captions: list[str]) -> list[Tensor]:
        if not captions:
            return []
        if next(self.tower.parameters()).device.type == "cpu":
            return [self.tower.encode([text])[0].clone() for text in captions]
        return list(self.tower.encode(captions).clone())


@dataclass
class Players:
    """Everything that plays.

    `trained` are the generator's parameters that the run moves, by name; `average` (the "EMA")
    shares all others with the generator.  `reader` is the text tower as it was at the start: the
    discriminator and CLIP's guidance go by what it reads, also while the generator's own tower is
    trained.
    """

    generator: Generator
    average: Generator
    trained: dict[str, nn.Parameter]
    discriminator: ProjectedDiscriminator
    guidance: ClipGuidance | None
    reader: TextTower


def new_generator(options: RunOptions) -> Generator:
    """The generator that a run starts from: fresh, or grown out of an earlier one.

    Raises:
        TrainingError: the text tower or the earlier one cannot be had, or do not fit.
    """
    torch.manual_seed(key(options.seed, "generator"))
    if options.resume_from is None:
        tower = _tower(options.text_tower or DEMO, options.download)
        data = f"Captioned pictures: {options.data}."
        card = ModelCard(name=f"StyleGAN-T, {options.preset}", training_data=data)
        generator = Generator(_sizes(options, tower.c_dim), tower, card)
        if options.preset == DEMO:
            # At the paper's start colours are far out of range, which takes long to unlearn: a
            # small network had not done so after 10,000 pictures; from here it follows captions.
            prepare(generator)
        return generator
    return _grown(options)


def _grown(options: RunOptions) -> Generator:
    assert options.resume_from is not None
    if any(x is not None for x in (options.channel_base, options.channel_max, options.res_blocks)):
        raise TrainingError(
            f"The sizes of the layers come from {options.resume_from}: leave --channel-base, "
            "--channel-max and --res-blocks out."
        )
    try:
        smaller = load_generator(options.resume_from)
    except CheckpointError as error:
        raise TrainingError(str(error)) from error
    tower = smaller.text
    if options.text_tower is not None:
        tower = _tower(options.text_tower, options.download)
    if tower is None:
        raise TrainingError(
            f"{options.resume_from} has no text tower: name the one that it was trained with by "
            "--text-tower."
        )
    if tower.c_dim != smaller.config.c_dim:
        raise TrainingError(
            f"{tower.name} makes embeddings of {tower.c_dim} values, and {options.resume_from} "
            f"wants {smaller.config.c_dim}: choose the text tower that it was trained with."
        )
    had, wanted = smaller.config.img_resolution, options.resolution
    if had > wanted:
        raise TrainingError(
            f"{options.resume_from} draws {had} pixels, more than the {wanted} of this run: give "
            f"--resolution {had} or more."
        )
    if options.mode == "freeze64" and had < FROZEN_PX:
        raise TrainingError(
            f"{options.resume_from} draws {had} pixels only: --mode freeze64 needs a generator "
            f"that was trained at {FROZEN_PX} or more."
        )
    sizes = _config(lambda: smaller.config, img_resolution=wanted)
    generator = Generator(sizes, tower, smaller.card)
    grow(smaller, generator)
    return generator


def _tower(spec: str, download: bool) -> TextTower:
    if spec == DEMO:
        tower = load_generator(DEMO).text
        assert tower is not None
        return tower
    try:
        return open_tower(spec, download=download)
    except TowerError as error:
        raise TrainingError(f"{error}{_may_download(str(error), download)}") from error


def _may_download(sentence: str, download: bool) -> str:
    offline = not download and "not on this computer" in sentence
    return " (--download lets this command download it.)" if offline else ""


def _sizes(options: RunOptions, c_dim: int) -> config.GeneratorConfig:
    """The preset's sizes, but for those that were given."""
    changes = {
        "channel_base": options.channel_base,
        "channel_max": options.channel_max,
        "num_res_blocks": options.res_blocks,
    }
    given = {name: n for name, n in changes.items() if n is not None}
    return _config(lambda: config.PRESETS[options.preset](options.resolution, c_dim), **given)


def _config(sizes: Callable[[], config.GeneratorConfig], **changes: Any) -> config.GeneratorConfig:
    """Sizes with changes; what no generator can have is a sentence."""
    try:
        return msgspec.structs.replace(sizes(), **changes)
    except ValueError as error:
        raise TrainingError(str(error)) from error


def trained_by(mode: Mode, generator: Generator) -> dict[str, nn.Parameter]:
    """The parameters that a mode trains, by name; gradients are switched off for all others."""
    chosen = {name: p for name, p in generator.named_parameters() if _is_trained(name, mode)}
    generator.requires_grad_(False)
    for parameter in chosen.values():
        parameter.requires_grad_(True)
    return chosen


def _is_trained(name: str, mode: Mode) -> bool:
    part, _, rest = name.partition(".")
    if mode == "text-encoder":
        return part == "text"
    if mode == "freeze64":
        # As in the reference: what goes into the sum of colours is learned at every resolution.
        block = re.match(r"b([0-9]+)\.(torgb\.)?", rest)
        return block is not None and (int(block[1]) > FROZEN_PX or block[2] is not None)
    return part != "text"


def average_of(generator: Generator, trained: dict[str, nn.Parameter]) -> Generator:
    """A copy of the generator that shares every parameter which is not trained."""
    kept = {id(p) for p in trained.values()}
    shared: dict[int, Any] = {id(p): p for p in generator.parameters() if id(p) not in kept}
    copy = deepcopy(generator, shared).eval()
    for parameter in copy.parameters():  # those that are shared have none already
        parameter.requires_grad_(False)
    return copy


def assemble(generator: Generator, options: RunOptions, device: torch.device) -> Players:
    """Discriminator, average and guidance around a generator; everything moves to `device`.

    Raises:
        TrainingError: the feature network or CLIP's image half cannot be had, or does not fit.
    """
    torch.manual_seed(key(options.seed, "discriminator"))
    features = _features(options.features, options.download)
    c_dim = generator.config.c_dim
    discriminator = ProjectedDiscriminator(features, c_dim, augment=DiffAugment()).train()
    guidance = _guidance(options, c_dim)
    generator.train().to(device)
    generator.synthesis.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - the stubs lack this form
    generator.mapping.eval()  # its mean is tracked over the whole batch, see `adversarial`
    assert generator.text is not None, "every run reads captions"
    generator.text.eval()
    trained = trained_by(options.mode, generator)
    reader = generator.text
    if options.mode == "text-encoder":
        reader = deepcopy(reader).requires_grad_(False)
    return Players(
        generator,
        average_of(generator, trained),
        trained,
        discriminator.to(device),
        None if guidance is None else guidance.to(device),
        reader,
    )


def _features(spec: str, download: bool) -> FeatureNetwork:
    try:
        if sizes := _RANDOM.fullmatch(spec):
            width, depth, heads, size, patch = map(int, sizes.groups())
            return random_features(width, depth, heads, size=size, patch=patch)
        return open_features(spec, download=download)
    except FeatureError as error:
        raise TrainingError(f"{error}{_may_download(str(error), download)}") from error
    except ValueError as error:
        raise TrainingError(f"{spec} makes no feature network: {error}") from error


def _guidance(options: RunOptions, c_dim: int) -> ClipGuidance | None:
    if not options.clip_weight or options.clip_encoder is None:
        return None
    try:
        encoder = open_clip_image_encoder(options.clip_encoder, download=options.download)
    except (FeatureError, TowerError) as error:
        raise TrainingError(f"{error}{_may_download(str(error), options.download)}") from error
    if encoder.c_dim != c_dim:
        raise TrainingError(
            f"{options.clip_encoder} makes embeddings of {encoder.c_dim} values and the text "
            f"tower of {c_dim}: --clip-encoder must be the CLIP that the text tower is of."
        )
    return ClipGuidance(encoder, options.clip_weight)
