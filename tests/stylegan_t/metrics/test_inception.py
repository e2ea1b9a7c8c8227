"""FID's network: from a file through a safe reader, never from the network unless asked."""

from __future__ import annotations

import io
import sys
import urllib.error
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from stylegan_t.files.hashes import file_sha256
from stylegan_t.metrics import inception
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.inception import WEIGHTS, fetch, open_inception


def module_blank(module: ModuleType) -> Any:
    """torch-fidelity's network as a class that reads no weights."""

    class Blank(module.FeatureExtractorInceptionV3):
        def load_state_dict(self, *args: Any, **options: Any) -> None:
            """Keep the random ones."""

    return Blank


class FakeNetwork(torch.nn.Module):
    """Stands for torch-fidelity's network: same call, two weights; reads its file as it does."""

    def __init__(self, name: str, features: list[str], feature_extractor_weights_path: str) -> None:
        super().__init__()
        assert features == ["2048"]
        self.scale = torch.nn.Parameter(torch.zeros(2))
        self.load_state_dict(torch.load(feature_extractor_weights_path, weights_only=True))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor]:
        return (x.float().mean(dim=(1, 2, 3))[:, None] * self.scale[0].repeat(2048),)


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("torch_fidelity.feature_extractor_inceptionv3")
    module.FeatureExtractorInceptionV3 = FakeNetwork
    monkeypatch.setattr(inception, "_torch_fidelity", lambda: module)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every attempt to reach the network is noted and fails."""
    tried: list[str] = []

    def urlopen(url: str, timeout: float) -> Any:
        tried.append(url)
        raise urllib.error.URLError("there is no network here")

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    return tried


def weights(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"scale": torch.tensor([2.0, 0.0])}, file)
    return file


@pytest.mark.slow
def test_the_network_is_torch_fidelitys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = inception._torch_fidelity()
    monkeypatch.setattr(module, "load_state_dict_from_url", lambda url, progress: {})
    torch.manual_seed(1)
    network = module_blank(module)("blank", ["2048"])
    torch.save(network.state_dict(), tmp_path / "random.pth")
    features = open_inception(tmp_path / "random.pth", tmp_path)
    pixels = torch.randint(0, 256, (2, 3, 20, 20)).to(torch.uint8)
    with torch.inference_mode():
        seen = features(pixels)
        assert seen.shape == (2, 2048) and seen.std() > 0
        assert torch.equal(seen, network(pixels)[0])


@pytest.mark.usefixtures("package")
def test_weights_of_the_user_are_taken(tmp_path: Path, no_network: list[str]) -> None:
    features = open_inception(weights(tmp_path / "mine.pth"), tmp_path)
    seen = features(torch.full((3, 3, 8, 8), 5, dtype=torch.uint8))
    assert seen.shape == (3, 2048) and (seen == 10).all()
    assert features.key.startswith("inception:") and not no_network


@pytest.mark.usefixtures("package")
def test_weights_that_papers_did_not_use_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = weights(tmp_path / "mine.pth")
    other = open_inception(file, tmp_path)
    assert "mine.pth" in other.name and "do not compare" in other.note
    monkeypatch.setattr(inception, "WEIGHTS_SHA256", file_sha256(file)[:8])
    usual = open_inception(file, tmp_path)
    assert usual.name == "FID's Inception v3" and not usual.note


@pytest.mark.usefixtures("package")
def test_what_was_downloaded_before_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: list[str]
) -> None:
    weights(tmp_path / "cache" / WEIGHTS)
    assert open_inception(None, tmp_path / "cache").dim == 2048
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    weights(tmp_path / "torch" / "hub" / "checkpoints" / WEIGHTS)
    assert open_inception(None, tmp_path / "empty").dim == 2048
    assert not no_network


@pytest.mark.usefixtures("package")
def test_without_weights_it_says_what_to_fetch(tmp_path: Path, no_network: list[str]) -> None:
    with pytest.raises(MetricError, match=rf"download https://.*{WEIGHTS}.*--inception FILE"):
        open_inception(None, tmp_path)
    assert not no_network
    with pytest.raises(MetricError, match=r"could not be downloaded.*yourself.*--inception"):
        open_inception(None, tmp_path, download=True, report=lambda text: None)
    assert no_network == [inception.URL]
    assert list(tmp_path.iterdir()) == []


def test_a_download_is_checked_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.urlopen", lambda url, timeout: io.BytesIO(b"weights"))
    with pytest.raises(MetricError, match="not the expected file"):
        fetch(tmp_path, lambda text: None)
    assert list(tmp_path.iterdir()) == []
    # What sha256sum says of these seven bytes.
    monkeypatch.setattr(inception, "WEIGHTS_SHA256", "9a129038")
    told: list[str] = []
    file = fetch(tmp_path / "new", told.append)
    assert file.read_bytes() == b"weights" and "91 MB" in told[0]
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.usefixtures("package")
def test_other_weights_are_refused(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(3)}, tmp_path / "other.pth")
    with pytest.raises(MetricError, match=r"other\.pth does not hold the weights of FID"):
        open_inception(tmp_path / "other.pth", tmp_path)


def test_without_the_package_it_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("torch_fidelity", "torch_fidelity.feature_extractor_inceptionv3"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MetricError, match=r"torch-fidelity.*pip install torch-fidelity"):
        open_inception(tmp_path / "any.pth", tmp_path)
