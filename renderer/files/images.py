"""Pictures and recipes in files: encoding, saving without loss of anything, reading back.

Every picture file carries its recipe: PNG in an uncompressed iTXt chunk, JPEG and WebP in the EXIF
user comment (JPEG has room for about 65,000 bytes; a longer recipe is refused with a sentence).  A
sheet stands beside the recipe that it varies: in a chunk of its own, or in the EXIF maker note.
The same code serves the window and the command line.
"""

from __future__ import annotations

import io
import itertools
import os
import re
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from renderer.files import png_text
from renderer.files.partial_files import part_path
from renderer.files.software import software_name
from renderer.frame.frame import Frame
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.recipe import MAX_JSON_BYTES, Recipe, RecipeError, from_json, to_json
from stylegan_t.files.whole import cannot_write, keep_mode

RECIPE_KEYWORD, SHEET_KEYWORD = "stylegan_t_recipe", "stylegan_t_sheet"
"""Keywords of the PNG text chunks."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
"""Kinds of picture files that can be written."""
MAX_PHOTO_BYTES = 64_000_000
"""Largest JPEG or WebP that is searched for a recipe: Pillow reads a WebP whole."""
JPEG_QUALITY = 95
MAX_STEM_BYTES = 200
"""Of a file's name; 255 are the most that usual file systems take, with number and suffix."""
REPLACE_TRIES, REPLACE_PAUSE_S = 5, 0.05
_EXIF_IFD, _USER_COMMENT, _MAKER_NOTE, _SOFTWARE = 0x8769, 0x9286, 0x927C, 0x0131
_EXIF_TAGS = {RECIPE_KEYWORD: _USER_COMMENT, SHEET_KEYWORD: _MAKER_NOTE}
_UNICODE = b"UNICODE\0"
"""How an EXIF user comment says that UTF-16 follows (EXIF 2.32, section 4.6.5)."""
T = TypeVar("T")


class ExportError(OSError):
    """A file could not be written; the message is for the user."""


def captured_recipe(frame: Frame) -> Recipe:
    """The recipe to write into a picture of `frame`: its own, with the hash of the model that
    really drew it."""
    if frame.model is None:
        return frame.recipe
    model = msgspec.structs.replace(frame.recipe.model, sha256=frame.model.sha256)
    return msgspec.structs.replace(frame.recipe, model=model)


# -- encoding ------------------------------------------------------------------------------------


def encode(
    pixels: np.ndarray,
    recipe: Recipe | None,
    suffix: str,
    software: str = "",
    sheet: Sheet | None = None,
) -> bytes:
    """A picture file: PNG and WebP keep every pixel, JPEG does not.

    Args:
        pixels: uint8 [H, W, 3], row 0 at the top.
        recipe: travels in the file; None for none.
        suffix: one of `SUFFIXES`, upper or lower case.
        software: signs the file; the program's name and version when empty.
        sheet: of which `recipe` is the base; travels in the file too.

    Raises:
        ExportError: the recipe does not fit into a JPEG, or the picture is too large for a kind.
        RecipeError: the recipe holds an impossible value.
        ValueError: a suffix that is not in `SUFFIXES`.
    """
    suffix = suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"A picture file ends in one of {', '.join(SUFFIXES)}, not {suffix!r}.")
    if suffix == ".png":
        return encode_png(pixels, recipe, software, sheet)
    exif, data = _exif(recipe, software, sheet), io.BytesIO()
    most = contact_sheet.MAX_SIDES[suffix]
    if max(pixels.shape[:2]) > most:
        raise ExportError(f"A {suffix} file holds at most {most} pixels side by side: save a PNG.")
    try:
        if suffix == ".webp":
            Image.fromarray(pixels).save(data, "WEBP", lossless=True, exif=exif)
        else:
            Image.fromarray(pixels).save(
                data, "JPEG", quality=JPEG_QUALITY, subsampling=0, exif=exif
            )
    except ValueError as error:
        raise ExportError("This recipe is too long for a JPEG file: save a PNG.") from error
    return data.getvalue()


