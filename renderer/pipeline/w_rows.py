"""The stages before the synthesis: text, mapping and mixing, from a recipe to its rows of w."""

from __future__ import annotations

import torch
from torch import Tensor

from renderer.frame.frame import UnknownWords
from renderer.pipeline import cache_keys, latents
from renderer.pipeline.cache_keys import Truncation
from renderer.pipeline.components import ComponentStore
from renderer.pipeline.means import MeansStore
from renderer.pipeline.owned_cache import OwnedCache
from renderer.pipeline.render_call import Run
from renderer.pipeline.text_stage import BlendedText, PromptReader
from renderer.recipe.recipe import LatentPart, MixSource, MixTrack, Prompt, TextPart
from stylegan_t.family.mapping import nearest

MAPPED_KEPT = 2048
"""Mapped latents, 256 bytes each: every seed that was met lately."""
ROWS_KEPT = 64
"""All rows of w of a picture: 160 kB for the largest model."""
Track = tuple[list[Tensor], list[tuple[float, ...]]]
"""The contribution of one track of mixing: rows [num_ws, dim] of each source, and the weight of
each row."""


class RowMaker:
    """Makes rows of w, with a cache for what each step of it depends on."""

    def __init__(self, components: ComponentStore) -> None:
        self.prompts = PromptReader()
        self._components, self._means = components, MeansStore()
        self._mapped: OwnedCache[Tensor] = OwnedCache(MAPPED_KEPT)
        self._plain: OwnedCache[Tensor] = OwnedCache(ROWS_KEPT)
        self._mixed: OwnedCache[Tensor] = OwnedCache(ROWS_KEPT)
        self._caches = (self._mapped, self._plain, self._mixed, self._means)

    def drop(self, token: int) -> None:
        """Forget everything that a model or a text tower has to do with, by its token."""
        self.drop_rows(token)
        self.prompts.forget(token)

    def drop_rows(self, token: int) -> None:
        """Forget all but the words: the mapping of this model is another one now."""
        for cache in self._caches:
            cache.forget(token)

    def clear(self) -> None:
        """Forget all tensors that may be on the device."""
        for cache in self._caches:
            cache.clear()

    def text(self, part: TextPart, run: Run) -> BlendedText:
        """The blend of prompts of `part`."""
        known = self.prompts.known(run.model, run.tower, part)
        if known is not None:
            return known
        return run.timed("text", lambda: self.prompts.read(run.model, run.tower, part, run.pause))

    def unknown_words(self, run: Run) -> UnknownWords:
        """The words of the recipe that what reads them does not know."""
        return self.prompts.unknown_words(run.model, run.tower, run.recipe, run.pause)

    def wordless(self, run: Run) -> Tensor | None:
        """The text of no words, [c_dim] float32 in main memory; None for a model without text."""
        embedding = self.prompts.read(run.model, run.tower, TextPart(), run.pause).embedding
        return None if embedding is None else embedding[0]

    def rows(self, text: BlendedText, run: Run) -> Tensor:
        """All rows of w, [1, num_ws, w_dim] float32; `text` is the blend of the recipe's text."""
        recipe, info = run.recipe, run.info
        plain = self._plain_rows(text, run)
        mixing = cache_keys.mixing_key(recipe.mixing, recipe.text.normalize, info)
        if mixing is None and recipe.layout is None and not _moved(run):
            return plain[None]
        key = (run.owners, cache_keys.w_key(recipe, info))

        def make() -> Tensor:
            latent_track = self._latent_track(run)
            text_track = self._text_track(run)
            locked = self._locked_row(run)
            mixed = run.timed("mixing", lambda: self._mix(plain, latent_track, text_track, run))
            if locked is not None:
                mixed[0] = locked
            return mixed

        return self._mixed.made(key, make)[None]

    def _plain_rows(self, text: BlendedText, run: Run) -> Tensor:
        """Rows of w before anything is mixed in, [num_ws, w_dim]."""
        part, info = run.recipe, run.info
        truncation = cache_keys.psi_key(part, info)
        key = (
            run.owners,
            cache_keys.latent_key(part.latent),
            cache_keys.text_key(part.text, info),
            truncation,
        )

        def make() -> Tensor:
            label = _label(text, run)
            x = self._mapped_latent(part.latent, label, run)
            return run.timed(
                "mapping", lambda: _joined(self._truncated(x, truncation, label, run), text, run)
            )

        return self._plain.made(key, make)

    def _mapped_latent(self, part: LatentPart, label: Tensor | None, run: Run) -> Tensor:
        """The mapped latent before truncation, [1, latent columns]; `label` is [1, c_dim], the
        weight of each class, for a model that has classes."""
        classes = None if label is None else label.cpu().numpy().tobytes()
        key = ((run.model.token,), cache_keys.latent_key(part), classes)

        def make() -> Tensor:
            mapped = run.model.generator.mapping.mapped
            z = latents.latent(part, run.info.z_dim)
            return run.timed("mapping", lambda: mapped(z.to(run.device.torch_device), label))

        return self._mapped.made(key, make)

    def _latent_track(self, run: Run) -> Track:
        truncation = cache_keys.psi_key(run.recipe, run.info)

        def rows(source: MixSource) -> Tensor:
            label = self._source_label(source, run)
            x = self._mapped_latent(cache_keys.source_latent(source), label, run)
            return self._truncated(x, truncation, label, run)

        taken = _taken([(source, source.latent) for source in run.recipe.mixing.sources], run)
        return [rows(source) for source, _ in taken], [weights for _, weights in taken]

    def _source_label(self, source: MixSource, run: Run) -> Tensor | None:
        """The classes of a source of mixing: its own words', or without any the recipe's."""
        if not run.info.has_classes:
            return None
        own = TextPart(prompts=(Prompt(source.prompt),)) if source.prompt else run.recipe.text
        return _label(self.text(own, run), run)

    def _text_track(self, run: Run) -> Track:
        if not run.info.takes_text:
            return [], []

        def rows(source: MixSource) -> Tensor:
            text = self.text(TextPart(prompts=(Prompt(source.prompt),)), run)
            return _text_rows(text, run)

        taken = _taken([(source, source.text) for source in run.recipe.mixing.sources], run)
        return [rows(source) for source, _ in taken], [weights for _, weights in taken]

    def _locked_row(self, run: Run) -> Tensor | None:
        """Row 0 of w as the layout lock keeps it, [w_dim]."""
        lock = run.recipe.layout
        if lock is None:
            return None
        text = self.text(lock.text, run)
        label = _label(text, run)
        psis = (lock.psi,) * run.info.num_ws
        truncation = Truncation(psis, run.recipe.psi_towards == "nearest")
        x = self._mapped_latent(lock.latent, label, run)
        return _joined(self._truncated(x, truncation, label, run), text, run)[0]

    def _truncated(
        self, x: Tensor, truncation: Truncation, label: Tensor | None, run: Run
    ) -> Tensor:
        """A mapped latent [1, latent columns] for each row of w, as far as each goes:
        [num_ws, latent columns]."""
        mapping = run.model.generator.mapping
        centre = nearest(x, self._means.of(run)) if truncation.nearest else None

        def drawn(psi: float) -> Tensor:
            if centre is None or psi == 1:
                return mapping.truncate(x, psi, label)
            return centre.lerp(x, psi)

        made = {psi: drawn(psi) for psi in set(truncation.psis)}
        if len(made) == 1:
            return made[truncation.psis[0]].expand(run.info.num_ws, -1)
        return torch.cat([made[psi] for psi in truncation.psis])

    def _mix(self, plain: Tensor, latent_track: Track, text_track: Track, run: Run) -> Tensor:
        """Take from the sources, then move along directions."""
        columns, keep_norm = run.info.latent_dim, run.recipe.text.normalize
        x = latents.mix_rows(plain[:, :columns], *latent_track)
        c = latents.mix_rows(plain[:, columns:], *text_track, keep_norm)
        return torch.cat(self._components.moved(x, c, run), dim=1)


