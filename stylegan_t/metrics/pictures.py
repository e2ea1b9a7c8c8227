"""Real pictures with their prompts, for comparing with generated ones.

The demo world draws them, a folder, zip or shards hold them, or these and COCO's list of captions
together.  Files are read as training reads them.
"""

from __future__ import annotations

import hashlib
import os
import random
from abc import ABC, abstractmethod
from pathlib import Path, PurePosixPath

import msgspec
import torch
from torch import Tensor

from stylegan_t.data.images import BrokenImageError, read_square
from stylegan_t.data.open_source import open_shelf
from stylegan_t.data.sampling import TrainingError
from stylegan_t.data.shelves import Shelf
from stylegan_t.data.sources import Enlarged, Skipped
from stylegan_t.demo.scenes import captioned, picture_of
from stylegan_t.demo.things import scenes as thing_scenes
from stylegan_t.demo.world import Z_DIM
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.generator import to_uint8
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.named_files import read_file
from stylegan_t.metrics.shipped_thing_judge import world_sample
from stylegan_t.terminal.wrong_values import in_words

MAX_LIST_BYTES = 500_000_000
DEMO_SEED = 864_209_753
"""No training run draws from it, nor does the attribute test."""
COCO_SEED = 30_000
"""The seed that draws 30,000 of COCO's captions."""

FOLDER_SEED = 1
SEED_STRIDE = 1_000_003
"""Between the first samples of neighbouring seeds; PyTorch looks at 32 bits of a seed only."""


class RealPictures(ABC):
    """Real pictures, and prompts 0 .. len-1 that tell what is in them.

    `name` is for people; `key` tells sets apart in caches; `skipped` are the pictures that could
    not be used so far, `enlarged` those that were too small, and `protocol` says in sentences what
    figures are comparable with.
    """

    name: str
    key: str
    protocol: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.skipped, self.enlarged = Skipped(), Enlarged()

    @abstractmethod
    def __len__(self) -> int:
        """Return how many prompts there are."""

    def against(self, count: int) -> int:
        """Return how many real pictures `count` generated ones are compared with."""
        return count

    @abstractmethod
    def prompts(self, block: range) -> list[str]:
        """Those prompts."""

    @abstractmethod
    def pixels(self, block: range, size: int) -> Tensor:
        """Those real pictures at `size` by `size` pixels: uint8 [N, 3, size, size].

        N is less than the block where some are damaged; these are in `skipped`.
        """

    def same_prompts(self, block: range, variant: int, size: int) -> Tensor | None:
        """Other real pictures of the same prompts, the `variant`-th set; None where there are none.

        They show what a perfect model would reach.
        """
        return None


class DrawnWorld(RealPictures):
    """Captioned scenes of a demo world, drawn when they are asked for; the same every time.

    `named` [N, attributes] are the rows that the captions name.
    """

    def __init__(self, texts: list[str], named: Tensor) -> None:
        super().__init__()
        self.texts, self.named = texts, named

    def __len__(self) -> int:
        """As many as were asked for."""
        return len(self.texts)

    @abstractmethod
    def drawn(self, named: Tensor, z: Tensor, size: int) -> Tensor:
        """The pictures that words and latents stand for, [N, 3, size, size] in [-1, 1]."""

    def prompts(self, block: range) -> list[str]:
        """See `RealPictures.prompts`."""
        return self.texts[block.start : block.stop]

    def pixels(self, block: range, size: int) -> Tensor:
        """See `RealPictures.pixels`."""
        return self.same_prompts(block, 0, size)

    def same_prompts(self, block: range, variant: int, size: int) -> Tensor:
        """See `RealPictures.same_prompts`; variant 0 are the real pictures themselves."""
        z = latents(DEMO_SEED + 1 + variant, block, Z_DIM)
        image = self.drawn(self.named[block.start : block.stop], z, size)
        return to_uint8(image).permute(0, 3, 1, 2).contiguous()


class DemoWorld(DrawnWorld):
    """The first demo world."""

    name = "scenes of the demo world"

    def __init__(self, count: int, key: str = "") -> None:
        source = torch.Generator().manual_seed(DEMO_SEED)
        super().__init__(*captioned(count, random.Random(DEMO_SEED), source))
        self.key = f"demo:{count}:{key}"

    def drawn(self, named: Tensor, z: Tensor, size: int) -> Tensor:
        """See `DrawnWorld.drawn`."""
        return picture_of(named, z, 1.0, size)[0]


class ThingWorld(DrawnWorld):
    """The second demo world, in combinations that training never shows.

    Args:
        count: how many scenes.
        things: how many things of the catalogue may be in them.
    """

    name = "scenes of the second demo world"

    def __init__(self, count: int, things: int) -> None:
        self.things = things
        source = torch.Generator().manual_seed(DEMO_SEED)
        rng = random.Random(DEMO_SEED)
        super().__init__(*thing_scenes.captioned(count, things, rng, source, held=True))
        # What is drawn and what is said decide together: neither must come from an older world.
        digest = hashlib.sha256(world_sample(things).numpy().tobytes())
        digest.update("\n".join(self.texts).encode())
        self.key = f"things:{count}:{digest.hexdigest()}"

    def drawn(self, named: Tensor, z: Tensor, size: int) -> Tensor:
        """See `DrawnWorld.drawn`."""
        return thing_scenes.picture_of(named, z, 1.0, size, self.things)[0]


