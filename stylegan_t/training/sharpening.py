"""The last stage: StyleGAN-T's discriminator sharpens what paired training has taught.

A paired loss never quite pays for detail whose place it cannot foresee; a discriminator that looks
through a network which knows this world does.  Three errors are made small side by side: the paired
one of pixels, that pictures keep meaning what their captions say; the paired one of what the
network sees, which forgives a detail that stands a little beside its place; and the
discriminator's.  Each has a fixed share in the length of the gradient at the picture, so no weight
has to be found again when a model, a world or a network changes.

Sources: Sauer et al. 2023, "StyleGAN-T"; Zhang et al. 2018, "The Unreasonable Effectiveness of Deep
Features as a Perceptual Metric"; Esser et al. 2021, "Taming Transformers", for a weight that
compares gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.augment import DiffAugment
from stylegan_t.data.sampling import source_of
from stylegan_t.discriminator import ProjectedDiscriminator
from stylegan_t.encoders.features import FeatureNetwork
from stylegan_t.generator import Generator
from stylegan_t.losses import hinge_d, hinge_g
from stylegan_t.training.lessons import Lesson
from stylegan_t.training.loop import Trainer, TrainOptions
from stylegan_t.training.paired import Batch

SEEN_SHARE, ADVERSARIAL_SHARE = 1.5, 2.0
"""Lengths of the gradients of what is seen and of the discriminator, the paired one's being 1."""
CRITIC_RATE = 2e-3
"""Learning rate of the discriminator's heads, as in the paper."""
BETAS = (0.0, 0.99)
WARM_UP = 0.03
"""In the first share of the stage the heads learn alone."""
_EPS = 1e-6


class Sharpener(Trainer):
    """Trains a generator that paired training has taught; see `Trainer`.

    Args:
        features: what the discriminator looks through; it must know this world.
    """

    def __init__(
        self,
        generator: Generator,
        options: TrainOptions,
        report: Callable[[str], None],
        lesson: Lesson,
        features: FeatureNetwork,
    ) -> None:
        super().__init__(generator, options, report, lesson)
        torch.manual_seed(options.seed)
        self.critic = ProjectedDiscriminator(
            features, generator.config.c_dim, augment=DiffAugment()
        )
        self.critic = self.critic.to(self.device).train()
        self.critic_optimizer = torch.optim.Adam(
            self.critic.trainable(), CRITIC_RATE, BETAS, eps=1e-8
        )

    def _loss(self, fake: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """The paired loss beside what the network and the discriminator think."""
        paired, error = super()._loss(fake, batch)
        # Drawn and real pictures are looked at in the same way, so they can be compared.
        source = source_of(self.options.seed, "chances", self.step, self.processes.rank)
        chances = self.critic.draw(len(fake), fake.shape[-1], generator=source, device=self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.bf16):
            drawn = self.critic.look(fake, chances)
            with torch.no_grad():
                real = self.critic.look(batch.image, chances)
            self._teach_critic(real, [x.detach() for x in drawn], batch.c)
            losses = {paired: 1.0, seen_apart(drawn, real): SEEN_SHARE}
            if self.seen >= WARM_UP * self.options.images:
                self.critic.heads.requires_grad_(False)
                losses[hinge_g(self.critic.judged(drawn, batch.c), batch=1)] = ADVERSARIAL_SHARE
        return balanced(fake, list(losses), list(losses.values())), error

    def _teach_critic(self, real: list[Tensor], drawn: list[Tensor], c: Tensor) -> None:
        self.critic.heads.requires_grad_(True)
        loss = hinge_d(self.critic.judged(real, c), self.critic.judged(drawn, c), batch=1)
        self.critic_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._share_gradients(self.critic.trainable())
        self.critic_optimizer.step()

    def state(self) -> dict[str, Any]:
        """See `Trainer.state`."""
        return {
            **super().state(),
            "heads": self.critic.heads.state_dict(),
            "critic_optimizer": self.critic_optimizer.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """See `Trainer.restore`."""
        super().restore(state)
        self.critic.heads.load_state_dict(state["heads"])
        self.critic_optimizer.load_state_dict(state["critic_optimizer"])


def seen_apart(drawn: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Return how far apart a network sees two batches of pictures, from maps [N, width, tokens].

    Every token is compared with the one in its place, and the means of all with one another: rain
    that falls elsewhere is rain.
    """
    total = drawn[0].new_zeros(())
    for ours, theirs in zip(drawn, real, strict=True):
        for a, b in ((ours, theirs), (ours.mean(dim=2), theirs.mean(dim=2))):
            apart = F.normalize(a.float(), dim=1) - F.normalize(b.float(), dim=1)
            total = total + (apart.square().sum(dim=1) + _EPS).sqrt().mean()
    return total


def balanced(fake: Tensor, losses: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    """Return a loss whose gradient at pictures is the sum of the `losses`' gradients, each brought
    to its share of the length of the first one's."""
    gradients = [torch.autograd.grad(loss, fake, retain_graph=True)[0] for loss in losses]
    length = gradients[0].norm()
    total = torch.zeros_like(fake)
    for gradient, share in zip(gradients, shares, strict=True):
        total += gradient * (share * length / gradient.norm().clamp(min=_EPS))
    return (fake * total.detach()).sum()
