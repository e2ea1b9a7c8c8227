"""Files of Hugging Face repositories, with a hub that stands in the test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

from stylegan_t.encoders.hub_files import FetchError, HubPlace, cached_file, fetch_file, hub_place

PLACE = HubPlace("owner/name", ("a.safetensors", "a.bin"))


def hub(monkeypatch: pytest.MonkeyPatch, answer: Callable[..., str]) -> list[tuple[str, str]]:
    """Let `answer` stand for the download; what is asked for is recorded."""
    asked: list[tuple[str, str]] = []

    def hf_hub_download(repo_id: str, filename: str, *, tqdm_class: Any = None) -> str:
        asked.append((repo_id, filename))
        return answer(filename, tqdm_class)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hf_hub_download)
    return asked


def test_places_of_open_clips_lists() -> None:
    safe, pickled = "open_clip_model.safetensors", "open_clip_pytorch_model.bin"
    assert hub_place("timm/vit.openai/") == HubPlace("timm/vit.openai", (safe, pickled))
    assert hub_place("o/n/model.bin") == HubPlace("o/n", ("model.safetensors", "model.bin"))
    assert hub_place("o/n/m.safetensors") == HubPlace("o/n", ("m.safetensors",))
    assert hub_place("") is None
    assert PLACE.by_hand == "download a.safetensors from https://huggingface.co/owner/name yourself"


def test_a_file_in_the_cache_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    asked = hub(monkeypatch, lambda *_: pytest.fail("the cache is not the network"))
    assert cached_file(PLACE) is None
    repository = tmp_path / "models--owner--name"
    snapshot = repository / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40)
    (snapshot / "a.bin").touch()
    assert cached_file(PLACE) == snapshot / "a.bin"
    (snapshot / "a.safetensors").touch()
    assert cached_file(PLACE) == snapshot / "a.safetensors"
    assert asked == []


def test_the_best_file_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = hub(monkeypatch, lambda name, _: f"/cache/{name}")
    assert fetch_file(PLACE) == Path("/cache/a.safetensors")
    assert asked == [("owner/name", "a.safetensors")]


def test_the_next_file_is_fetched_when_the_repository_lacks_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(name: str, _: Any) -> str:
        if name == "a.safetensors":
            raise EntryNotFoundError("404")
        return f"/cache/{name}"

    asked = hub(monkeypatch, answer)
    assert fetch_file(PLACE) == Path("/cache/a.bin")
    assert [name for _, name in asked] == ["a.safetensors", "a.bin"]


@pytest.mark.parametrize(
    "error", [LocalEntryNotFoundError("offline"), OSError("refused"), RuntimeError("odd")]
)
def test_without_a_network_it_is_tried_once(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def answer(*_: Any) -> str:
        raise error

    asked = hub(monkeypatch, answer)
    with pytest.raises(FetchError) as caught:
        fetch_file(PLACE)
    assert caught.value.__cause__ is error and len(asked) == 1


def test_progress_is_told_and_never_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(name: str, bar_class: Any) -> str:
        with bar_class(total=100, initial=20, unit="B", desc=name) as bar:
            bar.update(30)
            bar.update(50)
        with bar_class(total=100) as second:  # some downloads are counted twice
            second.update(10)
        with bar_class(total=None) as unknown:
            unknown.update(5)
        return "/cache/a"

    hub(monkeypatch, answer)
    shares: list[float] = []
    fetch_file(PLACE, shares.append)
    assert shares == [0.5, 1.0]


class StopError(Exception):
    pass


@pytest.mark.parametrize("swallowed", [True, False])
def test_progress_may_cancel(monkeypatch: pytest.MonkeyPatch, swallowed: bool) -> None:
    def answer(name: str, bar_class: Any) -> str:
        try:
            bar_class(total=10).update(1)
        except StopError:
            if not swallowed:
                raise
        return "/cache/a"

    def stop(share: float) -> None:
        raise StopError

    asked = hub(monkeypatch, answer)
    with pytest.raises(StopError):
        fetch_file(PLACE, stop)
    assert len(asked) == 1


def test_a_hub_that_tells_no_progress_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def older(repo_id: str, filename: str) -> str:
        return f"/cache/{filename}"

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", older)
    assert fetch_file(PLACE, lambda share: None) == Path("/cache/a.safetensors")
