"""The blocks of any synthesis for a graphics card: each draws by a recording of its kernels.

What a block draws from (features, styles, placement, noise) is copied into memory that stays in
place first, unless it lies there already, as the features of the block before do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from stylegan_t.extent import Extent
from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.inference.bending import Effect
from stylegan_t.inference.fast_blocks import BlockEffects, FastBlock
from stylegan_t.inference.recorders import Recording
from stylegan_t.network import BlockParts


class _Recorded:
    """Some work on tensors, with the places where they lie and where its result does."""

    def __init__(
        self,
        work: Callable[[Sequence[Tensor]], Tensor],
        given: Sequence[Tensor],
        recording: Recording,
    ) -> None:
        self._given = list(given)
        self._again, self.result = recording.record(lambda: work(self._given))

    def __call__(self, given: Sequence[Tensor]) -> Tensor:
        """Do it with other tensors of the same shapes; the result lies where it did."""
        for place, value in zip(self._given, given, strict=True):
            if place.data_ptr() != value.data_ptr():
                place.copy_(value)
        self._again()
        return self.result


class RecordedBlock(FastBlock):
    """A block that repeats its kernels; see `FastBlock` for what it draws.

    What is bent, or of another size, is drawn without a recording: it comes and goes with the
    recipe.
    """

    def __init__(
        self,
        parts: BlockParts,
        latent_dim: int,
        num_ws: int,
        names: Mapping[nn.Module, str],
        grid: int,
        recording: Recording,
    ) -> None:
        super().__init__(parts, latent_dim, num_ws, names, grid)
        self._recording = recording
        self._features: _Recorded | None = None
        self._picture: _Recorded | None = None

    def forget(self) -> None:
        """Drop the recordings."""
        self._features = self._picture = None

    def features(
        self,
        x: Tensor | None,
        styles: tuple[Tensor | None, ...],
        grains: Sequence[Tensor | None],
        done: Callable[[float], None],
        effects: BlockEffects = (),
        extent: Extent | None = None,
    ) -> Tensor:
        """See `FastBlock.features`; `done` is told the whole block at once."""
        if effects or extent is not None:
            return super().features(x, styles, grains, done, effects, extent)
        begin = [] if x is None else [x]
        placed = [*begin, *self._whole(styles), *self._noises(grains)]
        if self._features is None:
            count = len(styles)

            def work(given: Sequence[Tensor]) -> Tensor:
                rest = given[len(begin) :]
                before = given[0] if begin else None
                return super(RecordedBlock, self).features(
                    before, tuple(rest[:count]), rest[count:], lambda share: None
                )

            # Of its own: what is given is kept for comparisons, and must stay.
            own = [value.clone() for value in placed[len(begin) :]]
            self._features = _Recorded(work, [*begin, *own], self._recording)
            result = self._features.result
        else:
            result = self._features(placed)
        done(sum(layer.work for layer in self.layers))
        return result

    def _whole(self, styles: tuple[Tensor | None, ...]) -> list[Tensor]:
        """The styles, with the stored transform where the user has none."""
        stored = self._source.transform if isinstance(self._source, SynthesisInput) else None
        whole = [stored if style is None else style for style in styles]
        return [value for value in whole if value is not None]

    def _noises(self, grains: Sequence[Tensor | None]) -> list[Tensor]:
        """The noise of each layer that may have some; zeros where there is none."""
        return [
            torch.zeros_like(layer.noise) if grain is None else grain
            for layer, grain in zip(self.grainy, grains, strict=True)
        ]

    def picture(
        self,
        x: Tensor,
        image: Tensor | None,
        style: Tensor | None,
        effects: Sequence[Effect] = (),
    ) -> Tensor | None:
        """See `FastBlock.picture`."""
        recorded = self._features is not None and x is self._features.result
        if effects or not recorded or (image is None and self.colours is None):
            return super().picture(x, image, style, effects)
        there = [value for value in (x, image, style) if value is not None]
        if self._picture is None:
            has_image, has_style = image is not None, style is not None

            def work(given: Sequence[Tensor]) -> Tensor:
                made = super(RecordedBlock, self).picture(
                    given[0], given[1] if has_image else None, given[-1] if has_style else None
                )
                assert made is not None
                return made

            own = [*there[:-1], there[-1].clone()] if has_style else there
            self._picture = _Recorded(work, own, self._recording)
            return self._picture.result
        return self._picture(there)