class PictureShelf(RealPictures):
    """Pictures in a folder, a zip or shards; one without a caption has the empty prompt.

    They are shuffled, always the same way, so that the first N are a fair sample.

    Args:
        spec: see `stylegan_t.data.open_source.open_shelf`.

    Raises:
        MetricError: there are no pictures.
    """

    def __init__(self, spec: str) -> None:
        super().__init__()
        self.shelf = _shelf(spec)
        self.order = list(range(len(self.shelf)))
        random.Random(FOLDER_SEED).shuffle(self.order)
        self.name, self.key = spec, f"shelf:{self.shelf.key}"

    def __len__(self) -> int:
        """Pictures on the shelf."""
        return len(self.order)

    def prompts(self, block: range) -> list[str]:
        """See `RealPictures.prompts`; the first of several captions."""
        return [self._prompt(index) for index in self.order[block.start : block.stop]]

    def _prompt(self, index: int) -> str:
        try:
            return self.shelf.captions(index)[0]
        except BrokenImageError:
            return ""

    def pixels(self, block: range, size: int) -> Tensor:
        """See `RealPictures.pixels`."""
        return _pixels(self, self.shelf, self.order[block.start : block.stop], size)


def _shelf(spec: str) -> Shelf:
    try:
        return open_shelf(spec, captioned=False)
    except TrainingError as error:
        raise MetricError(str(error)) from error


def _pixels(real: RealPictures, shelf: Shelf, indices: list[int], size: int) -> Tensor:
    """Pictures of a shelf, [N, 3, size, size]; those that cannot be used are noted."""
    found = [torch.empty(0, 3, size, size, dtype=torch.uint8)]
    for index in indices:
        try:
            pixels, side = read_square(shelf.picture(index), size)
            found.append(pixels[None])
            if side < size:
                real.enlarged.add(shelf.name(index), f"has {side} of {size} pixels")
        except BrokenImageError as error:
            real.skipped.add(shelf.name(index), str(error))
    return torch.cat(found)


class _CocoImage(msgspec.Struct):
    id: int
    file_name: str


class _CocoCaption(msgspec.Struct):
    image_id: int
    caption: str


class _CocoList(msgspec.Struct):
    images: list[_CocoImage]
    annotations: list[_CocoCaption]


_COCO_LIST = msgspec.json.Decoder(_CocoList)


class CocoCaptions(RealPictures):
    """Captions drawn from COCO's list, against all pictures that the list names.

    The zero-shot protocol: `count` captions are drawn from the list (of the validation set of 2014)
    without replacement, and one picture is generated for each; the real side are the middle
    squares of the whole validation set.  Source: Sauer et al. 2023, "StyleGAN-T", section 4.

    Args:
        captions: the list, such as captions_val2014.json.
        spec: where its pictures are, see `stylegan_t.data.open_source.open_shelf`.
        count: captions to draw.
        seed: which ones.

    Raises:
        MetricError: the list is none, has too few captions, or names pictures that are missing.
    """

    protocol = (
        "Zero-shot COCO as in the paper: captions of the validation set against all of its "
        "pictures.  Which captions are drawn differs from the paper's, and pictures of another "
        "size are shrunk by Lanczos on both sides: expect FID within a few tenths of its code's.",
    )

    def __init__(self, captions: Path, spec: str, count: int, seed: int = COCO_SEED) -> None:
        super().__init__()
        listed = _coco_list(captions)
        if len(listed.annotations) < count:
            raise MetricError(
                f"{captions.name} has {len(listed.annotations)} captions, fewer than {count}."
            )
        ordered = sorted(listed.annotations, key=lambda a: (a.image_id, a.caption))
        drawn = random.Random(seed).sample(ordered, count)
        known = {image.id for image in listed.images}
        if missing := [a.image_id for a in drawn if a.image_id not in known]:
            raise MetricError(f"{captions.name} names no file for picture {missing[0]}.")
        self.texts = [" ".join(a.caption.split()) for a in drawn]
        self.shelf = _shelf(spec)
        # Only the last part of a name counts: a list must not lead out of the folder.
        places = {PurePosixPath(self.shelf.name(k)).name: k for k in range(len(self.shelf))}
        names = sorted({os.path.basename(image.file_name) for image in listed.images})
        if absent := next((name for name in names if name not in places), None):
            raise MetricError(f"{captions.name} names {absent}, which is not in {spec}.")
        self.indices = [places[name] for name in names]
        self.name = f"{count} captions of {captions.name} against {len(names)} pictures"
        self.key = f"coco:{self.shelf.key}:{len(names)}"

    def __len__(self) -> int:
        """Captions that were drawn."""
        return len(self.texts)

    def against(self, count: int) -> int:
        """See `RealPictures.against`: all pictures, always."""
        return len(self.indices)

    def prompts(self, block: range) -> list[str]:
        """See `RealPictures.prompts`."""
        return self.texts[block.start : block.stop]

    def pixels(self, block: range, size: int) -> Tensor:
        """See `RealPictures.pixels`."""
        return _pixels(self, self.shelf, self.indices[block.start : block.stop], size)


def latents(seed: int, block: range, z_dim: int) -> Tensor:
    """Latents [N, z_dim] of the samples in `block`, each from a random generator of its own.

    A sample's latent depends on `seed` and its number alone, never on its batch.
    """
    generator, rows = torch.Generator(), torch.empty(len(block), z_dim)
    for row, index in zip(rows, block, strict=True):
        generator.manual_seed((seed * SEED_STRIDE + index) % (1 << 32))
        row.normal_(generator=generator)
    return rows


def _coco_list(file: Path) -> _CocoList:
    try:
        return _COCO_LIST.decode(read_file(file, MAX_LIST_BYTES, "a list of captions"))
    except BROKEN_JSON as error:
        raise MetricError(
            f"{file} is not a list of captions like COCO's: {in_words(error)}."
        ) from error
