"""Tiny generators with random weights, and loaders that count what is asked of them."""

from __future__ import annotations

import time
import weakref
from collections import Counter
from collections.abc import Callable

import torch
from msgspec.structs import replace

from renderer.recipe.recipe import LatentPart, ModelRef, Prompt, Recipe, TextPart
from stylegan_t.card import ModelCard
from stylegan_t.config import GeneratorConfig
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.generator import Generator
from stylegan_t.progress import Progress

TOWER = WordTowerConfig(c_dim=8, width=8, layers=1, heads=2, buckets=64, window=4)


def tiny_model(
    seed: int = 0, resolution: int = 16, text: bool = True, base: int = 128
) -> Generator:
    """A generator of a few thousand random weights, in which every part has an effect."""
    torch.manual_seed(seed)
    config = GeneratorConfig(resolution, base, 8, 1, TOWER.c_dim * text, z_dim=16, gn_groups=4)
    tower = WordTower(TOWER, "tiny tower") if text else None
    card = ModelCard(name=f"tiny {seed}", example_prompts=("a red house",))
    model = Generator(config, tower, card)
    with torch.no_grad():
        model.mapping.x_avg.normal_()
        for name, value in model.named_parameters():
            if name.endswith("noise_strength"):
                value.fill_(0.5)
            elif name.endswith("input.affine.weight"):
                value.normal_(std=0.3, generator=torch.Generator().manual_seed(seed))
            elif name.endswith(("gamma", "torgb.bias")):
                value.normal_(std=0.5)
            elif name.endswith("torgb.weight"):
                value.mul_(0.2)
    model.sha256 = f"{seed:x}".rjust(64, "0")
    return model.eval().requires_grad_(False)


def tiny_tower(seed: int = 0, c_dim: int = TOWER.c_dim) -> WordTower:
    """A text tower of its own, with random weights."""
    torch.manual_seed(seed)
    return WordTower(replace(TOWER, c_dim=c_dim), "tiny tower")


class FakeTowers:
    """Opens tiny text towers by any name; counts what is asked of it and of them.

    `fail` maps a name to the exception that opening it raises.
    """

    def __init__(self, c_dim: int = TOWER.c_dim) -> None:
        self.c_dim = c_dim
        self.fail: dict[str, Exception] = {}
        self.opened: list[str] = []
        self.encoded: list[str] = []
        self.made: list[weakref.ref[WordTower]] = []
        self.downloaded = False

    def __call__(
        self, spec: str, *, download: bool = False, progress: Progress | None = None
    ) -> WordTower:
        self.opened.append(spec)
        if progress is not None:
            progress(0.5)
        self.downloaded = self.downloaded or download
        if spec in self.fail:
            raise self.fail[spec]
        tower = tiny_tower(len(spec), self.c_dim)
        tower.name = spec
        tower.register_forward_pre_hook(lambda _, inputs: self.encoded.extend(inputs[0]))
        self.made.append(weakref.ref(tower))
        return tower


class CountingLoader:
    """Loads tiny models by name, and counts loads, encoded prompts, mappings and syntheses.

    `block_s` is how long each synthesis block takes in addition, `load_s` each tenth of a load;
    `fail` maps a path's last part to the exception that loading it raises; `before_synthesis` is
    called before each picture.
    """

    def __init__(self, block_s: float = 0.0, load_s: float = 0.0) -> None:
        self.block_s, self.load_s = block_s, load_s
        self.fail: dict[str, Exception] = {}
        self.before_synthesis: Callable[[], None] = nothing
        self.calls: Counter[str] = Counter()
        self.encoded: list[str] = []
        self.paths: list[str] = []
        self.make: Callable[[str], Generator] = lambda name: tiny_model(len(name))

    def __call__(
        self, path: str, /, device: str, *, progress: Callable[[float], None]
    ) -> Generator:
        self.paths.append(path)
        name = path.rsplit("/", 1)[-1]
        for tenth in range(10):
            time.sleep(self.load_s)
            progress(tenth / 10)
        if name in self.fail:
            raise self.fail[name]
        model = self.make(name)
        model.source = path
        self._count(model)
        return model.to(device)

    def _count(self, model: Generator) -> None:
        encode = model.encode_text

        def counting_encode(prompts: list[str]) -> torch.Tensor:
            self.encoded += prompts
            return encode(prompts)

        def count_synthesis(*_: object) -> None:
            self.calls["synthesis"] += 1
            self.before_synthesis()

        model.encode_text = counting_encode
        model.mapping.mlp.register_forward_pre_hook(lambda *_: self.calls.update(["mapping"]))
        model.synthesis.register_forward_pre_hook(count_synthesis)
        for resolution in model.config.block_resolutions:
            block = model.synthesis.block(resolution)
            block.register_forward_pre_hook(lambda *_: self._dawdle())

    def _dawdle(self) -> None:
        self.calls["block"] += 1
        time.sleep(self.block_s)


def plain_loader(path: str, /, device: str, *, progress: Callable[[float], None]) -> Generator:
    """Load a tiny model that nothing watches, so that it is prepared as real ones are."""
    return tiny_model()


def raising(error: Exception) -> Callable[[], None]:
    """A call that raises `error`."""

    def call(*_: object) -> None:
        raise error

    return call


def nothing() -> None:
    """A call that does nothing."""


def recipe(*prompts: str, seed: int = 0, psi: float = 1.0, model: str = "demo") -> Recipe:
    """A recipe from a few words."""
    return Recipe(
        model=ModelRef(model),
        text=TextPart(tuple(Prompt(p) for p in prompts) or (Prompt("a red house"),)),
        latent=LatentPart(seed=seed),
        psi=psi,
    )