def _moved(run: Run) -> bool:
    """Return whether the recipe moves rows of w along directions."""
    moves = run.recipe.moves
    return bool(cache_keys.mapped_key(moves) or cache_keys.row_moves(moves, run.info))


def _taken(
    tracks: list[tuple[MixSource, MixTrack]], run: Run
) -> list[tuple[MixSource, tuple[float, ...]]]:
    """The sources that something is taken from, with the weight of each row."""
    weighted = [(s, cache_keys.row_weights(track, run.info)) for s, track in tracks if track.active]
    return [(source, weights) for source, weights in weighted if any(weights)]


def _label(text: BlendedText, run: Run) -> Tensor | None:
    """The weight of each class, [1, c_dim] on the device; of all alike where the words name none.

    None for a model without classes.
    """
    if not run.info.has_classes or text.embedding is None:
        return None
    weights = text.embedding.mean(dim=0, keepdim=True).clamp_min(0)
    total = weights.sum()
    if total <= 0:
        weights, total = torch.ones_like(weights), torch.tensor(float(run.info.c_dim))
    return (weights / total).to(run.device.torch_device)


def _text_rows(text: BlendedText, run: Run) -> Tensor:
    """The text of each row of w on the device, [num_ws, c_dim]."""
    assert text.embedding is not None
    return text.embedding.to(run.device.torch_device).expand(run.info.num_ws, -1)


def _joined(x: Tensor, text: BlendedText, run: Run) -> Tensor:
    """The latent part of each row [num_ws, z_dim] and its text: [num_ws, w_dim]."""
    if text.embedding is None or run.info.has_classes:
        return x.contiguous()
    return torch.cat([x, _text_rows(text, run).to(x.dtype)], dim=1)
