"""Pictures and recipes in files: encoding, saving without loss of anything, reading back.

Every picture file carries its recipe: PNG in an uncompressed iTXt chunk, JPEG and WebP in the EXIF
user comment (JPEG has room for about 65,000 bytes; a longer recipe is refused with a sentence).  A
sheet stands beside the recipe that it varies: in a chunk of its own, or in the EXIF maker note.
The same code serves the window and the command line.
"""

from __future__ import annotations

import io
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from renderer.files import png_text
from renderer.files.atomic import ExportError
from renderer.files.kinds import IMAGE_SUFFIXES
from renderer.files.software import software_name
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.recipe import MAX_JSON_BYTES, Recipe, RecipeError, from_json, to_json

RECIPE_KEYWORD, SHEET_KEYWORD = "stylegan_t_recipe", "stylegan_t_sheet"
"""Keywords of the PNG text chunks."""
MAX_PHOTO_BYTES = 64_000_000
"""Largest JPEG or WebP that is searched for a recipe: Pillow reads a WebP whole."""
JPEG_QUALITY = 95
_EXIF_IFD, _USER_COMMENT, _MAKER_NOTE, _SOFTWARE = 0x8769, 0x9286, 0x927C, 0x0131
_EXIF_TAGS = {RECIPE_KEYWORD: _USER_COMMENT, SHEET_KEYWORD: _MAKER_NOTE}
_UNICODE = b"UNICODE\0"
"""The mark of an EXIF user comment that UTF-16 follows (EXIF 2.32, section 4.6.5)."""
T = TypeVar("T")


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
        suffix: one of `renderer.files.kinds.IMAGE_SUFFIXES`, upper or lower case.
        software: signs the file; the program's name and version when empty.
        sheet: of which `recipe` is the base; travels in the file too.

    Raises:
        ExportError: the recipe does not fit into a JPEG, or the picture is too large for a kind.
        RecipeError: the recipe holds an impossible value.
        ValueError: a suffix that is not in `renderer.files.kinds.IMAGE_SUFFIXES`.
    """
    suffix = suffix.lower()
    if suffix not in IMAGE_SUFFIXES:
        known = ", ".join(IMAGE_SUFFIXES)
        raise ValueError(f"A picture file ends in one of {known}, not {suffix!r}.")
    if suffix == ".png":
        return encode_png(pixels, recipe, software, sheet)
    exif, data = _exif(recipe, software, sheet), io.BytesIO()
    most = contact_sheet.MAX_SIDES[suffix]
    if max(pixels.shape[:2]) > most:
        raise ExportError(f"A {suffix} file can be at most {most} pixels wide or high: save a PNG.")
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


# -- reading -------------------------------------------------------------------------------------


def read_recipe(path: Path) -> Recipe:
    """The recipe in a picture or a JSON file.  The file is not trusted.

    Raises:
        RecipeError: it cannot be read, carries no recipe, or a damaged one; one sentence.
    """
    text = _text(path, RECIPE_KEYWORD)
    if text is None:
        raise RecipeError(
            f"{path.name} contains no recipe: another program made it, or removed the recipe."
        )
    return _named(path, lambda: from_json(text))


def read_sheet(path: Path) -> Sheet | None:
    """The sheet in a picture, or None where there is none.  The file is not trusted.

    Raises:
        RecipeError: it cannot be read, or is damaged; one sentence.
    """
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        return None
    text = _text(path, SHEET_KEYWORD)
    return None if text is None else _named(path, lambda: contact_sheet.from_json(text))


def _named(path: Path, read: Callable[[], T]) -> T:
    """Return what `read` gives; what it complains of names the file."""
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
