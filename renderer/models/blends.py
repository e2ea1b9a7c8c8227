"""Two models as one: their blend is kept, and only the parts whose weights change are made new."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import torch

from renderer.errors import SecondModelError
from renderer.models.device import Device
from renderer.models.store import LoadedModel
from renderer.recipe.names import display_name
from renderer.recipe.recipe import ModelBlend
from stylegan_t.inference.blending import Blend, MisfitError
from stylegan_t.inference.prepared import Prepared, prepared

Owners = tuple[int, int]


class BlendStore:
    """The last pair of models that was blended.

    A pair keeps its token while its weights change, so what hangs on its words alone stays.

    Args:
        device: where the models are.
        new_token: gives pairs their identities.
        dropped: told the token of a pair that is let go.
        altered: told the token of a pair whose weights have changed: what it drew is out of date.
    """

    def __init__(
        self,
        device: Device,
        new_token: Callable[[], int],
        dropped: Callable[[int], None],
        altered: Callable[[int], None],
    ) -> None:
        self._device, self._new_token = device, new_token
        self._dropped, self._altered = dropped, altered
        self._owners: Owners | None = None
        self._blend: Blend | None = None
        self._model: LoadedModel | None = None

    def get(self, first: LoadedModel, second: LoadedModel, weights: ModelBlend) -> LoadedModel:
        """The model between two, on one device and in one precision.

        Raises:
            SecondModelError: they do not fit together; one sentence.
        """
        if self._owners != (first.token, second.token):
            self.clear()
            self._begin(first, second)
        assert self._blend is not None and self._model is not None
        with torch.inference_mode(False), torch.no_grad():
            changed = self._blend.set(weights.mapping, weights.weights)
            if changed:
                self._altered(self._model.token)
                self._model = dataclasses.replace(self._model, fast=self._prepared(self._blend))
        return self._model

    def forget(self, token: int) -> None:
        """A model is gone: so is the pair that it belongs to."""
        if self._owners is not None and token in self._owners:
            self.clear()

    def clear(self) -> None:
        """Let the pair go."""
        model, self._owners, self._blend, self._model = self._model, None, None, None
        if model is not None:
            self._dropped(model.token)

    def _begin(self, first: LoadedModel, second: LoadedModel) -> None:
        names = display_name(first.info.path), display_name(second.info.path)
        try:
            blend = Blend(first.generator, second.generator, names)
        except MisfitError as error:
            raise SecondModelError(str(error)) from error
        self._owners, self._blend = (first.token, second.token), blend
        self._model = dataclasses.replace(
            first,
            generator=blend.network,
            token=self._new_token(),
            fast=self._prepared(blend),
        )

    def _prepared(self, blend: Blend) -> Prepared | None:
        """Prepare in no time: packed copies of weights and graphs take longer to make than the
        pictures of a drag would gain by them."""
        if self._device.kind != "cpu":
            return None
        return prepared(blend.network.synthesis, 0)
