"""One step: what it changes, how it is split, what happens to broken gradients."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import stylegan_t
from stylegan_t import Generator, GeneratorConfig
from stylegan_t.data.open_source import open_source
from stylegan_t.data.sampling import split_batch
from stylegan_t.data.sources import Pictures, Wanted
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.generator import X_AVG_DECAY
from stylegan_t.losses import ClipGuidance
from stylegan_t.training import adversarial
from stylegan_t.training.adversarial import Adversarial, ema_beta
from stylegan_t.training.players import assemble, new_generator
from stylegan_t.training.processes import Processes
from tests.stylegan_t.training.tiny_run import tiny_options

TOWER = WordTowerConfig(c_dim=8, width=8, layers=1, heads=2, buckets=64, window=12)


def game_of(guided: bool = False, **changes: Any) -> tuple[Adversarial, Pictures]:
    """A game and a batch of the demo world for it."""
    options = tiny_options("a", **changes)
    processes = Processes("cpu")
    split = split_batch(options.batch, 1, options.batch_per_gpu)
    players = assemble(new_generator(options), options, processes.device)
    if guided:
        players.guidance = ClipGuidance(FlatEncoder(), 0.5, crop_px=8)
    game = Adversarial(players, options, split, processes)
    source = open_source("demo", Wanted(split.groups, options.resolution, options.seed))
    return game, source.take(range(split.groups))


class FlatEncoder(nn.Module):
    """A stand-in for CLIP's image half: linear."""

    size = 8

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(
            torch.randn(192, 128, generator=torch.Generator().manual_seed(0))
        )

    def forward(self, image: Tensor) -> Tensor:
        return image.flatten(1) @ self.weight


