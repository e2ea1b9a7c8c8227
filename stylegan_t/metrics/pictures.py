"""Real pictures with their prompts, for comparing with generated ones.

The demo world draws them, a folder holds them, or a folder and COCO's list of captions together.
"""

from __future__ import annotations

import hashlib
import random
from abc import ABC, abstractmethod
from pathlib import Path

import msgspec
import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from stylegan_t.demo.scenes import captioned, picture_of
from stylegan_t.demo.world import Z_DIM
from stylegan_t.generator import to_uint8
from stylegan_t.metrics.errors import MetricError
from stylegan_t.wrong_values import in_words

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PIXELS = 100_000_000
MAX_CAPTION_BYTES = 20_000
MAX_LIST_BYTES = 500_000_000
DEMO_SEED = 864_209_753
"""No training run draws from it, nor does the attribute test."""
COCO_SEED = 30_000
"""Which 30,000 captions of COCO's are drawn."""

FOLDER_SEED = 1
SEED_STRIDE = 1_000_003
"""Between the first samples of neighbouring seeds; PyTorch looks at 32 bits of a seed only."""


class RealPictures(ABC):
    """Real pictures 0 .. len-1, each with a prompt that tells what is in it.

    `name` is for people; `key` tells sets apart in caches.
    """

    name: str
    key: str

    @abstractmethod
    def __len__(self) -> int:
        """How many there are."""

    @abstractmethod
    def prompts(self, block: range) -> list[str]:
        """The prompts of those pictures."""

    @abstractmethod
    def pixels(self, block: range, size: int) -> Tensor:
        """Those pictures at `size` by `size` pixels: uint8 [N, 3, size, size].

        Raises:
            MetricError: a picture cannot be read.
        """

    def same_prompts(self, block: range, variant: int, size: int) -> Tensor | None:
        """Other real pictures of the same prompts, the `variant`-th set; None where there are none.

        They show what a perfect model would reach.
        """
        return None


class DemoWorld(RealPictures):
    """Captioned scenes of the demo world, drawn when they are asked for; the same every time."""

    name = "scenes of the demo world"

    def __init__(self, count: int, key: str = "") -> None:
        texts, named = captioned(
            count, random.Random(DEMO_SEED), torch.Generator().manual_seed(DEMO_SEED)
        )
        self.texts, self.named = texts, named
        self.key = f"demo:{count}:{key}"

    def __len__(self) -> int:
        """As many as were asked for."""
        return len(self.texts)

    def prompts(self, block: range) -> list[str]:
        """See `RealPictures.prompts`."""
        return self.texts[block.start : block.stop]

    def pixels(self, block: range, size: int) -> Tensor:
        """See `RealPictures.pixels`."""
        return self.same_prompts(block, 0, size)

    def same_prompts(self, block: range, variant: int, size: int) -> Tensor:
        """See `RealPictures.same_prompts`; variant 0 are the real pictures themselves."""
        z = latents(DEMO_SEED + 1 + variant, block, Z_DIM)
        image = picture_of(self.named[block.start : block.stop], z, 1.0, size)[0]
        return to_uint8(image).permute(0, 3, 1, 2).contiguous()


