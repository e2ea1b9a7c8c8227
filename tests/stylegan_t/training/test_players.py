"""The networks of a run: what each mode trains, where they come from, what is refused."""

from pathlib import Path
from typing import Any

import pytest
import torch

import stylegan_t
from stylegan_t import Generator
from stylegan_t.data.sampling import TrainingError
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.training import players
from stylegan_t.training.options import Mode
from stylegan_t.training.players import Embedder, assemble, average_of, new_generator, trained_by
from tests.stylegan_t.training.tiny_run import tiny_options

CPU = torch.device("cpu")
TOWER = WordTowerConfig(c_dim=8, width=8, layers=1, heads=2, buckets=64, window=12)


def saved(folder: Path, **changes: Any) -> str:
    """A small model on disk."""
    file = folder / "model.safetensors"
    stylegan_t.save(new_generator(tiny_options(folder, **changes)), file)
    return str(file)


def other_tower(monkeypatch: pytest.MonkeyPatch, c_dim: int) -> None:
    tower = WordTower(WordTowerConfig(c_dim, 8, 1, 2, 64, 12), "other")
    monkeypatch.setattr(players, "open_tower", lambda spec, download: tower)


def test_a_fresh_generator_has_the_presets_sizes_and_the_towers_words() -> None:
    generator = new_generator(tiny_options("a"))
    assert generator.config.img_resolution == 16 and generator.config.channel_max == 8
    assert generator.text is not None and generator.text.c_dim == generator.config.c_dim == 128
    again = new_generator(tiny_options("a")).state_dict()
    assert all(torch.equal(again[k], v) for k, v in generator.state_dict().items())
    other = new_generator(tiny_options("a", seed=1)).state_dict()
    assert not torch.equal(other["synthesis.b8.input.weight"], again["synthesis.b8.input.weight"])


def test_a_small_one_starts_with_colours_in_range() -> None:
    generator = new_generator(tiny_options("a")).eval()
    c = generator.encode_text(["a red house"] * 8).clone()
    image = generator(torch.randn(8, 64, generator=torch.Generator().manual_seed(0)), c)
    assert image.abs().mean() < 0.5 and image.abs().max() < 3


def test_a_larger_one_grows_out_of_a_smaller_one(tmp_path: Path) -> None:
    file = saved(tmp_path)
    small = stylegan_t.load(file).state_dict()
    grown = new_generator(
        tiny_options(
            tmp_path, resume_from=file, resolution=32, channel_base=None, channel_max=None,
            res_blocks=None, seed=5,
        )
    )  # fmt: skip
    assert grown.config.img_resolution == 32 and grown.config.channel_max == 8
    large = grown.state_dict()
    assert all(torch.equal(large[name], value) for name, value in small.items())
    assert len(large) > len(small)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"resolution": 8}, "draws 16 pixels, more than the 8 of this run"),
        ({"mode": "freeze64", "resolution": 128}, "needs a generator that was trained at 64"),
        ({"channel_max": 16}, "leave --channel-base, --channel-max"),
        ({"text_tower": "other"}, "makes embeddings of 8 values"),
        ({"resume_from": "gone.safetensors"}, "There is no file at gone.safetensors"),
    ],
)
def test_what_does_not_fit_the_file_is_told(
    changes: dict[str, Any], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_tower(monkeypatch, c_dim=8)
    sizes = {"channel_base": None, "channel_max": None, "res_blocks": None}
    options = tiny_options(tmp_path, **{"resume_from": saved(tmp_path), **sizes, **changes})
    with pytest.raises(TrainingError) as caught:
        new_generator(options)
    assert words in str(caught.value)


def test_a_file_without_a_text_tower_needs_one(tmp_path: Path) -> None:
    bare = Generator(new_generator(tiny_options(tmp_path)).config)
    stylegan_t.save(bare, tmp_path / "bare.safetensors")
    options = tiny_options(
        tmp_path, resume_from=str(tmp_path / "bare.safetensors"),
        channel_base=None, channel_max=None, res_blocks=None,
    )  # fmt: skip
    with pytest.raises(TrainingError, match="has no text tower: name the one"):
        new_generator(options)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channel_max": 12}, "do not divide into 8 normalisation groups"),
        ({"resolution": 48}, "a power of two from 8 to 4096, not 48"),
        ({"resolution": -64}, "a power of two"),
        ({"preset": "full", "resolution": 1 << 20}, "a power of two"),
        ({"res_blocks": 1000}, "1000 residual blocks"),
    ],
)
def test_sizes_that_are_no_generator_are_told(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        new_generator(tiny_options("a", **{"text_tower": "demo", **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"features": "timm:vit_small_patch16_224.dino"},
        {"text_tower": "open_clip:ViT-L-14/openai"},
        {"clip_weight": 0.2, "clip_encoder": "open_clip:ViT-L-14/openai"},
    ],
)
def test_nothing_is_fetched_unless_asked(changes: dict[str, Any]) -> None:
    options = tiny_options("a", **changes)
    with pytest.raises(TrainingError, match=r"is not on this computer.*--download"):
        assemble(new_generator(options), options, CPU)


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ("random:16,2,2,16,8", "4 blocks or more"),
        ("random:15,4,2,16,8", "makes no feature network"),
        ("gone.safetensors", "gone.safetensors"),
        ("random:16", "random:16"),
    ],
)
def test_features_that_cannot_be_had_are_told(features: str, words: str) -> None:
    options = tiny_options("a", features=features)
    with pytest.raises(TrainingError) as caught:
        assemble(new_generator(options), options, CPU)
    assert words in str(caught.value)


