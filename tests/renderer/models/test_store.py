"""The models in memory: few are kept, failures are remembered, not for ever."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import stylegan_t
from renderer.errors import Abandoned, MissingModelError, ModelError
from renderer.models.device import Device, choose
from renderer.models.store import ModelStore
from renderer.recipe.names import model_key
from stylegan_t import CheckpointError, Generator
from stylegan_t.inference.precision import stored_bytes
from stylegan_t.layers import SynthesisLayer
from tests.renderer.fakes import CountingLoader, plain_loader, tiny_model


@pytest.fixture
def loader() -> CountingLoader:
    return CountingLoader()


@pytest.fixture
def store(loader: CountingLoader) -> ModelStore:
    return ModelStore(choose("cpu"), loader)


def test_a_model_is_loaded_once(store: ModelStore, loader: CountingLoader) -> None:
    assert store.get("demo") is store.get("demo")
    assert loader.paths == ["demo"]


def test_a_file_has_one_name(store: ModelStore, loader: CountingLoader, tmp_path: Path) -> None:
    assert store.get(f"{tmp_path}/a") is store.get(f"{tmp_path}/b/../a")
    assert len(loader.paths) == 1
    assert model_key("~/a") == str(Path.home() / "a")


def test_only_three_models_stay_in_memory(store: ModelStore) -> None:
    first = weakref.ref(store.get("/a").generator)
    for path in ("/b", "/c", "/d"):
        store.get(path)
    assert [info.path for info in store.infos] == ["/b", "/c", "/d"]
    gc.collect()
    assert first() is None


def test_a_model_is_loaded_ahead_where_there_is_room_for_its_like(loader: CountingLoader) -> None:
    one = stored_bytes(tiny_model())
    for budget, fits in ((10 * one, True), (2 * one, False)):
        store = ModelStore(choose("cpu"), loader, budget_bytes=budget)
        assert not store.ahead("/b", "/a"), "what is not there has no like"
        store.get("/a")
        assert store.ahead("/b", "/a") == fits
        assert [info.path for info in store.infos] == [*["/b"] * fits, "/a"]


def test_loading_ahead_lets_others_go_before_the_current_one_and_keeps_quiet(
    loader: CountingLoader,
) -> None:
    store = ModelStore(choose("cpu"), loader, budget_bytes=1 << 30)
    loader.fail["bad"] = CheckpointError("bad is no checkpoint.")
    for path in ("/old", "/a"):
        store.get(path)
    assert store.ahead("/b", "/a") and store.ahead("/c", "/a")
    assert [info.path for info in store.infos] == ["/b", "/c", "/a"]
    assert not store.ahead("/bad", "/a")
    with pytest.raises(ModelError, match="bad is no checkpoint"):
        store.get("/bad")


def test_what_panels_learn_of_a_model(store: ModelStore) -> None:
    info = store.get("demo").info
    model = tiny_model(4)
    assert info.name == "tiny 4"
    assert info.resolution == 16
    assert info.blocks == (8, 16)
    assert info.rows_of_block == ((0, 3), (3, 7))
    assert info.num_ws == 7
    assert info.text_tower == "tiny tower"
    assert info.sha256 == model.sha256
    own = [*model.mapping.parameters(), *model.synthesis.parameters()]
    assert info.parameters == sum(p.numel() for p in own)


def test_a_failed_load_is_not_tried_at_every_frame(
    store: ModelStore, loader: CountingLoader, tmp_path: Path
) -> None:
    path = tmp_path / "bad"
    path.write_bytes(b"not a checkpoint")
    loader.fail["bad"] = CheckpointError("bad is no checkpoint.")
    for _ in range(5):
        with pytest.raises(ModelError, match=r"^bad is no checkpoint\.$"):
            store.get(str(path))
    assert len(loader.paths) == 1


def test_a_failed_load_is_tried_again_when_the_file_changes(
    store: ModelStore, loader: CountingLoader, tmp_path: Path
) -> None:
    path = tmp_path / "bad"
    loader.fail["bad"] = CheckpointError("There is no file.")
    for _ in range(2):
        with pytest.raises(MissingModelError):
            store.get(str(path))
    assert len(loader.paths) == 1
    path.write_bytes(b"here it is")
    del loader.fail["bad"]
    assert store.get(str(path)).info.name == "tiny 3"


def test_a_failed_load_is_tried_again_on_demand(store: ModelStore, loader: CountingLoader) -> None:
    loader.fail["bad"] = RuntimeError("a cosmic ray")
    for again in (store.get, store.load):
        with pytest.raises(ModelError, match="cosmic ray"):
            again("/bad")
    assert len(loader.paths) == 2
    store.look_again()
    del loader.fail["bad"]
    store.get("/bad")
    assert len(loader.paths) == 3


def test_a_changed_file_is_read_again_only_on_demand(
    store: ModelStore, loader: CountingLoader, tmp_path: Path
) -> None:
    path = tmp_path / "snapshot"
    path.write_bytes(b"1")
    first = store.get(str(path))
    path.write_bytes(b"22")
    assert store.get(str(path)) is first
    second = store.load(str(path))
    assert second.token != first.token
    path.write_bytes(b"333")
    store.look_again()
    assert store.infos == ()
    third = store.get(str(path))
    assert third.token != second.token
    second = third
    assert store.get(str(path)) is second
    assert store.load(str(path)) is second


def test_a_load_that_was_given_up_is_no_failure(store: ModelStore, loader: CountingLoader) -> None:
    def pause() -> None:
        raise Abandoned

    with pytest.raises(Abandoned):
        store.get("/a", pause=pause)
    assert store.get("/a").info.path == "/a"


def test_progress_is_told_in_words(store: ModelStore) -> None:
    told: list[str] = []
    shares: list[float] = []

    def progress(text: str, share: float) -> None:
        told.append(text)
        shares.append(share)

    store.get("/models/a.safetensors", progress)
    assert told[0] == "Loading a.safetensors"
    assert told[9] == "Loading a.safetensors, 90%"
    assert shares[:10] == [tenth / 10 for tenth in range(10)]
    assert told[10] == "Preparing a.safetensors" and shares[10] == 0.0
    count = len(told)
    store.get("/models/a.safetensors", progress)
    assert len(told) == count


def test_preparing_is_told_of_too_and_can_be_given_up() -> None:
    told: list[str] = []

    def pause() -> None:
        if told[-1].startswith("Preparing a, "):
            raise Abandoned

    def progress(text: str, share: float) -> None:
        told.append(text)

    store = ModelStore(choose("cpu"), plain_loader)
    with pytest.raises(Abandoned):
        store.get("/a", progress, pause)
    assert told[:2] == ["Loading a", "Preparing a"] and len(told) == 3
    told.clear()
    store.get("/a", progress)
    assert told[-1] == "Preparing a, 100%", "what was given up is no failure"


def test_other_models_make_room(store: ModelStore, loader: CountingLoader) -> None:
    store.get("/a")
    store.get("/b")
    full = loader.make

    def make(name: str) -> stylegan_t.Generator:
        if store.infos:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")
        return full(name)

    loader.make = make
    assert store.get("/c").info.path == "/c"
    assert [info.path for info in store.infos] == ["/c"]


def test_no_room_at_all_is_a_sentence(store: ModelStore, loader: CountingLoader) -> None:
    loader.fail["a"] = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried ...")
    with pytest.raises(ModelError, match="not enough memory to load a"):
        store.get("/a")


def test_pictures_must_be_grey_or_colour(store: ModelStore, loader: CountingLoader) -> None:
    config = stylegan_t.GeneratorConfig(8, 64, 8, 1, 0, 8, img_channels=4, gn_groups=4)
    loader.make = lambda name: stylegan_t.Generator(config)
    with pytest.raises(ModelError, match="4 channels"):
        store.get("/a")


def test_real_checkpoints(tmp_path: Path) -> None:
    store = ModelStore(choose("cpu"))
    path = tmp_path / "tiny.safetensors"
    with pytest.raises(ModelError, match="no file"):
        store.get(str(path))
    stylegan_t.save(tiny_model(1), path)
    info = store.get(str(path)).info
    assert info.name == "tiny 1"
    assert len(info.sha256) == 64
    (tmp_path / "bad.safetensors").write_bytes(b"\xff" * 1000)
    with pytest.raises(ModelError):
        store.get(str(tmp_path / "bad.safetensors"))


# -- memory --------------------------------------------------------------------------------------


def test_only_so_much_memory_is_kept(loader: CountingLoader) -> None:
    size = stored_bytes(tiny_model())
    gone: list[int] = []
    store = ModelStore(choose("cpu"), loader, budget_bytes=2 * size, dropped=gone.append)
    first = store.get("/aaa").token
    store.get("/bbb")
    assert gone == []
    store.get("/ccc")
    assert [info.path for info in store.infos] == ["/bbb", "/ccc"]
    assert gone == [first]


def test_a_model_beyond_the_limit_is_kept_alone(loader: CountingLoader) -> None:
    store = ModelStore(choose("cpu"), loader, budget_bytes=1)
    first = weakref.ref(store.get("/a").generator)
    assert store.get("/b").info.path == "/b"
    assert store.get("/b") is store.get("/b")
    assert [info.path for info in store.infos] == ["/b"]
    gc.collect()
    assert first() is None


def test_room_is_made_before_a_load_but_for_the_model_in_use(
    loader: CountingLoader, tmp_path: Path
) -> None:
    """The load may be given up; then the model that was on the screen is still there."""
    path = tmp_path / "large"
    path.write_bytes(b"x" * 1000)
    store = ModelStore(choose("cpu"), loader, budget_bytes=2 * stored_bytes(tiny_model()))
    store.get("/aaa")
    store.get("/bbb")

    def pause() -> None:
        assert [info.path for info in store.infos] == ["/bbb"]
        raise Abandoned

    with pytest.raises(Abandoned):
        store.get(str(path), pause=pause)
    assert [info.path for info in store.infos] == ["/bbb"]


def test_the_models_weights_are_counted(store: ModelStore) -> None:
    assert store.get("demo").info.memory_bytes == stored_bytes(tiny_model(4))


# -- precision -----------------------------------------------------------------------------------


def test_half_precision_is_a_model_of_its_own(store: ModelStore, loader: CountingLoader) -> None:
    whole, half = store.get("/a"), store.get("/a", precision="float16")
    assert whole.token != half.token
    assert store.get("/a") is whole
    assert store.get("/a", precision="float16") is half
    assert loader.paths == ["/a"], "what is in memory is not read again"
    assert half.generator.synthesis.block(8).dtype == torch.float16
    assert whole.generator.synthesis.block(8).dtype == torch.float32
    assert half.generator.mapping.x_avg is whole.generator.mapping.x_avg
    assert half.info.memory_bytes < whole.info.memory_bytes


def test_half_precision_needs_no_whole_model(store: ModelStore, loader: CountingLoader) -> None:
    half = store.get("/a", precision="bfloat16")
    assert half.generator.synthesis.block(16).dtype == torch.bfloat16
    assert [info.path for info in store.infos] == ["/a"]
    assert loader.paths == ["/a"]


def test_the_whole_model_s_convolutions_go_with_it() -> None:
    def load(path: str, /, device: str, *, progress: Callable[[float], None]) -> Generator:
        return tiny_model()

    store = ModelStore(choose("cpu"), load, kept=1)
    layer = store.get("/a").generator.synthesis.block(8).convs1[0]
    assert isinstance(layer, SynthesisLayer)
    weight = weakref.ref(layer.weight)
    del layer
    store.get("/a", precision="bfloat16")
    gc.collect()
    assert weight() is None


def test_a_device_without_the_type_is_a_sentence(
    store: ModelStore, loader: CountingLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Device, "computes", lambda self, dtype: False)
    with pytest.raises(ModelError, match=r"does not support float16: choose another precision"):
        store.get("/a", precision="float16")
    assert store.get("/a").info.path == "/a"
    assert loader.paths == ["/a"]
