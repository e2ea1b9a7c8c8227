"""One step of adversarial training: the discriminator learns, then the generator.

Both see the same captions.  A step is done in rounds on every process; gradients add up over the
rounds and are averaged over the processes, so the numbers do not depend on how a batch is split,
but for the rounding of sums.

Source: Sauer et al. 2023, "StyleGAN-T", section 3; Karras et al. 2018, "Progressive Growing of
GANs", for the average of the generator's weights.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn

from stylegan_t.augment import blur, blur_sigma
from stylegan_t.data.images import to_floats
from stylegan_t.data.sampling import GROUP, GroupDraws, Split, source_of
from stylegan_t.data.sources import Pictures
from stylegan_t.generator import X_AVG_DECAY
from stylegan_t.layers import cpu_convolves
from stylegan_t.losses import hinge_d, hinge_g
from stylegan_t.training.options import RunOptions
from stylegan_t.training.players import Embedder, Players
from stylegan_t.training.processes import Processes

BETAS = (0.0, 0.99)
LOSS_BATCH = GROUP
"""The hinge is divided by the pictures of one micro-batch of the reference, 8 by default.

Under Adam that matters only beside CLIP's guidance: a weight means here what it means there, and a
constant keeps its meaning however a batch is split.
"""
EMA_KIMG = 10 / 32
"""Half-life of the generator's average, in thousand pictures for each picture of a batch."""
EMA_RAMP_UP = 0.05
"""The half-life is never longer than this share of the run so far."""
GRADIENT_LIMIT = 1e5