def encode_png(
    pixels: np.ndarray, recipe: Recipe | None, software: str = "", sheet: Sheet | None = None
) -> bytes:
    """A PNG of uint8 [H, W, 3]; equal arguments give equal bytes on one machine.

    Raises:
        RecipeError: the recipe holds an impossible value.
    """
    info = PngInfo()
    info.add_text("Software", software or software_name())
    if recipe is not None:
        info.add_itxt(RECIPE_KEYWORD, to_json(recipe))
    if sheet is not None:
        info.add_itxt(SHEET_KEYWORD, contact_sheet.to_json(sheet))
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", pnginfo=info)
    return data.getvalue()


def _exif(recipe: Recipe | None, software: str, sheet: Sheet | None) -> bytes:
    exif = Image.Exif()
    exif[_SOFTWARE] = software or software_name()
    texts = {
        _USER_COMMENT: None if recipe is None else to_json(recipe),
        _MAKER_NOTE: None if sheet is None else contact_sheet.to_json(sheet),
    }
    for tag, text in texts.items():
        if text is not None:
            exif.get_ifd(_EXIF_IFD)[tag] = _UNICODE + text.encode("utf-16-be")
    return exif.tobytes()


# -- saving --------------------------------------------------------------------------------------


def save_new(folder: Path, stem: str, suffix: str, data: bytes) -> Path:
    """Write a file under a name that is new: `stem-0001.png`, `stem-0002.png`, ...

    The folder is made if it is missing.  The file appears whole or not at all, and no existing file
    is ever touched, whatever else writes there at the same time.

    Args:
        folder: where to.
        stem: beginning of the name; characters that a file name cannot hold become "_".
        suffix: end of the name, with its dot.
        data: the whole file.

    Returns:
        The path that was written.

    Raises:
        ExportError: it cannot be written; one sentence.
    """
    stem = re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", stem)[:100]
    # File systems count bytes: a hundred characters of Japanese are too many.
    stem = stem.encode("utf-8", "replace")[:MAX_STEM_BYTES].decode("utf-8", "ignore") or "image"

    def publish(temporary: Path) -> Path:
        for number in itertools.count(last_number(folder, stem) + 1):
            path = folder / f"{stem}-{number:04d}{suffix}"
            if claim(temporary, path):
                return path
        raise AssertionError("counting never ends")

    make_folder(folder)
    return _written(folder, folder, data, publish)


