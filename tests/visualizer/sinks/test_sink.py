"""A picture that sinks share."""

from __future__ import annotations

import threading

import numpy as np

from tests.visualizer.fake import MODEL
from tests.visualizer.sinks.fakes import CountedImage, picture


def test_it_comes_from_the_device_once_and_only_when_a_sink_wants_it() -> None:
    image = CountedImage(np.arange(72, dtype=np.uint8).reshape(4, 6, 3))
    shared = picture(image=image)
    assert shared.size == (6, 4)
    assert image.fetched == 0
    sinks = [threading.Thread(target=shared.pixels) for _ in range(8)]
    for sink in sinks:
        sink.start()
    for sink in sinks:
        sink.join()
    assert image.fetched == 1
    assert np.array_equal(shared.pixels(), np.arange(72).reshape(4, 6, 3))


def test_its_recipe_names_the_model_that_drew_it() -> None:
    assert picture(7).recipe.latent.seed == 7
    assert picture(7).recipe.model.sha256 == MODEL.sha256
