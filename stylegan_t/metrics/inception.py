"""FID's own feature network, through the package torch-fidelity (the extra `metrics`).

Its weights, 91 MB, are those of TensorFlow's Inception of 2015; every published FID rests on them.
They come from a file that the user has, or are downloaded when the user says so.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import tempfile
import urllib.request
from http.client import HTTPException
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from stylegan_t.encoders.open_clip_import import import_open_clip
from stylegan_t.encoders.text import TowerError
from stylegan_t.files.hashes import file_sha256
from stylegan_t.files.whole import whole_file
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import Features, Report
from stylegan_t.metrics.state_files import read_state
from stylegan_t.terminal.installing import pip_install

WEIGHTS = "weights-inception-2015-12-05-6726825d.pth"
WEIGHTS_SHA256 = "6726825d"
"""The beginning of the file's SHA-256, as its name says."""
URL = f"https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/{WEIGHTS}"
LAYER = "2048"
"""The last average pooling, which FID compares."""
MAX_BYTES = 200_000_000
_CHUNK = 1 << 20
_TIMEOUT_S = 60.0


class InceptionFeatures(Features):
    """Inception v3 as FID uses it: 2048 values from pictures that are scaled to 299 pixels.

    The scaling is that of TensorFlow 1, as in the published figures.
    """

    name = "FID's Inception v3"
    dim = 2048

    def __init__(self, network: Any, foreign: str = "") -> None:
        """`foreign` names the file of weights that are not those of the published figures."""
        super().__init__()
        self.network = network
        if foreign:
            self.name = f"Inception v3 with the weights of {foreign}"
            self.note = "These are not the weights that published FIDs rest on: do not compare."
        self.ready("inception")

    def forward(self, pixels: Tensor) -> Tensor:
        """See `Features.forward`."""
        return self.network(pixels)[0]


def open_inception(
    file: Path | None, cache: Path, *, download: bool = False, report: Report = print
) -> InceptionFeatures:
    """FID's network.

    Args:
        file: its weights; None looks for them where a download puts them.
        cache: the folder that a download goes to.
        download: whether the weights may be fetched.
        report: told of a download.

    Raises:
        MetricError: torch-fidelity or the weights are missing, or the file holds something else.
    """
    package = _torch_fidelity()
    if file is None:
        file = _found(cache) or (fetch(cache, report) if download else None)
    if file is None:
        raise MetricError(
            f"The weights of FID's network are not on this computer: download {URL} and give the "
            "file with --inception FILE, or have it downloaded with --download."
        )
    usual = _sha256(file).startswith(WEIGHTS_SHA256)
    return InceptionFeatures(_network(package, file), "" if usual else file.name)


def _sha256(file: Path) -> str:
    try:
        if file.exists() and not file.is_file():  # a pipe would wait for ever
            raise MetricError(f"{file} is not a file, so it cannot hold weights.")
        return file_sha256(file)
    except OSError as error:
        raise MetricError(f"{file} cannot be read: {error.strerror}.") from error


def _found(cache: Path) -> Path | None:
    """The weights where an earlier download, ours or torch-fidelity's own, has put them."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    hub = Path(os.environ.get("TORCH_HOME") or home / "torch") / "hub" / "checkpoints"
    return next((f for f in (cache / WEIGHTS, hub / WEIGHTS) if f.is_file()), None)


def fetch(cache: Path, report: Report = print) -> Path:
    """Fetch the weights into the folder `cache`, whole or not at all.

    Raises:
        MetricError: they could not be fetched, or what came is something else.
    """
    report(f"Downloading {URL}, 91 MB.")
    target = cache / WEIGHTS
    digest = hashlib.sha256()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(URL, timeout=_TIMEOUT_S) as answer, whole_file(target) as f:
            while (chunk := answer.read(_CHUNK)) and f.tell() < MAX_BYTES:
                f.write(chunk)
                digest.update(chunk)
            if not digest.hexdigest().startswith(WEIGHTS_SHA256):
                raise MetricError(f"What was downloaded from {URL} is not the expected file.")
    except (OSError, HTTPException) as error:
        raise MetricError(
            f"The weights of FID's network could not be downloaded ({error}): download {URL}"
            " yourself and give the file with --inception FILE."
        ) from error
    return target


def _torch_fidelity() -> ModuleType:
    """The module with the network.

    The package imports torchvision; see `stylegan_t.encoders.open_clip_import` for why that can
    fail, and is mended there.
    """
    name = "torch_fidelity.feature_extractor_inceptionv3"
    try:
        import_open_clip()
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "torch_fidelity":
            raise MetricError(f"The package torch-fidelity does not start: {error}.") from error
        raise MetricError(
            "The package torch-fidelity, which knows FID's network, is not installed; "
            f"{pip_install('torch-fidelity')} installs it, or choose other --features."
        ) from error
    except (ImportError, RuntimeError, TowerError) as error:
        raise MetricError(f"The package torch-fidelity does not start: {error}") from error


def _network(package: ModuleType, file: Path) -> torch.nn.Module:
    """The network with the weights of `file`.

    The package would read any file with pickle; it gets a copy that we wrote ourselves, of tensors
    that came through torch's weights-only reader.
    """
    state = read_state(file)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "weights.pth"
        torch.save(state, copy)
        try:
            return package.FeatureExtractorInceptionV3(
                "inception", [LAYER], feature_extractor_weights_path=str(copy)
            )
        except (RuntimeError, KeyError) as error:
            raise MetricError(
                f"{file.name} does not hold the weights of FID's network; {URL} does."
            ) from error