def make_folder(folder: Path) -> None:
    """Make a folder, with those around it, where it is missing.

    Raises:
        ExportError: it cannot be made; one sentence.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(cannot_write(error, folder)) from error


def write_file(path: Path, data: bytes, overwrite: bool = False) -> None:
    """Write a file whole or not at all.

    Raises:
        ExportError: it exists and `overwrite` is false, or it cannot be written; one sentence.
    """

    def publish(temporary: Path) -> None:
        if overwrite:
            replace_file(temporary, path)
        elif not claim(temporary, path):
            raise ExportError(f"{path} exists already and was left as it is.")

    _written(path.parent, path, data, publish)


def _written(folder: Path, shown: Path, data: bytes, publish: Callable[[Path], T]) -> T:
    """Write `data` to a temporary file in `folder` and let `publish` give it its name."""
    temporary = part_path(folder)
    try:
        try:
            with open(temporary, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            return publish(temporary)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()
    except ExportError:
        raise
    except OSError as error:
        raise ExportError(cannot_write(error, shown)) from error


def claim(temporary: Path, path: Path) -> bool:
    """Give a finished file its name; false when the name is taken.  Never replaces anything."""
    try:
        os.link(temporary, path)
        return True
    except FileExistsError:
        return False
    except OSError:
        pass  # a file system without hard links says so in many ways
    # Then reserve the name, and replace our own empty file; real trouble shows here again.
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        return False
    try:
        replace_file(temporary, path)
    except OSError:
        path.unlink()
        raise
    return True


def replace_file(temporary: Path, path: Path) -> None:
    """`os.replace`, but patient: on Windows a file that somebody just looks at, such as a scanner
    for viruses, cannot be replaced for a moment.  The permissions of what is replaced stay.

    Raises:
        OSError: it cannot be replaced at all.
    """
    keep_mode(temporary, path)
    for _ in range(REPLACE_TRIES - 1):
        try:
            os.replace(temporary, path)
            return
        except PermissionError:
            time.sleep(REPLACE_PAUSE_S)
    os.replace(temporary, path)


def last_number(folder: Path, stem: str) -> int:
    """The largest number of `stem-0001.png` and its like in a folder, or 0."""
    pattern = re.compile(re.escape(stem) + r"-(\d{4,9})(?:\.\w+)?")
    found = (pattern.fullmatch(name) for name in os.listdir(folder))
    return max((int(match[1]) for match in found if match), default=0)


# -- reading -------------------------------------------------------------------------------------


def read_recipe(path: Path) -> Recipe:
    """The recipe in a picture or a JSON file.  The file is not trusted.

    Raises:
        RecipeError: it cannot be read, carries no recipe, or a damaged one; one sentence.
    """
    text = _text(path, RECIPE_KEYWORD)
    if text is None:
        raise RecipeError(
            f"{path.name} carries no recipe: another program made it, or took the recipe out."
        )
    return _named(path, lambda: from_json(text))


def read_sheet(path: Path) -> Sheet | None:
    """The sheet in a picture, or None where there is none.  The file is not trusted.

    Raises:
        RecipeError: it cannot be read, or is damaged; one sentence.
    """
    if path.suffix.lower() not in SUFFIXES:
        return None
    text = _text(path, SHEET_KEYWORD)
    return None if text is None else _named(path, lambda: contact_sheet.from_json(text))


def _named(path: Path, read: Callable[[], T]) -> T:
    """What `read` gives; what it complains of names the file."""
    try:
        return read()
    except RecipeError as error:
        raise RecipeError(f"{path.name}: {error}") from error


def _text(path: Path, keyword: str) -> str | bytes | None:
    """The text in a file, whatever kind of file it is; None where it has none of that name.

    Raises:
        RecipeError: it cannot be read.
    """
    try:
        # Asked before opening: opening a pipe would wait for its other end.
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise RecipeError(f"{path.name} is a folder, not a picture or a recipe.")
        if not stat.S_ISREG(status.st_mode):
            raise RecipeError(f"{path.name} is not a file that can be read.")
        return _text_inside(path, status.st_size, keyword)
    except RecipeError:
        raise
    except FileNotFoundError as error:
        raise RecipeError(f"There is no file {path}.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise RecipeError(f"{path.name} cannot be read: {reason}.") from error


def _text_inside(path: Path, size: int, keyword: str) -> str | bytes | None:
    with path.open("rb") as file:
        start = file.read(16)
        if start.startswith(png_text.SIGNATURE):
            file.seek(0)
            return png_text.read_text(file, keyword, MAX_JSON_BYTES)
        if start.startswith(b"\xff\xd8\xff") or (start[:4] == b"RIFF" and start[8:12] == b"WEBP"):
            return _photo_text(path, size, keyword)
        if size > MAX_JSON_BYTES:
            raise RecipeError(f"{path.name} is neither a picture nor a recipe.")
        file.seek(0)
        return file.read(MAX_JSON_BYTES).removeprefix(b"\xef\xbb\xbf")


def _photo_text(path: Path, size: int, keyword: str) -> str | None:
    """The text in the EXIF data of a JPEG or a WebP; pixels are not decoded."""
    if size > MAX_PHOTO_BYTES:
        raise RecipeError(f"{path.name} is far too large to be a picture of this program.")
    try:
        with Image.open(path, formats=("JPEG", "WEBP")) as image:
            comment = image.getexif().get_ifd(_EXIF_IFD).get(_EXIF_TAGS[keyword])
    # Pillow's parsers raise whatever they stumble over in a damaged file.
    except Exception as error:
        raise RecipeError(f"{path.name} is damaged or not a picture.") from error
    if not isinstance(comment, bytes) or not comment.startswith(_UNICODE):
        return None
    return comment.removeprefix(_UNICODE).decode("utf-16-be", errors="replace")
