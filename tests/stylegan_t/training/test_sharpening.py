"""The adversarial stage: both sides learn, and it resumes exactly."""

from pathlib import Path

import pytest
import torch

from stylegan_t import Generator, GeneratorConfig
from stylegan_t.demo.things.attributes import default_count
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.encoders.features import random_features
from stylegan_t.training import processes
from stylegan_t.training.lessons import ThingLesson
from stylegan_t.training.loop import TrainOptions
from stylegan_t.training.paired import prepare
from stylegan_t.training.sharpening import Sharpener, balanced, seen_apart
from tests.stylegan_t.pretended_card import CARD, PretendedCard

BOOK = CodeBook(default_count())


def sharpener(out: Path, images: int = 64, device: str = "cpu") -> Sharpener:
    torch.manual_seed(1)
    config = GeneratorConfig(16, 256, 16, 1, BOOK.c_dim, gn_groups=4, layer_scale_init=0.1)
    generator = Generator(config)
    prepare(generator)
    options = TrainOptions(
        str(out), images, batch=8, bf16=False, compile=False, log_every=1000, device=device
    )
    eyes = random_features(16, 4, 2, size=16, patch=8)
    lesson = ThingLesson(BOOK, 3, device=device)
    return Sharpener(generator, options, lambda line: None, lesson, eyes)


def test_heads_and_generator_move_and_the_eyes_do_not(tmp_path: Path) -> None:
    run = sharpener(tmp_path)
    before = {name: value.clone() for name, value in run.critic.state_dict().items()}
    weight = run.generator.synthesis.block(16).torgb.weight.detach().clone()
    run.train_step()
    run.train_step()
    assert not torch.equal(run.generator.synthesis.block(16).torgb.weight, weight)
    for name, value in run.critic.state_dict().items():
        if name.startswith("features."):
            assert torch.equal(value, before[name])
        elif name.endswith(("weight_orig", "cmapper.weight")):
            assert not torch.equal(value, before[name]), name


def test_a_run_on_a_card_is_there_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = [sharpener(tmp_path / "a").train_step()]
    monkeypatch.setattr(processes, "_device", lambda *_: CARD)
    with PretendedCard():
        run = sharpener(tmp_path / "b", device=str(CARD))
        run.ema.to(CARD)  # a copy of a parameter does not know that the first one is pretended
        assert {p.device for p in (*run.trained, *run.critic.parameters())} == {CARD}
        assert run.lesson.draw(0, 0, 16, 8).image.device == CARD
        errors.append(run.train_step())
        run.train_step()
        run.snapshot()
    assert errors[0] == errors[1]
    assert (tmp_path / "b" / "model.safetensors").exists()


def test_every_loss_has_its_share_in_the_gradient_however_large_it_is() -> None:
    image = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(1)).requires_grad_()
    losses = [image.square().sum(), 1e5 * image.sum(), 1e-5 * image[0].sum()]
    lengths = [torch.autograd.grad(loss, image, retain_graph=True)[0] for loss in losses]
    balanced(image, losses, [1.0, 0.5, 2.0]).backward()
    first = lengths[0].norm()
    wanted = lengths[0] + sum(
        share * first * g / g.norm() for share, g in zip((0.5, 2.0), lengths[1:], strict=True)
    )
    torch.testing.assert_close(image.grad, wanted)


def test_what_is_seen_in_another_place_is_nearer_than_what_is_not_seen() -> None:
    source = torch.Generator().manual_seed(2)
    real, other = ([torch.randn(2, 8, 5, generator=source)] for _ in range(2))
    moved = [x.roll(1, dims=2) for x in real]
    itself, beside, apart = (seen_apart(drawn, real).item() for drawn in (real, moved, other))
    assert itself < 0.01 < beside < apart


@pytest.mark.slow
def test_it_resumes_exactly(tmp_path: Path) -> None:
    straight = sharpener(tmp_path / "a")
    straight.run()
    broken = sharpener(tmp_path / "b")
    for _ in range(3):
        broken.train_step()
    broken.snapshot()
    broken.train_step()  # lost with the process
    again = sharpener(tmp_path / "b")
    assert again.resume()
    again.run()
    for name, value in straight.ema.state_dict().items():
        assert torch.equal(again.ema.state_dict()[name], value), name
    for name, value in straight.critic.heads.state_dict().items():
        assert torch.equal(again.critic.heads.state_dict()[name], value), name