class Adversarial:
    """Generator against discriminator, with their optimizers.

    Args:
        players: the networks, where they train.
        options: of the run.
        split: how a batch is shared out.
        processes: who trains.
    """

    def __init__(
        self, players: Players, options: RunOptions, split: Split, processes: Processes
    ) -> None:
        self.players, self.options = players, options
        self._split, self._processes = split, processes
        self._device = processes.device
        self._embed = Embedder(players.reader)
        self.half = _half(options.precision, self._device)
        self.optimizer_g = _adam(players.trained.values(), options.lr_g)
        self.optimizer_d = _adam(players.discriminator.trainable(), options.lr_d)
        self._mean_x = torch.zeros_like(players.generator.mapping.x_avg)

    def step(self, number: int, seen: int, pictures: Pictures) -> dict[str, Tensor]:
        """Train both on one batch.

        Args:
            number: of the step; it decides all random draws.
            seen: pictures that the run has seen before; they decide the blur and the average.
            pictures: this process's share of the batch.

        Returns:
            Scalars of this process's share: the hinge losses `loss_d` and `loss_g` as means over
            all logits, `clip` with its weight, and the mean signs of the logits of `real` and
            `fake` pictures, from -1 to 1.
        """
        options = self.options
        sigma_px = blur_sigma(seen, options.blur_start_px, options.blur_fade_kimg)
        sums: dict[str, Tensor] = {}
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self.half):
            self._teach_discriminator(number, sigma_px, pictures, sums)
            self._teach_generator(number, sigma_px, pictures, sums)
        self._follow(seen)
        return {name: value / self._split.rounds for name, value in sums.items()}

    # -- the discriminator ----------------------------------------------------------------------

    def _teach_discriminator(
        self, number: int, sigma_px: float, pictures: Pictures, sums: dict[str, Tensor]
    ) -> None:
        """One step of the heads: real pictures up, drawn ones down."""
        heads = self.players.discriminator.heads.requires_grad_(True)
        for index in range(self._split.rounds):
            heads.train(index == 0)  # one power iteration a look, however many rounds
            groups, share = self._round(index, pictures)
            c = self._embed(share.captions)
            with torch.no_grad():
                fake = self._draw("critic", number, groups, share.captions, c)
            real = to_floats(share.images.to(self._device, non_blocking=True))
            fake_logits = self._judge(fake, c, "fake", number, groups, sigma_px)
            real_logits = self._judge(real, c, "real", number, groups, sigma_px)
            loss = hinge_d(real_logits, fake_logits, batch=LOSS_BATCH)
            (loss / self._split.rounds).backward()
            signs = {"real": real_logits.sign().mean(), "fake": fake_logits.sign().mean()}
            _add(sums, loss_d=loss * LOSS_BATCH, **signs)
        self._move(self.optimizer_d)

    # -- the generator --------------------------------------------------------------------------

    def _teach_generator(
        self, number: int, sigma_px: float, pictures: Pictures, sums: dict[str, Tensor]
    ) -> None:
        """One step of what the mode trains: to look real, and like the caption."""
        guidance = self.players.guidance
        heads = self.players.discriminator.heads.requires_grad_(False)
        self._mean_x.zero_()
        for index in range(self._split.rounds):
            heads.train(index == 0)
            groups, share = self._round(index, pictures)
            c = self._embed(share.captions)
            fake = self._draw("artist", number, groups, share.captions, c)
            logits = self._judge(fake, c, "artist", number, groups, sigma_px)
            loss = hinge_g(logits, batch=LOSS_BATCH)
            _add(sums, loss_g=loss * LOSS_BATCH)
            if guidance is not None:
                generator = source_of(self.options.seed, "guidance", number)
                corners = guidance.draw(
                    self._split.batch, fake.shape[-1], generator=generator, device=self._device
                )
                pull = guidance(fake, c, corners=corners[_rows(groups)])
                _add(sums, clip=pull)
                loss = loss + pull
            (loss / self._split.rounds).backward()
        self._move(self.optimizer_g, [self._mean_x])

    def _round(self, index: int, pictures: Pictures) -> tuple[range, Pictures]:
        """The groups of a round, and their pictures."""
        per_round = self._split.per_round
        groups = self._split.of_round(self._processes.rank, index)
        return groups, pictures.part(index * per_round, (index + 1) * per_round)

    def _draw(
        self, purpose: str, number: int, groups: range, captions: list[str], c: Tensor
    ) -> Tensor:
        """Pictures of the generator for captions, from fresh latents and noise."""
        generator, seed = self.players.generator, self.options.seed
        z = GroupDraws(seed, f"{purpose} z", number, groups, torch.device("cpu"))
        latents = z.normal(generator.config.z_dim).to(self._device)
        with torch.autocast(self._device.type, enabled=False):
            if self.options.mode == "text-encoder":
                # `encode` gives no gradients, calling a tower does.
                c = cast(nn.Module, generator.text)(captions)
            ws = generator.mapping(latents, c)
        if purpose == "artist":
            x = ws[:, 0, : generator.config.z_dim].detach().float()
            self._mean_x += x.mean(dim=0) / self._split.rounds
        noise = GroupDraws(seed, f"{purpose} noise", number, groups, self._device).noise
        synthesis, row = generator.synthesis, generator.config.convs_per_block
        x = image = None
        for index, resolution in enumerate(generator.config.block_resolutions):
            rows = ws[:, index * row : (index + 1) * row + 1]
            x, image = synthesis.block(resolution)(x, image, rows, noise)
        assert image is not None
        return image

    def _judge(
        self, image: Tensor, c: Tensor, purpose: str, number: int, groups: range, sigma_px: float
    ) -> Tensor:
        """The discriminator's logits, by chances that are drawn for the whole batch."""
        discriminator = self.players.discriminator
        generator = source_of(self.options.seed, f"{purpose} chances", number)
        chances = discriminator.draw(
            self._split.batch, image.shape[-1], generator=generator, device=self._device
        ).part(groups.start * GROUP, groups.stop * GROUP)
        return discriminator(blur(image, sigma_px), c, draws=chances)

    # -- both -----------------------------------------------------------------------------------

    def _move(self, optimizer: torch.optim.Optimizer, more: list[Tensor] | None = None) -> None:
        """Average gradients (and `more`) over the processes, and take the optimizer's step."""
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        gradients = [p.grad for p in parameters if p.grad is not None]
        self._processes.average([*gradients, *(more or [])])
        for gradient in gradients:
            torch.nan_to_num_(gradient, nan=0.0, posinf=GRADIENT_LIMIT, neginf=-GRADIENT_LIMIT)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    @torch.no_grad()
    def _follow(self, seen: int) -> None:
        """Let the mean latent and the average of the weights follow."""
        ours, average = self.players.generator, self.players.average
        if self.options.mode == "all":
            ours.mapping.x_avg.copy_(self._mean_x.lerp(ours.mapping.x_avg, X_AVG_DECAY))
            average.mapping.x_avg.copy_(ours.mapping.x_avg)
        beta = ema_beta(self._split.batch, seen + self._split.batch)
        theirs = dict(average.named_parameters())
        for name, parameter in self.players.trained.items():
            theirs[name].lerp_(parameter, 1 - beta)


def ema_beta(batch: int, seen: int) -> float:
    """Return how much of the average stays at a step of `batch` pictures, after `seen` in all."""
    half_life = min(batch * EMA_KIMG * 1000, seen * EMA_RAMP_UP)
    return 0.5 ** (batch / half_life)


def _adam(parameters: Iterable[nn.Parameter], learning_rate: float) -> torch.optim.Adam:
    return torch.optim.Adam(list(parameters), learning_rate, BETAS, eps=1e-8)


def _rows(groups: range) -> slice:
    return slice(groups.start * GROUP, groups.stop * GROUP)


def _add(sums: dict[str, Tensor], **values: Tensor) -> None:
    for name, value in values.items():
        sums[name] = sums.get(name, torch.zeros((), device=value.device)) + value.detach().float()


def _half(precision: str, device: torch.device) -> bool:
    """Return whether convolutions are computed in bfloat16."""
    if precision == "auto":
        return device.type == "cuda" or cpu_convolves(torch.bfloat16)
    return precision == "bf16"
