"""A run of adversarial training that is as small as one can be, for tests."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from stylegan_t.training.options import RunOptions, run_options
from stylegan_t.training.trainer import Trainer

ROOT = Path(__file__).parents[3]
SIZES: dict[str, Any] = {
    "data": "demo",
    "preset": "demo",
    "resolution": 16,
    "batch": 8,
    "features": "random:16,4,2,16,8",
    "channel_base": 1024,
    "channel_max": 8,
    "res_blocks": 1,
    "blur_fade_kimg": 0.05,
    "kimg": 0.032,
    "precision": "fp32",
    "device": "cpu",
    "log_every": 1,
    "snapshot_kimg": 0.016,
}
TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def tiny_options(out: Path | str, **changes: Any) -> RunOptions:
    """Options of a tiny run."""
    return run_options(**{**SIZES, "out": str(out), **changes})


def tiny_trainer(out: Path | str, **changes: Any) -> Trainer:
    """A tiny run in this process that says nothing."""
    return Trainer(tiny_options(out, **changes), report=lambda line: None)


def arguments(out: Path, **changes: Any) -> list[str]:
    """The command line of a tiny run."""
    values = {**SIZES, "out": out, **changes}
    words = []
    for name, value in values.items():
        words += ["--" + name.replace("_", "-"), str(value)]
    return words


def environment() -> dict[str, str]:
    """One thread each, and this project on the path."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def start(out: Path, launcher: list[str] | None = None, **changes: Any) -> subprocess.Popen[str]:
    """Start the training command as a program of its own."""
    command = [sys.executable, *(launcher or []), "-m", "stylegan_t.training"]
    return subprocess.Popen(
        [*command, *arguments(out, **changes)],
        env=environment(),
        cwd=out.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(out: Path, launcher: list[str] | None = None, **changes: Any) -> tuple[int, str]:
    """Run it to its end: exit status, and all that it said."""
    process = start(out, launcher, **changes)
    said, _ = process.communicate(timeout=240)
    return process.returncode, said


def stop_with(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    """Send a signal and wait: exit status, and all that the program said."""
    process.send_signal(number)
    said, _ = process.communicate(timeout=120)
    return process.returncode, said


def png(colour: int | tuple[int, ...] = 0, size: tuple[int, int] = (20, 20), mode="RGB") -> bytes:
    """The bytes of a PNG file of one colour."""
    return encoded(Image.new(mode, size, colour), "PNG")


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as the bytes of a file."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def shades(count: int) -> list[tuple[bytes, str]]:
    """Grey pictures that can be told apart, with captions that say which they are."""
    return [(png((5 * k, 5 * k, 5 * k)), f"grey {k}") for k in range(count)]


def write_folder(folder: Path, samples: list[tuple[bytes, str]]) -> Path:
    """Pictures and texts in a folder, some in a subfolder."""
    for k, (data, text) in enumerate(samples):
        place = folder / ("deep" if k % 2 else "")
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{k:03d}.png").write_bytes(data)
        (place / f"{k:03d}.txt").write_text(text, "utf-8")
    return folder


def write_zip(file: Path, samples: list[tuple[bytes, str]], labels: bool = True) -> Path:
    """A zip of the StyleGAN format, with captions as labels or as texts."""
    with zipfile.ZipFile(file, "w") as archive:
        for k, (data, text) in enumerate(samples):
            archive.writestr(f"00000/img{k:08d}.png", data)
            if not labels:
                archive.writestr(f"00000/img{k:08d}.txt", text)
        if labels:
            pairs = [[f"00000/img{k:08d}.png", text] for k, (_, text) in enumerate(samples)]
            archive.writestr("dataset.json", json.dumps({"labels": pairs}))
    return file


def write_shard(file: Path, samples: list[tuple[bytes, str]], start: int = 0) -> Path:
    """A .tar of the webdataset format."""
    with tarfile.open(file, "w") as archive:
        for k, (data, text) in enumerate(samples, start):
            add_member(archive, f"{k:05d}.png", data)
            add_member(archive, f"{k:05d}.txt", text.encode())
    return file


def add_member(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    """Put a file into an open .tar."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def noise_jpeg(side: int, seed: int = 0) -> bytes:
    """A JPEG file of noise."""
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side, 3), dtype=np.uint8)
    return encoded(Image.fromarray(pixels), "JPEG")


def run_together(script: str, folder: Path) -> None:
    """Run a script in two processes, in a folder; both must end well."""
    (folder / "together.py").write_text(script)
    command = [sys.executable, *TORCHRUN, "together.py"]
    done = subprocess.run(
        command, env=environment(), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
