"""The last stage: StyleGAN-T's discriminator sharpens what paired training has taught.

A paired loss never quite pays for detail whose place it cannot foresee; a discriminator that looks
through a network which knows this world does.  Both losses go on side by side, the paired one
fading, so that pictures keep meaning what their captions say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
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

PAIRED_WEIGHTS = (1.0, 0.2)
"""Of the paired loss at the beginning and at the end."""
ADVERSARIAL_WEIGHT = 0.1
"""Of the generator's hinge loss, as a mean over all logits."""
CRITIC_RATE = 2e-3
"""Learning rate of the discriminator's heads, as in the paper."""
BETAS = (0.0, 0.99)
WARM_UP = 0.03
"""In the first share of the stage the heads learn alone."""


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
        ).train()
        self.critic_optimizer = torch.optim.Adam(
            self.critic.trainable(), CRITIC_RATE, BETAS, eps=1e-8
        )

    def _loss(self, fake: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """The paired loss beside the discriminator's, which learns first."""
        progress = self.seen / self.options.images
        self._teach_critic(fake.detach(), batch)
        loss, error = super()._loss(fake, batch)
        begin, end = PAIRED_WEIGHTS
        loss = loss * (begin + (end - begin) * progress)
        if progress >= WARM_UP:
            self.critic.heads.requires_grad_(False)
            loss = loss + ADVERSARIAL_WEIGHT * hinge_g(self._judge("artist", fake, batch), batch=1)
        return loss, error

    def _teach_critic(self, fake: Tensor, batch: Batch) -> None:
        self.critic.heads.requires_grad_(True)
        drawn = self._judge("drawn", fake, batch)
        real = self._judge("real", batch.image, batch)
        self.critic_optimizer.zero_grad(set_to_none=True)
        hinge_d(real, drawn, batch=1).backward()
        self._share_gradients(self.critic.trainable())
        self.critic_optimizer.step()

    def _judge(self, purpose: str, image: Tensor, batch: Batch) -> Tensor:
        """The discriminator's logits, by chances that the step decides."""
        source = source_of(self.options.seed, purpose, self.step, self.processes.rank)
        chances = self.critic.draw(len(image), image.shape[-1], generator=source)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.options.bf16):
            return self.critic(image, batch.c, draws=chances)

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