def deep_generator() -> Generator:
    config = stylegan_t.GeneratorConfig(128, 1024, 8, 1, c_dim=8, gn_groups=8)
    return Generator(config, WordTower(TOWER))


def test_each_mode_trains_its_own_part_and_nothing_else() -> None:
    generator = deep_generator()
    everything = set(dict(generator.named_parameters()))
    text = {name for name in everything if name.startswith("text.")}
    blocks = {name for name in everything if name.startswith("synthesis.")}
    top = {name for name in blocks if ".b128." in name or ".torgb." in name}
    assert {name.split(".")[1] for name in top} == {"b8", "b16", "b32", "b64", "b128"}
    parts: dict[Mode, set[str]] = {"all": everything - text, "text-encoder": text, "freeze64": top}
    for mode, expected in parts.items():
        chosen = trained_by(mode, generator)
        assert set(chosen) == expected and expected
        learning = {name for name, p in generator.named_parameters() if p.requires_grad}
        assert learning == expected


def test_the_average_shares_what_is_not_trained() -> None:
    generator = deep_generator()
    trained = trained_by("freeze64", generator)
    average = dict(average_of(generator, trained).named_parameters())
    for name, parameter in generator.named_parameters():
        assert (average[name] is parameter) == (name not in trained)
        assert not average[name].requires_grad
        assert torch.equal(average[name], parameter)
    assert all(p.requires_grad for p in trained.values())


def test_discriminator_and_guidance_go_by_the_tower_of_the_start(tmp_path: Path) -> None:
    sizes = {"channel_base": None, "channel_max": None, "res_blocks": None}
    options = tiny_options(tmp_path, mode="text-encoder", resume_from=saved(tmp_path), **sizes)
    both = assemble(new_generator(options), options, CPU)
    assert both.reader is not both.generator.text
    assert not any(p.requires_grad for p in both.reader.parameters())
    options = tiny_options(tmp_path)
    shared = assemble(new_generator(options), options, CPU)
    assert shared.reader is shared.generator.text


class CountingTower(WordTower):
    """Tells what it was asked to read."""

    def __init__(self) -> None:
        super().__init__(TOWER)
        self.asked: list[list[str]] = []

    def encode(self, prompts: list[str]) -> torch.Tensor:
        self.asked.append(prompts)
        return super().encode(prompts)


def test_captions_are_read_once_and_alone() -> None:
    tower = CountingTower()
    embed = Embedder(tower)
    first = embed(["a", "a red house", "a"])
    assert tower.asked == [["a"], ["a red house"]]
    assert torch.equal(first[0], first[2]) and not first.is_inference()
    assert torch.equal(embed(["a red house"])[0], first[1]) and len(tower.asked) == 2
    torch.testing.assert_close(first[:2], tower.encode(["a", "a red house"]).clone())


def test_the_longest_unused_captions_are_forgotten() -> None:
    tower = CountingTower()
    embed = Embedder(tower, kept=2)
    for caption in ("a", "b", "a", "c", "a", "b"):
        embed([caption])
    assert tower.asked == [["a"], ["b"], ["c"], ["b"]]