def copies(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def changed(before: dict[str, Tensor], module: nn.Module) -> set[str]:
    after = module.state_dict()
    return {name for name, value in before.items() if not torch.equal(after[name], value)}


def model_file(folder: Path, resolution: int) -> str:
    torch.manual_seed(0)
    config = GeneratorConfig(resolution, 1024, 8, 1, c_dim=8, gn_groups=8, layer_scale_init=0.1)
    file = folder / "model.safetensors"
    stylegan_t.save(Generator(config, WordTower(TOWER)), file)
    return str(file)


def mode_options(mode: str, folder: Path) -> dict[str, Any]:
    if mode == "all":
        return {}
    sizes = {"channel_base": None, "channel_max": None, "res_blocks": None, "mode": mode}
    start = 64 if mode == "freeze64" else 16
    resolution = 128 if mode == "freeze64" else 16
    return {**sizes, "resume_from": model_file(folder, start), "resolution": resolution}


@pytest.mark.parametrize("mode", ["all", "text-encoder", "freeze64"])
def test_a_step_changes_only_what_the_mode_trains(mode: str, tmp_path: Path) -> None:
    game, pictures = game_of(**mode_options(mode, tmp_path))
    players = game.players
    networks: dict[str, nn.Module] = {
        "generator": players.generator,
        "average": players.average,
        "reader": players.reader,
        "features": players.discriminator.features,
        "heads": players.discriminator.heads,
    }
    before = {name: copies(network) for name, network in networks.items()}
    game.step(0, 0, pictures)
    moved = {name: changed(before[name], network) for name, network in networks.items()}
    ours = set(players.trained)
    always = {"mapping.x_avg"} if mode == "all" else set()
    if mode == "all":
        assert moved["generator"] == ours | always
    else:
        assert moved["generator"] <= ours and len(moved["generator"]) > 0.8 * len(ours)
    assert moved["average"] <= ours | always and moved["average"]
    assert not moved["reader"] and not moved["features"]
    # At first the last biases get as much from real as from drawn pictures: nothing.
    biases = {name for name in before["heads"] if name.endswith("cls.bias")}
    assert moved["heads"] | biases == set(before["heads"])


def gradients_of(**changes: Any) -> dict[str, Tensor]:
    """The generator's and the heads' gradients of one step."""
    game, pictures = game_of(guided=True, **changes)
    found: dict[str, Tensor] = {}
    for label, optimizer in (("d", game.optimizer_d), ("g", game.optimizer_g)):

        def look(*_: Any, label: str = label, optimizer: Any = optimizer) -> None:
            for k, p in enumerate(optimizer.param_groups[0]["params"]):
                found[f"{label}{k}"] = p.grad.clone()
                p.grad.zero_()  # the step goes nowhere, so both halves meet equal networks

        optimizer.register_step_pre_hook(look)
    stats = game.step(3, 24, pictures)
    assert set(stats) == {"loss_d", "loss_g", "clip", "real", "fake"}
    found["x_avg"] = game.players.generator.mapping.x_avg
    return found | stats


@pytest.mark.slow
def test_rounds_add_up_to_the_whole_batch() -> None:
    whole, rounds = gradients_of(batch=24), gradients_of(batch=24, batch_per_gpu=8)
    assert len(whole) > 50
    for name, value in whole.items():
        scale = float(value.abs().max())
        # What real and drawn pictures add cancels, so the rounding of float32 shows.
        assert float((rounds[name] - value).abs().max()) < 3e-3 * scale + 4e-6, name


@pytest.mark.slow
def test_a_step_is_a_function_of_its_number() -> None:
    results = []
    for number in (5, 5, 6):
        game, pictures = game_of()
        torch.manual_seed(len(results))  # nothing comes from the common stream
        game.step(number, 40, pictures)
        results.append(copies(game.players.generator))
    assert all(torch.equal(results[0][k], v) for k, v in results[1].items())
    assert any(not torch.equal(results[0][k], v) for k, v in results[2].items())


def test_broken_gradients_become_harmless() -> None:
    game, pictures = game_of()
    parameters = list(game.players.trained.values())
    seen: list[Tensor] = []
    parameters[0].register_hook(lambda grad: torch.full_like(grad, float("nan")))
    parameters[1].register_hook(lambda grad: torch.full_like(grad, float("inf")))
    parameters[2].register_hook(lambda grad: torch.full_like(grad, float("-inf")))

    def look(*_: Any) -> None:
        seen.extend(p.grad.clone() for p in parameters[:3] if p.grad is not None)

    game.optimizer_g.register_step_pre_hook(look)
    game.step(0, 0, pictures)
    assert [float(g.unique()) for g in seen] == [0.0, 1e5, -1e5]
    assert all(p.isfinite().all() for p in parameters)


def test_the_mean_latent_follows_the_batch() -> None:
    game, pictures = game_of()
    mapping = game.players.generator.mapping
    before = copies(mapping)
    game.step(0, 0, pictures)
    z = adversarial.GroupDraws(0, "artist z", 0, range(1), torch.device("cpu")).normal(64)
    old = stylegan_t.Generator(game.players.generator.config).mapping
    old.load_state_dict(before)
    expected = old.mlp(z).mean(dim=0) * (1 - X_AVG_DECAY)
    torch.testing.assert_close(mapping.x_avg, expected, atol=1e-6, rtol=1e-4)
    assert torch.equal(game.players.average.mapping.x_avg, mapping.x_avg)


def test_the_average_follows_by_its_half_life() -> None:
    assert ema_beta(32, 10**9) == pytest.approx(0.5 ** (32 / 10_000))
    assert ema_beta(32, 32_000) == pytest.approx(0.5 ** (32 / 1600)), "ramp-up: 5 % of the run"
    game, pictures = game_of()
    name = "synthesis.b8.input.weight"
    before = copies(game.players.average)[name]
    game.step(9, 9 * 8, pictures)
    after, ours = copies(game.players.average)[name], copies(game.players.generator)[name]
    beta = ema_beta(8, 80)
    torch.testing.assert_close(after, before * beta + ours * (1 - beta))


def test_the_blur_fades_out(monkeypatch: pytest.MonkeyPatch) -> None:
    sigmas = []
    monkeypatch.setattr(adversarial, "blur", lambda image, sigma: sigmas.append(sigma) or image)
    game, pictures = game_of()
    for seen in (0, 25, 50, 90):
        game.step(0, seen, pictures)
    assert sigmas[::3] == [32.0, 16.0, 0.0, 0.0]


@pytest.mark.slow
def test_guidance_pulls_pictures_to_their_captions() -> None:
    game, pictures = game_of(guided=True, lr_d=1e-9, lr_g=0.01)
    pictures = Pictures(pictures.images, ["a red house"] * 8)
    pulls = [float(game.step(k, 10_000, pictures)["clip"]) for k in range(20)]
    assert pulls[-1] < 0.92 * pulls[0]


def test_guidance_weighs_against_the_hinge_as_in_the_reference() -> None:
    """The reference divides the hinge by the 8 pictures of a micro-batch, whatever the batch."""
    for batch in (8, 24):
        game, pictures = game_of(batch=batch)
        seen: list[Tensor] = []
        judge = game._judge

        def judged(image: Tensor, *rest: Any, judge: Any = judge, seen: Any = seen) -> Tensor:
            logits = judge(image, *rest)
            logits.register_hook(seen.append) if rest[1] == "artist" else None
            return logits

        game._judge = judged  # type: ignore[method-assign]
        game.step(0, 0, pictures)
        (gradient,) = seen
        torch.testing.assert_close(gradient.sum(), torch.tensor(-1 / 8))


@pytest.mark.slow
def test_bfloat16_is_close_to_float32() -> None:
    losses = []
    for precision in ("fp32", "bf16"):
        game, pictures = game_of(precision=precision)
        assert game.half == (precision == "bf16")
        losses.append(float(game.step(0, 0, pictures)["loss_d"]))
    assert losses[0] != losses[1] and losses[0] == pytest.approx(losses[1], abs=0.05)


@pytest.mark.slow
def test_the_discriminator_learns_to_tell_pictures_apart() -> None:
    game, pictures = game_of(lr_g=1e-9, lr_d=0.02, blur_start_px=0.0)
    stats = [game.step(k, 10**6, pictures) for k in range(20)]
    assert float(stats[-1]["loss_d"]) < 0.92 * float(stats[0]["loss_d"])
    apart = [float(stat["real"] - stat["fake"]) for stat in stats]
    assert sum(apart[-5:]) / 5 > 0.1 > abs(apart[0])
