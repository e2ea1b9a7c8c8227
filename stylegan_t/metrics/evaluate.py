"""Measuring a model: which figures, of how many pictures, at which truncations."""

from __future__ import annotations

from pathlib import Path

import msgspec
import torch
from torch import Tensor

from stylegan_t.metrics import real_cache
from stylegan_t.metrics.clip_images import ClipScore
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import Features
from stylegan_t.metrics.frechet import frechet_distance
from stylegan_t.metrics.neighbours import mean_distance, precision_recall
from stylegan_t.metrics.pictures import DrawnWorld, RealPictures, latents
from stylegan_t.metrics.report import Measured, Row
from stylegan_t.metrics.shards import Shards
from stylegan_t.metrics.speed import render_speed
from stylegan_t.metrics.survey import (
    Draw,
    Fakes,
    Noise,
    Score,
    Survey,
    heard,
    picture,
    survey,
)
from stylegan_t.metrics.worlds import WorldJudge
from stylegan_t.network import AnyNetwork
from stylegan_t.progress import Steps

SWEEP = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Truncations of the trade-off curve."""
DIVERSITY_PROMPTS, DIVERSITY_SEEDS = 16, 16


class Plan(msgspec.Struct, frozen=True):
    """Everything that is to be measured.

    `pictures` are looked at for FID, precision, recall and alignment, at each of `psis`.  `size` is
    the side in pixels at which real and generated ones meet; 0 is the model's own.  `noise` is what
    generated ones are drawn with, see `survey.Fakes`.
    """

    pictures: int = 1000
    psis: tuple[float, ...] = (1.0,)
    seed: int = 0
    batch: int = 32
    size: int = 0
    noise: Noise = "const"
    fid: bool = True
    neighbours: bool = False
    diversity: bool = False
    speed: bool = False


class Evaluation:
    """A model, what it is compared with, and who compares.

    Args:
        generator: the model, on the device of `shards`.
        real: real pictures and their prompts; generated pictures get the same prompts.
        features: whose statistics are compared, on the device of `shards`.
        scorer: how alignment is measured: CLIP's score, the judge of the demo world that
            `real` shows, or not at all.
        shards: this process among all.
        cache: folder for statistics of real pictures.
        tell: told what is being done, and the share that is done.
        device: the device's name for people.
    """

    def __init__(
        self,
        generator: AnyNetwork,
        real: RealPictures,
        features: Features,
        scorer: ClipScore | WorldJudge | None,
        shards: Shards,
        cache: Path,
        tell: Steps = lambda label, share: None,
        device: str = "CPU",
    ) -> None:
        self.generator, self.real, self.features = generator, real, features
        self.scorer, self.shards, self.cache = scorer, shards, cache
        self.tell, self.device = tell, device
        self._trouble = ""

    def run(self, plan: Plan) -> Measured:
        """Measure; every process gets the figures, and the first one the speed too.

        Raises:
            MetricError: something cannot be measured; one sentence.
        """
        if plan.pictures > len(self.real):
            raise MetricError(
                f"{self.real.name}: {len(self.real)} pictures, fewer than {plan.pictures}; ask "
                "for fewer with --fid N."
            )
        compared = plan.fid or plan.neighbours
        real = self._real(plan) if compared else None
        rows = [self._row(plan, psi, real) for psi in plan.psis] if self._any(plan) else []
        if rows and (yardstick := self._yardstick(plan, real)) is not None:
            rows.append(yardstick)
        speed = None
        if plan.speed and self.shards.first:
            self.tell("Timing single pictures", 0)
            prompt = self.real.prompts(range(1))[0]
            speed = render_speed(self.generator, prompt, self.device)
        return Measured(
            model=self.generator.source,
            sha256=self.generator.sha256,
            resolution=self.generator.anatomy.img_resolution,
            size=self._size(plan),
            real=self.real.name,
            seed=plan.seed,
            features=self.features.name if self._compares(plan) else "",
            features_key=self.features.key if self._compares(plan) else "",
            alignment=self._alignment(),
            rows=tuple(rows),
            noise=plan.noise,
            speed=speed,
            notes=self._notes(plan, real),
        )

    def _compares(self, plan: Plan) -> bool:
        return plan.fid or plan.neighbours or plan.diversity

    def _any(self, plan: Plan) -> bool:
        return self._compares(plan) or self.scorer is not None

    def _size(self, plan: Plan) -> int:
        return plan.size or self.generator.anatomy.img_resolution

    # -- real pictures -----------------------------------------------------------------------------

    def _real(self, plan: Plan) -> Survey:
        """Statistics of the real pictures, from the cache where they are."""
        size, features, count = self._size(plan), self.features, self.real.against(plan.pictures)
        file = real_cache.statistics_file(self.cache, self.real.key, features.key, count, size)
        # One process looks for all, so that none goes another way than the rest.
        found = real_cache.stored(file, features.dim, count, plan.neighbours)
        if self.shards.agree(found is not None) and found is not None:
            return found
        seen = survey(
            lambda block: self.real.pixels(block, size),
            count,
            features,
            self.shards,
            batch=plan.batch,
            keep=plan.neighbours,
            tell=lambda share: self.tell("Real pictures", share),
        )
        if seen.moments.count < 2:
            raise MetricError(
                f"The pictures of {self.real.name} cannot be used. {self.real.skipped.example()}"
            )
        # What could not be read this time may be there the next time.
        if self.shards.first and seen.moments.count == count:
            self._trouble = real_cache.store(file, seen)
        return seen

    def _yardstick(self, plan: Plan, real: Survey | None) -> Row | None:
        """The figures of other real pictures of the same prompts, where there are such."""
        size = self._size(plan)
        if self.real.same_prompts(range(1), 1, size) is None:
            return None

        def draw(block: range, variant: int = 1) -> Tensor:
            pixels = self.real.same_prompts(block, variant, size)
            assert pixels is not None
            return pixels

        def variants(block: range) -> Tensor:
            pairs = [divmod(index, DIVERSITY_SEEDS) for index in block]
            return torch.cat([draw(range(p, p + 1), 1 + seed) for p, seed in pairs])

        return self._figures(plan, None, draw, variants, real, "Other real pictures")

    # -- generated pictures ------------------------------------------------------------------------

    def _row(self, plan: Plan, psi: float, real: Survey | None) -> Row:
        size = self._size(plan)
        fakes = Fakes(self.generator, self.real, plan.seed, psi, size, plan.noise)

        def variants(block: range) -> Tensor:
            """Sample i has prompt i // seeds: its seeds stand in a row."""
            texts = self.real.prompts(range(_prompts(plan)))
            asked = [index // DIVERSITY_SEEDS for index in block]
            z = latents(plan.seed + 1, block, self.generator.anatomy.z_dim)
            c = heard(self.generator, [texts[index] for index in asked], plan.seed, asked)
            return picture(self.generator, z, c, psi, size)

        return self._figures(plan, psi, fakes, variants, real, f"psi {psi:g}")

    def _figures(
        self,
        plan: Plan,
        psi: float | None,
        draw: Draw,
        variants: Draw,
        real: Survey | None,
        label: str,
    ) -> Row:
        fid = precision = recall = seen = None
        if real is not None or self.scorer is not None:
            seen = survey(
                draw,
                plan.pictures,
                self.features,
                self.shards,
                batch=plan.batch,
                keep=plan.neighbours,
                score=self._score(),
                tell=lambda share: self.tell(label, share),
            )
        if real is not None and seen is not None:
            fid = frechet_distance(real.moments, seen.moments) if plan.fid else None
            if real.features is not None and seen.features is not None:
                self.tell(f"{label}, precision and recall", 0)
                precision, recall = precision_recall(real.features, seen.features)
        return Row(
            psi,
            plan.pictures,
            fid,
            precision,
            recall,
            seen.score if seen is not None else None,
            self._diversity(plan, variants, label) if plan.diversity else None,
        )

    def _diversity(self, plan: Plan, variants: Draw, label: str) -> float:
        """Mean distance in feature space between seeds of one prompt, averaged over prompts."""
        seen = survey(
            variants,
            _prompts(plan) * DIVERSITY_SEEDS,
            self.features,
            self.shards,
            batch=plan.batch,
            keep=True,
            tell=lambda share: self.tell(f"{label}, diversity", share),
        )
        assert seen.features is not None
        parts = seen.features.split(DIVERSITY_SEEDS)
        return sum(mean_distance(part) for part in parts) / len(parts)

    # -- prompts -----------------------------------------------------------------------------------

    def _score(self) -> Score | None:
        scorer, real = self.scorer, self.real
        if scorer is None:
            return None
        if isinstance(scorer, ClipScore):
            return lambda block, pixels: scorer(pixels, real.prompts(block))
        assert isinstance(real, DrawnWorld), "a judge knows its own world only"
        named = real.named
        return lambda block, pixels: scorer.agreement(pixels, named[block.start : block.stop])

    def _alignment(self) -> str:
        if self.scorer is None:
            return ""
        if isinstance(self.scorer, ClipScore):
            return f"cosine of picture and prompt in {self.scorer.images.name}"
        return f"share of what the prompts name that {self.scorer.name} sees (not CLIP's score)"

    def _notes(self, plan: Plan, real: Survey | None) -> tuple[str, ...]:
        notes = [self.features.note] if self.features.note and self._compares(plan) else []
        if real is None:
            return tuple(notes)
        notes += self.real.protocol
        notes += [self._trouble] if self._trouble else []
        wanted, used = self.real.against(plan.pictures), real.moments.count
        if used < wanted:
            notes.append(f"Of the real pictures, {self.real.skipped.sentence(wanted - used)}")
        if enlarged := len(self.real.enlarged.hashes()):
            notes.append(f"Of the real pictures, {self.real.enlarged.sentence(enlarged)}")
        if plan.fid and (fewest := min(plan.pictures, used)) <= self.features.dim:
            notes.append(
                f"{fewest} pictures are few for {self.features.dim} features: FID comes out "
                "too high, and compares only with figures of as many pictures."
            )
        return tuple(notes)


def _prompts(plan: Plan) -> int:
    """Return how many prompts diversity is averaged over."""
    return min(DIVERSITY_PROMPTS, plan.pictures)
