"""Measurements as values, as a table for people, and as files for programs."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec

from stylegan_t.errors import BROKEN_JSON
from stylegan_t.files.whole import cannot_write, whole_file
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.named_files import read_file
from stylegan_t.metrics.speed import Speed
from stylegan_t.terminal.wrong_values import in_words

MAX_JSON_BYTES = 4_000_000
MEASURES = {
    "fid": "FID",
    "precision": "precision",
    "recall": "recall",
    "alignment": "alignment",
    "diversity": "diversity",
}
"""Fields of a `Row` that may be missing, with their names for people."""
DIGITS = {"fid": 2, "diversity": 3}
JSON_NAME, CSV_NAME = "metrics.json", "metrics.csv"


class Row(msgspec.Struct, frozen=True):
    """Figures of one set of pictures.

    `psi` is the truncation of generated ones, None for real ones that serve as a yardstick.  FID is
    lower for better, all else is higher; precision, recall and a judge's agreement are shares.
    """

    psi: float | None
    pictures: int
    fid: float | None = None
    precision: float | None = None
    recall: float | None = None
    alignment: float | None = None
    diversity: float | None = None

    @property
    def label(self) -> str:
        """Return the name of the row."""
        return "other real pictures" if self.psi is None else f"psi {self.psi:g}"


class Measured(msgspec.Struct, frozen=True):
    """A whole measurement.

    `features` and `alignment` say in words by which networks; figures of different ones cannot be
    compared.  `features_key` tells the weights apart.  `precision` is that of the convolutions of
    the generator, `noise` the maps that it drew with.  `attributes` are shares of prompts whose
    named attribute is seen: for each attribute a share for real scenes, then one for each psi.
    """

    model: str
    sha256: str
    resolution: int
    size: int
    real: str
    seed: int
    features: str
    features_key: str
    alignment: str
    rows: tuple[Row, ...]
    precision: str = "float32"
    noise: str = "const"
    speed: Speed | None = None
    attributes: dict[str, tuple[float, ...]] = {}
    attribute_psis: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    software: str = ""


_MEASURED = msgspec.json.Decoder(Measured)


def table(measured: Measured) -> str:
    """The figures as text for a terminal, without a line end."""
    lines = []
    if measured.rows:
        lines += _aligned(_cells(measured))
    if measured.attributes:
        psis = [f"psi {psi:g}" for psi in measured.attribute_psis]
        rows = [[name, *(f"{s:.3f}" for s in m)] for name, m in measured.attributes.items()]
        lines += ["", *_aligned([["shown as asked", "real", *psis], *rows])]
    if (speed := measured.speed) is not None:
        lines += [
            "",
            f"{speed.median_s * 1000:.1f} ms for a picture of {measured.resolution} pixels "
            f"(median of {speed.repeats}; 10% to 90%: {speed.low_s * 1000:.1f} to "
            f"{speed.high_s * 1000:.1f}), {speed.device}",
        ]
    lines.append("")
    if measured.features:
        lines.append(f"Features: {measured.features}.")
    if measured.alignment:
        lines.append(f"Alignment: {measured.alignment}.")
    return "\n".join([*lines, *measured.notes]).strip("\n")


def csv_text(measured: Measured) -> str:
    """The rows as CSV; what was not measured is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["psi", "pictures", *MEASURES])
    for row in measured.rows:
        values = [getattr(row, name) for name in MEASURES]
        cells = ["" if value is None else repr(value) for value in values]
        writer.writerow(["real" if row.psi is None else f"{row.psi:g}", row.pictures, *cells])
    return text.getvalue()


def json_bytes(measured: Measured) -> bytes:
    """All of it as JSON, which `read_measured` reads."""
    return msgspec.json.format(msgspec.json.encode(measured), indent=2) + b"\n"


def read_measured(file: Path) -> Measured:
    """An earlier measurement.

    Raises:
        MetricError: the file is missing, or holds none.
    """
    try:
        return _MEASURED.decode(read_file(file, MAX_JSON_BYTES, "a measurement"))
    except BROKEN_JSON as error:
        raise MetricError(
            f"{file} contains no measurement of this program: {in_words(error)}."
        ) from error


def write_whole(file: Path, data: bytes) -> None:
    """Write a file, whole or not at all; an older one is replaced.

    Raises:
        MetricError: it cannot be written.
    """
    try:
        with whole_file(file) as out:
            out.write(data)
    except OSError as error:
        raise MetricError(cannot_write(error, file)) from error


def _cells(measured: Measured) -> list[list[str]]:
    shown = [
        name for name in MEASURES if any(getattr(row, name) is not None for row in measured.rows)
    ]
    cells = [["", "pictures", *(MEASURES[name] for name in shown)]]
    for row in measured.rows:
        values = [(name, getattr(row, name)) for name in shown]
        texts = ["-" if v is None else f"{v:.{DIGITS.get(name, 4)}f}" for name, v in values]
        cells.append([row.label, str(row.pictures), *texts])
    return cells


def _aligned(cells: list[list[str]]) -> list[str]:
    widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
    return [
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
