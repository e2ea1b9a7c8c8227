"""The training loop: it learns, resumes exactly, and never leaves half a file."""

from pathlib import Path

import pytest
import torch

import stylegan_t
from stylegan_t import Generator, GeneratorConfig
from stylegan_t.demo.things.codes import rotation
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.training.loop import Trainer, TrainOptions, grow
from stylegan_t.training.paired import (
    draw_batch,
    learning_rate,
    paired_loss,
    prepare,
    rows_of,
)

TOWER = WordTowerConfig(c_dim=8, width=8, layers=1, heads=2, buckets=64, window=12)


def tiny(resolution: int = 16) -> Generator:
    torch.manual_seed(1)
    config = GeneratorConfig(resolution, 256, 16, 1, c_dim=8, gn_groups=4, layer_scale_init=0.1)
    generator = Generator(config, WordTower(TOWER, "tiny").eval())
    prepare(generator)
    return generator


def trainer(out: Path, images: int = 64) -> Trainer:
    options = TrainOptions(
        out=str(out), images=images, batch=4, bf16=False, compile=False, log_every=4
    )
    return Trainer(tiny(), options, report=lambda text: None)


def test_prepared_mapping_is_the_identity_and_truncates_exactly() -> None:
    generator = tiny().eval()
    z = torch.randn(5, 64)
    unit = z * torch.rsqrt(z.square().mean(dim=1, keepdim=True))
    c = torch.nn.functional.normalize(torch.randn(5, 8), dim=1)
    for psi in (1.0, 0.5, 0.0):
        w = generator.mapping(z, c, psi)[:, 0, :64]
        torch.testing.assert_close(w, unit * psi, atol=1e-4, rtol=1e-4)


def test_a_turned_mapping_truncates_as_exactly() -> None:
    generator, turn = tiny().eval(), rotation(64, "test")
    prepare(generator, turn)
    torch.testing.assert_close(turn @ turn.T, torch.eye(64), atol=1e-5, rtol=0)
    z = torch.randn(5, 64)
    unit = z * torch.rsqrt(z.square().mean(dim=1, keepdim=True))
    c = torch.nn.functional.normalize(torch.randn(5, 8), dim=1)
    for psi in (1.0, 0.5):
        w = generator.mapping(z, c, psi)[:, 0, :64]
        torch.testing.assert_close(w, unit @ turn.T * psi, atol=1e-4, rtol=1e-4)


def test_a_batch_is_a_function_of_seed_step_and_rank() -> None:
    text = tiny().text
    assert text is not None
    a, b = (draw_batch(3, 0, 7, 16, 4, text) for _ in range(2))
    assert torch.equal(a.image, b.image) and torch.equal(a.z, b.z) and torch.equal(a.c, b.c)
    for other in (draw_batch(4, 0, 7, 16, 4, text), draw_batch(3, 1, 7, 16, 4, text)):
        assert not torch.equal(a.image, other.image)


@pytest.mark.slow
def test_training_lowers_the_loss(tmp_path: Path) -> None:
    run = trainer(tmp_path, images=400)
    text = run.generator.text
    assert text is not None
    probe = draw_batch(10_000, 0, 0, 16, 32, text)

    def loss() -> float:
        with torch.no_grad():
            fake = run.generator.synthesis(rows_of(run.generator, probe), "const")
        return paired_loss(fake, probe)[0].item()

    before = loss()
    run.run()
    assert loss() < 0.8 * before
    assert (tmp_path / "log.jsonl").read_text().count("\n") == 25


@pytest.mark.slow
def test_the_network_compiles_as_one_piece() -> None:
    generator = tiny(8)
    ws = torch.randn(2, generator.mapping.num_ws, generator.config.w_dim)
    with torch.autocast("cpu", torch.bfloat16):
        found = torch._dynamo.explain(generator.synthesis.forward)(ws, "const")
    assert found.graph_count == 1 and not found.break_reasons


@pytest.mark.slow
def test_resuming_gives_the_same_weights(tmp_path: Path) -> None:
    whole = trainer(tmp_path / "whole")
    whole.run()
    first = trainer(tmp_path / "parts")
    for _ in range(7):
        first.train_step()
    first.snapshot()
    second = trainer(tmp_path / "parts")
    assert second.resume() and second.step == 7
    second.run()
    ours, theirs = second.generator.state_dict(), whole.generator.state_dict()
    for name, value in theirs.items():
        torch.testing.assert_close(ours[name], value, atol=1e-6, rtol=1e-5, msg=name)


def test_a_snapshot_is_a_model_that_loads(tmp_path: Path) -> None:
    run = trainer(tmp_path)
    run.train_step()
    run.snapshot()
    model = stylegan_t.load(tmp_path / "model.safetensors")
    image = model(torch.randn(1, 64), model.encode_text(["a red house"]))
    assert image.shape == (1, 3, 16, 16) and image.isfinite().all()


def test_a_kill_while_saving_keeps_the_last_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trainer(tmp_path)
    run.train_step()
    run.snapshot()

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stylegan_t.training.loop.torch.save", killed)
    run.train_step()
    with pytest.raises(KeyboardInterrupt):
        run.snapshot()
    again = trainer(tmp_path)
    assert again.resume() and again.step == 1


def test_growing_keeps_what_was_learned() -> None:
    small, large = tiny(16), tiny(32)
    with torch.no_grad():
        small.synthesis.block(8).torgb.bias.fill_(0.25)
    grow(small, large)
    for name, value in small.state_dict().items():
        assert torch.equal(value, large.state_dict()[name]), name


def test_learning_rate_warms_up_and_anneals() -> None:
    rates = [learning_rate(p / 1000, 1.0) for p in range(1001)]
    assert rates[0] < 0.05 and max(rates) == pytest.approx(1, abs=0.01)
    assert rates.index(max(rates)) < 30 and rates[-1] == pytest.approx(0.05)