class PictureFolder(RealPictures):
    """Pictures in a folder and its sub-folders; `house.png` has its prompt in `house.txt`.

    A picture without a text has the empty prompt.  The order is shuffled, the same way every time,
    so that the first N are a fair choice.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise MetricError(f"There is no folder {folder} with real pictures.")
        found = (p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
        self.files = sorted(found)
        random.Random(FOLDER_SEED).shuffle(self.files)
        if not self.files:
            raise MetricError(f"{folder} holds no pictures ({', '.join(SUFFIXES)}).")
        self.name = str(folder)
        self.key = files_key("folder", self.files)

    def __len__(self) -> int:
        """Pictures in the folder."""
        return len(self.files)

    def prompts(self, block: range) -> list[str]:
        """See `RealPictures.prompts`."""
        return [_caption(file.with_suffix(".txt")) for file in _cut(self.files, block)]

    def pixels(self, block: range, size: int) -> Tensor:
        """See `RealPictures.pixels`; the middle square of each picture."""
        return torch.stack([square(file, size) for file in _cut(self.files, block)])


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
    """Captions drawn from COCO's list, and the pictures that they describe.

    The zero-shot protocol: `count` captions are drawn from the list (of the validation set of 2014)
    without replacement, one picture is generated for each, and compared with the middle squares of
    the pictures that these captions belong to.  Papers differ in the real side, some take the whole
    validation set; compare like with like.
    """

    def __init__(self, captions: Path, folder: Path, count: int, seed: int = COCO_SEED) -> None:
        listed = _coco_list(captions)
        if len(listed.annotations) < count:
            raise MetricError(
                f"{captions.name} has {len(listed.annotations)} captions, fewer than {count}."
            )
        names = {image.id: image.file_name for image in listed.images}
        ordered = sorted(listed.annotations, key=lambda a: (a.image_id, a.caption))
        drawn = random.Random(seed).sample(ordered, count)
        if missing := [a.image_id for a in drawn if a.image_id not in names]:
            raise MetricError(f"{captions.name} names no file for picture {missing[0]}.")
        # Only the last part of a name counts: a list must not lead out of the folder.
        self.files = [folder / Path(names[a.image_id]).name for a in drawn]
        self.texts = [a.caption.strip() for a in drawn]
        if absent := next((file for file in self.files if not file.is_file()), None):
            raise MetricError(f"{captions.name} names {absent.name}, which is not in {folder}.")
        self.name = f"{count} captions of {captions.name}"
        self.key = files_key(f"coco:{seed}", self.files)

    def __len__(self) -> int:
        """Captions that were drawn."""
        return len(self.texts)

    def prompts(self, block: range) -> list[str]:
        """See `RealPictures.prompts`."""
        return self.texts[block.start : block.stop]

    def pixels(self, block: range, size: int) -> Tensor:
        """See `RealPictures.pixels`."""
        return torch.stack([square(file, size) for file in _cut(self.files, block)])


def latents(seed: int, block: range, z_dim: int) -> Tensor:
    """Latents [N, z_dim] of the samples in `block`, each from a random generator of its own.

    A sample's latent depends on `seed` and its number alone, never on its batch.
    """
    generator, rows = torch.Generator(), torch.empty(len(block), z_dim)
    for row, index in zip(rows, block, strict=True):
        generator.manual_seed((seed * SEED_STRIDE + index) % (1 << 32))
        row.normal_(generator=generator)
    return rows


def square(file: Path, size: int) -> Tensor:
    """The middle square of a picture, scaled to `size` pixels by Lanczos: uint8 [3, size, size].

    Raises:
        MetricError: it cannot be read, or is no picture.
    """
    try:
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise MetricError(f"{file} is absurdly large: {image.width} x {image.height}.")
            side = min(image.size)
            left, top = (image.width - side) // 2, (image.height - side) // 2
            box = (left, top, left + side, top + side)
            small = image.convert("RGB").resize((size, size), Image.Resampling.LANCZOS, box)
    except MetricError:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise MetricError(f"{file} is not a picture that can be read.") from error
    # Pillow's parsers raise whatever they stumble over in a damaged file.
    except Exception as error:
        raise MetricError(f"{file} is damaged: {error}") from error
    return torch.from_numpy(np.array(small)).permute(2, 0, 1).contiguous()


def files_key(kind: str, files: list[Path]) -> str:
    """A hash of the names, sizes and times of files, in their order."""
    digest = hashlib.sha256()
    for file in files:
        facts = file.stat()
        digest.update(f"{file.name}/{facts.st_size}/{facts.st_mtime_ns}\n".encode())
    return f"{kind}:{digest.hexdigest()}"


def _cut(files: list[Path], block: range) -> list[Path]:
    return files[block.start : block.stop]


def _caption(file: Path) -> str:
    """The text beside a picture; the empty prompt where there is none."""
    try:
        with open(file, encoding="utf-8", errors="replace") as text:
            return text.read(MAX_CAPTION_BYTES).strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise MetricError(f"{file} cannot be read: {error.strerror}.") from error


def _coco_list(file: Path) -> _CocoList:
    try:
        if file.stat().st_size > MAX_LIST_BYTES:
            raise MetricError(f"{file} is too large for a list of captions.")
        return _COCO_LIST.decode(file.read_bytes())
    except OSError as error:
        raise MetricError(f"{file} cannot be read: {error.strerror}.") from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise MetricError(
            f"{file} is no list of captions as COCO has them: {in_words(error)}."
        ) from error
