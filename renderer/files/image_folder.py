"""A folder of pictures and videos, looked at without trust: files, small pictures, and words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from renderer.files.embedded_timeline import read_video_timeline
from renderer.files.folder_scan import files_in
from renderer.files.kinds import IMAGE_SUFFIXES
from renderer.files.video_settings import VIDEO_SUFFIXES
from renderer.recipe.recipe import Recipe, RecipeError
from renderer.timeline.timeline import TimelineError, recipe_at

if TYPE_CHECKING:  # the window's first second uses this file without Pillow
    import numpy as np

MAX_FILE_BYTES = 256_000_000
MAX_PIXELS = 160_000_000
"""As large as a sheet may be; decoded, this is half a gigabyte for a moment."""
MAX_SCANS, MAX_SCANNED = 100, 3_000_000_000
"""Of a progressive JPEG, and pixels of all its scans together: encoders write ten or so, but a
small file may hold thousands, and every one of them goes over the whole picture."""
MAX_WEBP_PIXELS = 40_000_000
"""Pillow holds a WebP several times while it decodes it: this too is most of a gigabyte."""


@dataclass(frozen=True)
class ImageFile:
    """A file by its name, and what tells that it is another one than before."""

    path: str
    name: str
    changed_ns: int
    size_bytes: int

    @property
    def is_video(self) -> bool:
        """Return whether it moves: its frames are not decoded, its timeline is read."""
        return self.name.lower().endswith(VIDEO_SUFFIXES)

    def __hash__(self) -> int:
        return hash(self.path)  # a folder of thousands is looked through in every frame


@dataclass(frozen=True)
class Listing:
    """The pictures and videos of a folder, newest first; `problem` says why not all could be read.

    `changed_ns` is when the folder changed last, 0 where that is not known.
    """

    files: tuple[ImageFile, ...] = ()
    problem: str = ""
    changed_ns: int = 0


@dataclass(frozen=True)
class Facts:
    """Facts of a file: the words of its recipe, or why it cannot be restored.

    `shows` is false once its pixels turned out not to be readable.  `length_s` is how long the
    timeline of a video is; 0 for a picture.
    """

    words: str = ""
    broken: str = ""
    shows: bool = True
    length_s: float = 0.0


def changed_ns(folder: Path) -> int:
    """Return when files came into a folder, or went, for the last time; 0 if unknown."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def listed(folder: Path) -> Listing:
    """The pictures in a folder, by their names; none is opened.  A missing folder is empty."""
    when = changed_ns(folder)
    try:
        files, problem = files_in(folder, _is_shown, ImageFile)
    except FileNotFoundError:
        return Listing()
    files.sort(key=lambda file: (file.changed_ns, file.name), reverse=True)
    return Listing(tuple(files), problem, when)


def _is_shown(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(IMAGE_SUFFIXES + VIDEO_SUFFIXES)


def facts(path: Path) -> Facts:
    """Return what a file says of its recipe; its pixels are not looked at."""
    # Pillow is slow to import: not in the window's first second
    from renderer.files.images import read_recipe

    if path.name.lower().endswith(VIDEO_SUFFIXES):
        return _clip_facts(path)
    try:
        return Facts(words=words_of(read_recipe(path)))
    except RecipeError as error:
        return Facts(broken=str(error))


def _clip_facts(path: Path) -> Facts:
    """Return what a video says of its timeline, found without decoding anything."""
    try:
        timeline = read_video_timeline(path)
    except TimelineError as error:
        return Facts(broken=str(error), shows=False)
    words = "" if timeline.empty else words_of(recipe_at(timeline, 0.0))
    return Facts(words=words, shows=False, length_s=timeline.length_s)


def words_of(recipe: Recipe) -> str:
    """The prompts of a recipe on one line."""
    return ", ".join(prompt.text for prompt in recipe.text.prompts if prompt.text)


def small_picture(path: Path, size_px: int) -> np.ndarray:
    """A picture file averaged down to at most `size_px`; never enlarged.

    Returns:
        uint8 [h, w, 3].

    Raises:
        RecipeError: it is no picture, damaged, or too large; one sentence.
    """
    # Pillow is slow to import: not in the window's first second
    import numpy as np
    from PIL import Image

    try:
        if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            raise RecipeError(f"{path.name} is too large to be opened here, or not a file.")
        with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as image:
            most = MAX_WEBP_PIXELS if image.format == "WEBP" else MAX_PIXELS
            if image.width * image.height > most:
                raise RecipeError(f"{path.name} is too large a picture to show here.")
            if image.info.get("progressive") and _takes_for_ever(path, image.width * image.height):
                raise RecipeError(f"{path.name} would take too long to show here.")
            image.draft("RGB", (2 * size_px, 2 * size_px))
            image.thumbnail((size_px, size_px), Image.Resampling.BOX, reducing_gap=2.0)
            return np.array(image.convert("RGB"))
    except RecipeError:
        raise
    # Pillow's parsers raise whatever they stumble over in a damaged file.
    except Exception as error:
        raise RecipeError(f"{path.name} is damaged or not a picture.") from error


def _takes_for_ever(path: Path, pixels: int) -> bool:
    """Return whether a progressive JPEG has more scans than a picture needs.

    In a scan's data 0xFF is always followed by 0 or by a restart's number, so that nothing there
    looks like the beginning of another scan.
    """
    scans = path.read_bytes().count(b"\xff\xda")
    return scans > MAX_SCANS or scans * pixels > MAX_SCANNED
