"""Towers by name and from files: offline unless asked, and one sentence for what does not work."""

import random
import socket
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from huggingface_hub import constants
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors.torch import save_file

from stylegan_t.encoders.clip_tower import ClipTower
from stylegan_t.encoders.open_clip_import import import_open_clip
from stylegan_t.encoders.towers import TowerError, known_towers, open_tower, tower_label
from tests.stylegan_t.tiny_clip import (
    C_DIM,
    HEADS,
    LAYERS,
    WIDTH,
    clip_embedding,
    tiny_clip,
    write_torchscript,
)

PROMPTS = ["a red house", "日本 😀", ""]
USUAL = "open_clip:ViT-L-14/openai"
TINY = "open_clip:tiny-test/made_up"
PLAIN = {"context_length": 77, "vocab_size": 49408, "width": WIDTH, "heads": HEADS}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty cache, and a failure for whoever opens a connection or asks for a name."""

    def refused(*args: Any, **options: Any) -> Any:
        pytest.fail("the network was touched")

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", refused)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """open_clip knows a tiny architecture, whose list of properties may be changed."""
    open_clip: Any = import_open_clip()
    architecture = {"embed_dim": C_DIM, "vision_cfg": {}, "text_cfg": {**PLAIN, "layers": LAYERS}}
    weights: dict[str, Any] = {"hf_hub": "owner/tiny/", "quick_gelu": True}
    weights["url"] = "https://example.org/1/tiny-original.pt"
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "tiny-test", architecture)
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "tiny-test", {"made_up": weights})
    return {"architecture": architecture, "weights": weights}


def saved(file: Path, **options: Any) -> torch.nn.Module:
    """A tiny CLIP, in memory and in `file`."""
    clip = tiny_clip(**options)
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(dict(clip.state_dict()), file)
    return clip


def hub_with(monkeypatch: pytest.MonkeyPatch, file: Path) -> list[tuple[str, str]]:
    """Let a download give `file`; what is asked for is recorded."""
    asked: list[tuple[str, str]] = []

    def hf_hub_download(repo_id: str, filename: str) -> str:
        asked.append((repo_id, filename))
        return str(file)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hf_hub_download)
    return asked


def assert_equal(spec: str, clip: torch.nn.Module, **options: Any) -> ClipTower:
    tower = open_tower(spec, **options)
    assert isinstance(tower, ClipTower)
    expected = clip_embedding(clip, PROMPTS)
    torch.testing.assert_close(tower.encode(PROMPTS), expected, atol=1e-5, rtol=0)
    return tower


@pytest.mark.usefixtures("listed")
def test_a_named_tower_is_downloaded_on_request(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clip = saved(tmp_path / "a.safetensors")
    asked = hub_with(monkeypatch, tmp_path / "a.safetensors")
    tower = assert_equal(TINY, clip, download=True)
    assert asked == [("owner/tiny", "open_clip_model.safetensors")]
    assert tower.name == "tiny-test (made_up)"
    assert tower.config.heads == HEADS and tower.config.quick_gelu


@pytest.mark.usefixtures("listed")
def test_a_named_tower_comes_from_the_cache_without_a_network(tmp_path: Path) -> None:
    with pytest.raises(TowerError, match="is not on this computer"):
        open_tower(TINY)
    repository = tmp_path / "cache" / "models--owner--tiny"
    clip = saved(repository / "snapshots" / "0f" / "open_clip_model.safetensors")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0f")
    for download in (False, True):
        assert_equal(TINY, clip, download=download)


def test_what_is_not_here_is_named_with_a_way_to_get_it() -> None:
    with pytest.raises(TowerError) as caught:
        open_tower(USUAL)
    assert str(caught.value) == (
        "ViT-L-14 (openai) is not on this computer; have it downloaded, or download "
        "open_clip_model.safetensors from "
        "https://huggingface.co/timm/vit_large_patch14_clip_224.openai yourself and open it as the "
        "text tower with ?quick_gelu after its name."
    )


def test_without_a_network_the_sentence_says_what_to_fetch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def offline(repo_id: str, filename: str) -> str:
        raise LocalEntryNotFoundError("no connection")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", offline)
    with pytest.raises(TowerError, match=r"could not be downloaded; .*timm/vit_large") as caught:
        open_tower(USUAL, download=True)
    assert "open_clip_model.safetensors" in str(caught.value) and "\n" not in str(caught.value)


def test_progress_reaches_the_download(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, listed: dict[str, Any]
) -> None:
    saved(tmp_path / "a.safetensors")

    def hf_hub_download(repo_id: str, filename: str, *, tqdm_class: Any) -> str:
        tqdm_class(total=4).update(1)
        return str(tmp_path / "a.safetensors")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hf_hub_download)
    shares: list[float] = []
    open_tower(TINY, download=True, progress=shares.append)
    assert shares == [0.25]


@pytest.mark.usefixtures("listed")
def test_a_file_with_other_sizes_than_its_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    saved(tmp_path / "a.safetensors", layers=LAYERS + 1)
    hub_with(monkeypatch, tmp_path / "a.safetensors")
    with pytest.raises(TowerError, match="other sizes than tiny-test"):
        open_tower(TINY, download=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hf_tokenizer_name": "bert"}, "another vocabulary"),
        ({"hf_model_name": "roberta"}, "another vocabulary"),
        ({"embed_cls": True}, "not a plain CLIP .embed_cls"),
        ({"no_causal_mask": True}, "not a plain CLIP .no_causal_mask"),
        ({"norm_kwargs": {"eps": 1e-6}}, "not a plain CLIP .norm_kwargs"),
    ],
)
def test_a_text_half_of_another_kind_is_refused(
    listed: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    assert ("tiny-test", "made_up") in known_towers()
    listed["architecture"]["text_cfg"].update(change)
    with pytest.raises(TowerError, match=f"tiny-test cannot be a text tower here.*{words}"):
        open_tower(TINY, download=True)
    assert ("tiny-test", "made_up") not in known_towers()


def test_a_tower_without_a_repository_is_refused(listed: dict[str, Any]) -> None:
    listed["weights"]["hf_hub"] = ""
    with pytest.raises(TowerError, match="knows no Hugging Face repository for tiny-test"):
        open_tower(TINY, download=True)
    assert ("tiny-test", "made_up") not in known_towers()


@pytest.mark.parametrize("name", ["openai.safetensors", "ViT-quickgelu.safetensors", "a.bin"])
def test_a_file_says_by_its_name_which_activation_it_has(tmp_path: Path, name: str) -> None:
    quick = name != "a.bin"
    clip = tiny_clip(quick_gelu=quick)
    file = tmp_path / name
    if quick:
        save_file(dict(clip.state_dict()), file)
    else:
        torch.save(clip.state_dict(), file)
    tower = assert_equal(f"{file}?heads={HEADS}", clip)
    assert tower.config.quick_gelu == quick and tower.name == name
    for word in ("quick_gelu", "gelu"):
        spelled = open_tower(f"{file}?heads={HEADS}&{word}")
        assert isinstance(spelled, ClipTower)
        assert spelled.config.quick_gelu == (word == "quick_gelu")


def test_a_file_in_the_cache_says_it_by_its_repository(tmp_path: Path) -> None:
    for folder, quick in (("models--timm--vit.openai", True), ("openai", False)):
        file = tmp_path / folder / "snapshots" / "open_clip_model.safetensors"
        saved(file)
        tower = open_tower(str(file))
        assert isinstance(tower, ClipTower) and tower.config.quick_gelu == quick


def test_a_question_mark_may_be_part_of_a_file_name(tmp_path: Path) -> None:
    file = tmp_path / "what?.safetensors"
    saved(file)
    assert open_tower(str(file)).name == file.name == tower_label(str(file))
    assert open_tower(f"{file}?gelu").name == file.name == tower_label(f"{file}?gelu")


def test_a_torchscript_archive_is_refused_with_what_to_get_instead(
    tmp_path: Path, listed: dict[str, Any]
) -> None:
    for name, words in (
        ("ViT-L-14.pt", r"use open_clip:ViT-L-14/openai .*timm/vit_large_patch14_clip_224.openai"),
        ("tiny-original.pt", r"use open_clip:tiny-test/made_up .*owner/tiny"),
        ("my own.pt", r"open_clip's \.safetensors file"),
    ):
        write_torchscript(tmp_path / name)
        with pytest.raises(TowerError, match=f"{name} is a TorchScript archive.*{words}"):
            open_tower(str(tmp_path / name))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("open_clip:ViT-L-14", "has no weights '' for ViT-L-14; it has: openai"),
        ("open_clip:ViT-L-14/nothing", "has no weights 'nothing' for ViT-L-14"),
        ("open_clip:ViT-B-16-SigLIP/webli", "another vocabulary than CLIP's"),
        ("open_clip:coca_ViT-L-14/laion2b_s13b_b90k", "not a plain CLIP"),
        ("open_clip:nothing/openai", "knows no architecture 'nothing'"),
        ("open_clip:", "knows no architecture ''"),
        ("open_clip:hf-hub:timm/vit", "knows no architecture 'hf-hub:timm'"),
        ("open_clip:local-dir:/tmp", "knows no architecture 'local-dir:'"),
        ("", "neither a file nor a name such as open_clip:ViT-L-14/openai"),
        ("ViT-L-14", "neither a file nor a name"),
        ("/none/a.safetensors", "There is no file"),
        ("/none/a.pt?relu", "'relu' says nothing about a network in a file"),
        ("/none/a.pt?heads=0", "'heads=0' says nothing"),
        ("~nobody/a.pt", "There is no file"),
        ("\0", "neither a file"),
        ("a" * 5000 + ".pt", "There is no file"),
        ("\ud800.pt", "There is no file"),
    ],
)
@pytest.mark.parametrize("download", [False, True])
def test_one_sentence_for_every_spec_that_leads_nowhere(
    spec: str, words: str, download: bool
) -> None:
    with pytest.raises(TowerError, match=words) as caught:
        open_tower(spec, download=download)
    assert "\n" not in str(caught.value)


def test_any_text_is_a_spec_without_a_traceback() -> None:
    dice = random.Random(8)
    parts = ["open_clip:", "ViT-L-14", "/", "?", "&", "heads=", "gelu", "é", "\0", "..", ".pt", ":"]
    for _ in range(300):
        spec = "".join(dice.choices(parts, k=dice.randint(0, 6)))
        assert isinstance(tower_label(spec), str)
        with pytest.raises(TowerError):
            open_tower(spec)


def test_known_towers_can_all_be_named() -> None:
    towers = known_towers()
    assert towers[0] == ("ViT-L-14", "openai")
    assert len(set(towers)) == len(towers) > 50
    assert ("ViT-B-32", "openai") in towers
    assert not any("SigLIP" in architecture for architecture, _ in towers)
    for architecture, tag in towers:
        with pytest.raises(TowerError, match="is not on this computer"):
            open_tower(f"open_clip:{architecture}/{tag}")


@pytest.mark.parametrize(
    ("spec", "label"),
    [
        (USUAL, "ViT-L-14 (openai)"),
        ("open_clip:ViT-L-14", "ViT-L-14"),
        ("/models/clip.safetensors", "clip.safetensors"),
        ("/models/clip.safetensors?quick_gelu", "clip.safetensors"),
        ("", ""),
    ],
)
def test_labels_are_short(spec: str, label: str) -> None:
    assert tower_label(spec) == label
