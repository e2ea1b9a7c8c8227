"""From a recipe to a frame: text, mapping, mixing, synthesis, picture, each with its cache.

A stage's key is the part of the recipe that it depends on, with the model's identity: equal key,
no work.  So a new psi reads no prompt again, and a noise seed that is not in use draws nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

import torch
from msgspec.structs import replace
from torch import Tensor, nn

from renderer.errors import Abandoned, PictureError
from renderer.frame.block_times import BlockTimes
from renderer.frame.frame import Frame, ModelInfo
from renderer.models.device import Device, choose
from renderer.models.info import hash_notes
from renderer.models.recovery import explained
from renderer.models.store import LoadedModel, Loader
from renderer.models.text_towers import OpenTower, open_tower
from renderer.pipeline import cache_keys, latents
from renderer.pipeline.bends import bend_notes, bends_of
from renderer.pipeline.components import ComponentStore, move_notes
from renderer.pipeline.failures import fault_of, sentence_of
from renderer.pipeline.loading import Loads, Tell, Watch
from renderer.pipeline.owned_cache import OwnedCache
from renderer.pipeline.progressive import EarlyImages, enlarged, pixels_of
from renderer.pipeline.reach import beyond_notes
from renderer.pipeline.render_call import STAGES, Run
from renderer.pipeline.text_stage import BlendedText
from renderer.pipeline.w_rows import RowMaker
from renderer.recipe.parts.moves import Move, Space, Vector
from renderer.recipe.recipe import Precision, Recipe, TransformPart, check
from stylegan_t.encoders.text import TextTower
from stylegan_t.extent import Extent
from stylegan_t.inference.bending import drawn
from stylegan_t.progress import Steps

__all__ = ["STAGES", "Abandoned", "PictureError", "Renderer", "Space"]

RESULTS_KEPT = 8
"""Pictures kept: enough to go back and forth between a few."""
PREPARING = "Preparing this model for the graphics card"
T = TypeVar("T")


class Renderer:
    """Makes frames of recipes on one device.  For one thread at a time.

    Args:
        device: see `renderer.models.device.choose`, or a device that was chosen already.
        load: reads checkpoints; `stylegan_t.load` unless given.
        open_tower: opens text towers; `stylegan_t.encoders.towers.open_tower` unless given.
        watch: told "loading", what, and how far it is (0 to 1, or None if unknown), now
            and then during a load; "loaded" when it is over; and "drawing" with the share of a
            picture that takes long.
        interrupt: asked beside each `abandon`; true gives up whatever is being rendered.

    Raises:
        DeviceError: the device is not there.
    """

    def __init__(
        self,
        device: str | Device = "auto",
        *,
        load: Loader | None = None,
        open_tower: OpenTower = open_tower,
        watch: Watch | None = None,
        interrupt: Callable[[], bool] | None = None,
    ) -> None:
        self.device = device if isinstance(device, Device) else choose(device)
        self.device.prepare()
        self._tokens = itertools.count(1)
        self._loads = Loads(
            self.device,
            load,
            open_tower,
            watch,
            self._new_token,
            dropped=self._drop_results,
            altered=self._drop_drawn,
        )
        self._interrupt = interrupt
        self._serial = 0
        self._components = ComponentStore()
        self._rows = RowMaker(self._components)
        self._pictures: OwnedCache[Tensor] = OwnedCache(RESULTS_KEPT)
        self._early = EarlyImages()
        self.time_blocks = False
        """Wait for every block, so that its time is known: where the device works on its own, that
        costs some of its speed.  Blocks are timed anyway on the CPU, and where a picture takes
        long."""

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """The models in memory, the one used last at the end."""
        return self._loads.store.infos

    def load(self, path: str, progress: Steps | None = None) -> ModelInfo:
        """Load a model now: also one that failed before, or whose file has changed.

        Args:
            path: "demo" or a checkpoint's path.
            progress: told in a few words what is going on.

        Raises:
            ModelError: it cannot be loaded; one sentence for the user.
            Abandoned: `interrupt` said so.
        """
        pause = self._pause(None)
        loads = self._loads
        return loads.watched(lambda tell: loads.store.load(path, tell, pause), progress).info

    def load_ahead(self, recipe: Recipe, paths: Iterable[str], abandon: Callable[[], bool]) -> None:
        """Load models that will be asked for soon, as far as there is room beside that of `recipe`,
        in its precision, without a word in the status.

        Raises:
            Abandoned: `abandon` or `interrupt` said so.
        """
        pause, ahead = self._pause(abandon), self._loads.store.ahead
        for path in paths:
            pause()
            if not ahead(path, recipe.model.path, pause, precision=recipe.precision):
                return

    def use(self, path: str, precision: Precision) -> None:
        """Let a model that is in memory be the last to be let go."""
        self._loads.store.use(path, precision)

    def look_again(self) -> None:
        """Let the next recipe try again to load what failed, and read files that have changed."""
        self._loads.store.look_again()
        self._loads.towers.look_again()

    def keep_tower(self, spec: str, tower: TextTower) -> None:
        """Take a text tower that was opened elsewhere, for recipes that name it `spec`."""
        self._loads.towers.keep(spec, tower)

    def render(
        self,
        recipe: Recipe,
        abandon: Callable[[], bool] | None = None,
        early: Callable[[Frame], None] | None = None,
    ) -> Frame:
        """Make the picture of `recipe`.

        Whatever goes wrong becomes a frame with an error, one sentence for the user.  The frame's
        recipe is the one that was given, unchanged; the hash of the model that really drew it is
        `frame.model.sha256`, and `renderer.frame.frame.captured_recipe` joins the two.

        Args:
            recipe: what to draw.
            abandon: asked between prompts, stages and layers, and during a load; true gives the
                picture up.
            early: gets what comes before the picture, see `Frame.early`.

        Raises:
            Abandoned: `abandon` or `interrupt` said so.
        """
        self._serial += 1
        model: LoadedModel | None = None
        try:
            run = self._run(recipe, abandon)
            model = run.model
            run.begin(early, self._serial)
            with torch.inference_mode():
                return self._frame(run)
        except Abandoned:
            raise
        except Exception as error:
            return self._failed(recipe, model, error)

    def components(self, recipe: Recipe, space: Space, row: int = 0) -> tuple[float, ...]:
        """The principal components that a `Move` may go along, the widest first.

        Args:
            recipe: its model is looked at, for styles with the text tower; its words do not matter.
            space: the mapped latent, or the style or the weights of one layer, or of a block.
            row: the row of w that the layer owns, or the number of the block.

        Returns:
            The shares of the first 64 components in the whole variance, each from 0 to 1.

        Raises:
            RendererError: there is no such model or row, or no text tower; one
                sentence for the user.
            Abandoned: `interrupt` said so.
        """
        run = self._run(recipe, None)
        with torch.inference_mode():
            return self._components.shares(run, space, row, self._rows.wordless)

    def direction(self, recipe: Recipe, move: Move) -> Vector:
        """One step along a direction, written out: what an amount of 1 adds to rows of w.

        Args:
            recipe: its model is looked at.
            move: a step along the direction; its amount does not matter.

        Raises:
            RendererError: there is no such model or direction; one sentence for the user.
            Abandoned: `interrupt` said so.
        """
        run = self._run(recipe, None)
        with torch.inference_mode():
            made = self._components.step(run, replace(move, amount=1.0)).float().numpy()
        return Vector(len(made), made.astype("<f4").tobytes())

    def look_inside(
        self,
        recipe: Recipe,
        look: Callable[[ModelInfo, nn.Module, Callable[[], Tensor]], T],
        abandon: Callable[[], bool] | None = None,
    ) -> T:
        """Let `look` draw the picture of `recipe` with the readable network, and watch it.

        Args:
            recipe: what to draw.
            look: gets what is known of the model, its network, and what draws the picture with it,
                [1, channels, R, R] float32.
            abandon: as for `render`.

        Returns:
            What `look` returns.

        Raises:
            RendererError: the picture cannot be made; one sentence for the user.
            Abandoned: `abandon` or `interrupt` said so.
        """
        run = self._run(recipe, abandon)
        network = run.model.generator.synthesis
        with torch.inference_mode():
            text = self._rows.text(recipe.text, run)
            ws = self._rows.rows(text, run)
            draw = partial(drawn, network)
            return look(run.info, network, lambda: self._synthesize(draw, ws, run))

    def embedding(self, recipe: Recipe) -> Tensor | None:
        """Return what the words of `recipe` are to its model: float32 in main memory, [1, c_dim] or
        one for each row of w, [num_ws, c_dim]; None where the words have no say.

        Raises:
            RendererError: there is no such model or text tower; one sentence.
            Abandoned: `interrupt` said so.
        """
        run = self._run(recipe, None)
        with torch.inference_mode():
            return self._rows.text(recipe.text, run).embedding

    def explained(self, error: Exception) -> Exception:
        """Return what to raise for an error during work with this renderer.

        Where memory ran out, everything is let go that is only kept to be quick.

        Returns:
            `renderer.errors.NoMemoryError` where memory ran out, `LostDeviceError` where the
            device computes no more, each with one sentence for the user; any other error as it is.
        """
        return explained(error, self.device, self._free)

    def _free(self) -> None:
        self._rows.clear()
        self._components.clear()
        self._pictures.clear()
        self._loads.blends.clear()
        self._loads.store.forget_features()
        self.device.release_memory()

    def _run(self, recipe: Recipe, abandon: Callable[[], bool] | None) -> Run:
        """Check a recipe, and load what it needs."""
        check(recipe)
        pause = self._pause(abandon)
        model, second = self._loads.model(recipe, pause)
        tower = self._loads.tower(recipe.model.tower, model.info)
        return Run(recipe, model, tower, self.device, pause, second)

    def _new_token(self) -> int:
        return next(self._tokens)

    def _drop_results(self, token: int) -> None:
        """Forget everything that a model or a text tower which is gone had to do with."""
        self._early.forget(token)
        self._rows.drop(token)
        self._drop_drawn(token)

    def _drop_drawn(self, token: int) -> None:
        """Forget what a model whose weights are others now has mapped and drawn."""
        self._rows.drop_rows(token)
        self._components.forget(token)
        self._pictures.forget(token)

    def _pause(self, abandon: Callable[[], bool] | None) -> Callable[[], None]:
        """Return what to call where the work may be given up; it raises `Abandoned` then."""
        asked = [ask for ask in (self._interrupt, abandon) if ask is not None]

        def pause() -> None:
            if any(ask() for ask in asked):
                raise Abandoned

        return pause

    # -- frames ------------------------------------------------------------------------------

    def _frame(self, run: Run) -> Frame:
        text = self._rows.text(run.recipe.text, run)
        run.tokens, run.unknown = text.tokens, self._rows.unknown_words(run)
        image = self._picture(text, run)
        return Frame(
            recipe=run.recipe,
            model=run.model.info,
            image=image,
            stage_ms=tuple(run.times_ms.items()),
            block_ms=run.block_ms,
            tokens=run.tokens,
            device=self.device.name,
            serial=self._serial,
            notes=text.notes
            + hash_notes(run.recipe.model, run.info, run.second)
            + bend_notes(run.recipe, run.info)
            + beyond_notes(run.recipe, run.info)
            + move_notes(run.recipe.moves, run.info),
            second=run.second,
            text_norm=text.norm,
            text_angle_deg=text.angle_deg,
            unknown=run.unknown,
        )

    def _failed(self, recipe: Recipe, model: LoadedModel | None, error: Exception) -> Frame:
        error = self.explained(error)
        return Frame(
            recipe=recipe,
            model=model.info if model else None,
            image=None,
            error=sentence_of(error, recipe),
            device=self.device.name,
            serial=self._serial,
            fault=fault_of(error),
        )

    # -- stages ------------------------------------------------------------------------------

    def _picture(self, text: BlendedText, run: Run) -> Tensor:
        """The picture, uint8 [R, R, 3]."""
        recipe, info = run.recipe, run.info
        key = (run.owners, cache_keys.w_key(recipe, info), cache_keys.drawing_key(recipe, info))

        def make() -> Tensor:
            ws = self._rows.rows(text, run)
            draw = run.model.draw
            image = run.timed("synthesis", lambda: self._synthesize(draw, ws, run))
            return run.timed("picture", lambda: pixels_of(image))

        return self._pictures.made(key, make)

    def _synthesize(
        self,
        draw: Callable[..., Tensor],
        ws: Tensor,
        run: Run,
    ) -> Tensor:
        """The picture as the model draws it, [1, channels, R, R] float32."""
        recipe, transform = run.recipe, None
        cells = cache_keys.canvas_key(recipe.canvas, run.info)
        early = self._early
        early.begin(run.model.token)
        # A device that works on its own is far behind what was queued: where a picture takes long,
        # only waiting keeps the coarse ones, and giving up, in time.
        waits = self.time_blocks or early.slow
        times = BlockTimes(self.device.synchronize if waits else None)
        fast = run.model.fast if draw is run.model.fast else None

        def on_block(tell: Tell, resolution: int, image: Tensor | None) -> None:
            times.done(resolution)
            run.pause()
            if fast is not None and fast.recorded:
                tell(PREPARING, times.count / len(run.info.blocks))
            if run.early is not None and image is not None and resolution < run.info.resolution:
                self._show_early(run.early, resolution, image, run)

        def on_layer(share: float) -> None:
            if early.long:
                self._loads.drawing(share)
            run.pause()

        if recipe.transform != TransformPart():
            transform = latents.transform_matrix(recipe.transform).to(self.device.torch_device)
        image = self._loads.watched(
            lambda tell: draw(
                ws,
                noise_mode=recipe.noise.mode,
                noise_seed=latents.fold_seed(recipe.noise.seed),
                noise_strength=cache_keys.noise_strengths(recipe.noise, run.info),
                transform=transform,
                style_edits=self._components.style_edits(run, self._rows.wordless),
                bends=bends_of(recipe, run.info),
                extent=None if cells is None else Extent(*cells),
                on_block=partial(on_block, tell),
                on_layer=on_layer,
            )
        )
        drawn = fast.blocks_drawn if fast else None
        if waits or self.device.kind == "cpu":
            run.block_ms = times.told(drawn)
        # The layers clamp, so the sum of a sound picture is finite too; one number to look at, and
        # to wait for.
        sound = bool(torch.isfinite(image.sum()))
        recorded = fast is not None and fast.recorded
        early.done(whole=drawn in (None, len(run.info.blocks)) and not recorded)
        if not sound:
            raise PictureError(
                "These values are so extreme that the model's results are no longer numbers. "
                "Bring psi, weights or noise strength closer to their usual range."
            )
        return image

    def _show_early(
        self, show: Callable[[Frame], None], resolution: int, image: Tensor, run: Run
    ) -> None:
        """Show a coarse picture, where the whole one is still far away."""
        if not self._early.worth():
            return
        large = enlarged(image, run.size_px)
        self.device.synchronize()  # it may be read on another stream
        show(run.early_frame(large, resolution, self._serial))
        self._early.shown()
