"""The synthesis prepared for a graphics card: one CUDA graph for each block.

A picture that differs from the last one only in later blocks begins at the first that differs, as
in `stylegan_t.inference.fast`: the graphs from there on are replayed.  What the picture is made
from is compared on the card, and the host waits once for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from stylegan_t.extent import Extent
from stylegan_t.generator import NO_EDITS, NoiseMode, OnBlock, StyleEdits, SynthesisNetwork
from stylegan_t.inference.bending import NO_BENDS, Bends
from stylegan_t.inference.fast import FastSynthesis, Noises
from stylegan_t.inference.fused import Ops
from stylegan_t.inference.fused_kernels import best_ops
from stylegan_t.inference.graph_layers import GraphBlock
from stylegan_t.inference.graph_tail import GraphTail
from stylegan_t.inference.recorders import CudaRecorder, Recorder, Recording
from stylegan_t.noise import of_each_block
from stylegan_t.progress import Progress


@dataclass(eq=False)
class _Step:
    """A block: what repeats its parts, once they are recorded, and what it gives."""

    block: GraphBlock
    noise: tuple[object, ...] | None = None
    has_text: bool = False
    read_text: Callable[[], object] | None = None
    draw: Callable[[], object] | None = None
    x: Tensor | None = None
    colour: Callable[[], object] | None = None
    image: Tensor | None = None


@dataclass
class _Changes:
    """The first block whose features, and the first whose colours, must be drawn again."""

    features: int
    colours: int = field(init=False)

    def __post_init__(self) -> None:
        self.colours = self.features

    def begin_at(self, block: int) -> None:
        """The features of `block` differ."""
        self.features = min(self.features, block)
        self.colours = min(self.colours, block)


class GraphSynthesis:
    """Draws as `network` does; for one thread at a time.

    Small copies of weights are made, the large ones are shared: `network` must not be trained
    meanwhile.

    Args:
        network: on its device, in any precision, see `suits`.
        ops: the steps between convolutions; by default the best that work on its device.
        recorder: makes the work repeatable; by default CUDA graphs.
        memory: how feature maps lie in memory; by default channels last in half precision.
    """

    def __init__(
        self,
        network: SynthesisNetwork,
        *,
        ops: Ops | None = None,
        recorder: Recorder | None = None,
        memory: torch.memory_format | None = None,
    ) -> None:
        config = network.config
        first = network.block(config.block_resolutions[0])
        device, half = first.input.freqs.device, first.dtype != torch.float32
        self.config = config
        self._device = device
        self._ops = ops or best_ops(device)
        make = (lambda: recorder) if recorder else (lambda: CudaRecorder(device))
        self._recording = Recording(make)
        memory = memory or (torch.channels_last if half else torch.contiguous_format)
        self._ws = torch.zeros(config.num_ws, config.w_dim, device=device)
        self._new_ws = torch.zeros_like(self._ws)
        self._stored_transform = first.input.transform.detach().clone()
        self._transform = self._stored_transform.clone()
        self._new_transform = self._stored_transform.clone()
        self._compare: tuple[Callable[[], object], Tensor] | None = None
        count = config.convs_per_block
        with torch.no_grad():
            self._steps = [
                _Step(
                    GraphBlock(
                        network.block(resolution),
                        self._ws[index * count : (index + 1) * count + 1],
                        config.z_dim,
                        self._ops,
                        memory,
                    )
                )
                for index, resolution in enumerate(config.block_resolutions)
            ]
        self.packed_bytes = sum(step.block.own_bytes for step in self._steps)
        """Memory for copies of weights, and for what is computed from them once."""
        self._tail = GraphTail(network)
        self._edits = self._edit_buffers()
        self._edited: frozenset[int] = frozenset()
        self._drawn = self._coloured = 0
        """Number of blocks, from the first, that hold what the buffers ask for."""
        self.blocks_drawn = 0
        """Number of blocks that the last picture took."""

    @property
    def recorded(self) -> bool:
        """Return whether anything had to be recorded for the last picture, which takes its time."""
        return self._recording.recorded

    @staticmethod
    def suits(network: SynthesisNetwork) -> bool:
        """Return whether this path can draw what `network` draws: it is on a card with CUDA, and no
        module of it has a hook, which would not be called."""
        first = network.block(network.config.block_resolutions[0])
        return first.input.freqs.device.type == "cuda" and not FastSynthesis.hooked(network)

    def forget(self) -> None:
        """Drop what was kept of the last picture, and the graphs with their memory."""
        self._drawn = self._coloured = 0
        self._recording.forget()
        self._compare = None
        self._steps = [_Step(step.block) for step in self._steps]

    @torch.inference_mode()
    def __call__(
        self,
        ws: Tensor,
        noise_mode: NoiseMode = "random",
        *,
        noise_seed: int | None = None,
        noise_strength: float | Sequence[float] = 1.0,
        transform: Tensor | None = None,
        style_edits: StyleEdits = NO_EDITS,
        bends: Bends = NO_BENDS,
        extent: Extent | None = None,
        on_block: OnBlock | None = None,
        on_layer: Progress | None = None,
    ) -> Tensor:
        """Draw one picture; arguments and result are those of `FastSynthesis`, but `on_layer` is
        not called: a block is one piece of work.

        The call returns when the work is queued, not when it is done.
        """
        self._recording.recorded = False
        noises = Noises(noise_mode, noise_seed, of_each_block(noise_strength, len(self._steps)))
        changes = self._changes(ws[0].float(), transform, style_edits)
        self._take_noise(noises, changes)
        self._drawn = min(self._drawn, changes.features)
        self._coloured = min(self._coloured, changes.colours)
        first, bent = self._drawn, 0 if extent else self._tail.first(bends)
        x = image = None
        for index, step in enumerate(self._steps[:bent]):
            if index >= first:
                self._draw(step, x, image)
                self._drawn = self._coloured = index + 1
            elif index >= self._coloured:
                self._colour(step, image)
                self._coloured = index + 1
            x, image = step.x, step.image
            self.blocks_drawn = max(0, index + 1 - first)
            if on_block is not None:
                on_block(step.block.resolution, image)
        if bent < len(self._steps):
            self.blocks_drawn = len(self._steps) - min(first, bent)
            return self._tail.draw(
                *(bent, x, image, ws, noise_mode, noise_seed, noise_strength),
                *(transform, style_edits, bends, extent, on_block),
            )
        assert image is not None
        # The next picture is drawn into the same place.
        return image.clone()

    # -- what is different -----------------------------------------------------------------------

    def _changes(self, ws: Tensor, transform: Tensor | None, edits: StyleEdits) -> _Changes:
        """Take what a picture is made from, and find what it changes."""
        rows = sorted(self._edited | edits.keys())
        self._new_ws.copy_(ws)
        self._new_transform.copy_(self._stored_transform if transform is None else transform)
        asked = self._compared()
        if rows:
            differ = [asked]
            for row in rows:
                edit = edits.get(row)
                differs = self._edits[row] != (0.0 if edit is None else edit.reshape(-1))
                differ.append(differs.any()[None])
            asked = torch.cat(differ)
        answers: list[bool] = asked.tolist()
        self._ws.copy_(self._new_ws)
        self._transform.copy_(self._new_transform)
        for row in rows:
            edit = edits.get(row)
            self._edits[row].zero_() if edit is None else self._edits[row].copy_(edit.reshape(-1))
        self._edited = frozenset(edits)
        return self._sorted_out(answers, rows)

    def _compared(self) -> Tensor:
        """For each row of w whether its latent differs, then whether its text does; then whether
        the transform does."""
        if self._compare is not None:
            self._compare[0]()
            return self._compare[1]
        z_dim = self.config.z_dim

        def work() -> Tensor:
            differs = self._new_ws != self._ws
            moved = (self._new_transform != self._transform).any()
            latent, text = differs[:, :z_dim], differs[:, z_dim:]
            return torch.cat([latent.any(dim=1), text.any(dim=1), moved[None]])

        self._compare = self._recording.record(work)
        return self._compare[1]

    def _sorted_out(self, answers: list[bool], rows: Sequence[int]) -> _Changes:
        count, blocks = self.config.num_ws, len(self._steps)
        changes = _Changes(blocks)
        for row in range(count):
            if answers[count + row]:
                for index in self._blocks_of(row):
                    self._steps[index].has_text = False
            if answers[row] or answers[count + row]:
                self._change_row(changes, row)
        if answers[2 * count]:
            changes.begin_at(0)
        for row, differs in zip(rows, answers[2 * count + 1 :], strict=True):
            if differs:
                owner = min(row // self.config.convs_per_block, blocks - 1)
                if row == count - 1:
                    changes.colours = min(changes.colours, owner)
                else:
                    changes.begin_at(owner)
        return changes

    def _blocks_of(self, row: int) -> Sequence[int]:
        """The blocks that read a row of w: a block's first row colours the block before it, too."""
        index, offset = divmod(row, self.config.convs_per_block)
        if row == self.config.num_ws - 1:
            return (index - 1,)
        return (index - 1, index) if index and not offset else (index,)

    def _change_row(self, changes: _Changes, row: int) -> None:
        for index in self._blocks_of(row):
            if index < row // self.config.convs_per_block:
                changes.colours = min(changes.colours, index)
            else:
                changes.begin_at(index)

    def _edit_buffers(self) -> list[Tensor]:
        """Return what is added to the style of the layer that owns a row of w, for each row."""
        found: list[Tensor] = []
        for index, step in enumerate(self._steps):
            edits = step.block.edits()
            # Of the colours' styles, only the last has a row of its own.
            last = index == len(self._steps) - 1
            found += edits if last else edits[: self.config.convs_per_block]
        return found

    def _take_noise(self, noises: Noises, changes: _Changes) -> None:
        """Put the noise where the blocks read it, where it differs from what is there."""
        keys = [noises.key(index) for index in range(len(self._steps))]
        if all(step.noise == key for step, key in zip(self._steps, keys, strict=True)):
            return
        for index, (step, key) in enumerate(zip(self._steps, keys, strict=True)):
            if step.noise == key:
                noises.skip(index, step.block.layers)
                continue
            for layer, grain in zip(
                step.block.layers, noises.grains(index, step.block.layers), strict=True
            ):
                layer.grain.zero_() if grain is None else layer.grain.copy_(grain)
            step.noise = key
            changes.begin_at(index)

    # -- drawing ---------------------------------------------------------------------------------

    def _read_text(self, step: _Step) -> None:
        if not self.config.c_dim or step.has_text:
            return
        if step.read_text is None:
            step.read_text, _ = self._recording.record(step.block.read_text)
        else:
            step.read_text()
        step.has_text = True

    def _draw(self, step: _Step, x: Tensor | None, image: Tensor | None) -> None:
        """Features and colours."""
        self._read_text(step)
        if step.draw is not None:
            step.draw()
            return

        def work() -> tuple[Tensor, Tensor | None]:
            return step.block.draw(x, image, self._transform)

        step.draw, (step.x, step.image) = self._recording.record(work)

    def _colour(self, step: _Step, image: Tensor | None) -> None:
        """The colours alone: the features are what they were."""
        x, into = step.x, step.image
        if x is None or into is None:
            return  # nothing to see yet
        self._read_text(step)
        if step.colour is None:

            def work() -> None:
                picture = step.block.colour(x, image)
                assert picture is not None
                into.copy_(picture)

            step.colour, _ = self._recording.record(work)
        else:
            step.colour()
