"""What opens files and packets in the program, each with good input and a way to damage it.

A reader gives True when something was read and is sound, or raises the refusal that it promises.
Whatever else happens is a finding.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import numpy as np
from msgspec import Raw
from PIL import Image

from renderer.errors import PictureError
from renderer.files import direction_file, latent_file
from renderer.files.direction_file import DirectionFileError
from renderer.files.embedded_timeline import read_video_timeline
from renderer.files.image_folder import small_picture
from renderer.files.images import encode, encode_png, read_recipe, read_sheet
from renderer.files.kinds import identify
from renderer.files.latent_file import SAVED_LATENT, LatentFileError, SavedLatent
from renderer.files.moments_file import read_moments
from renderer.files.take_file import TakeFile
from renderer.parameters.bindings import Binding, Touch, bound_value, source_label
from renderer.parameters.parameters import parameters_of
from renderer.pipeline.means import read_means
from renderer.recipe import moments_json
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.contact_sheet import to_json as sheet_to_json
from renderer.recipe.history import History, Storing
from renderer.recipe.moments import Moment, Moments
from renderer.recipe.moments_json import MomentsError
from renderer.recipe.parts.moves import MAX_DIRECTION_NAME
from renderer.recipe.recipe import (
    Direction,
    Recipe,
    RecipeError,
    Vector,
    check,
    from_json,
    to_json,
)
from renderer.timeline.serialization import read_timeline, stored, timeline_to_json
from renderer.timeline.take import Sample
from renderer.timeline.timeline import KeyFrame, Timeline, TimelineError, frame_recipe, recipe_at
from stylegan_t.checkpoints.checkpoint import CheckpointError, load, save
from tests.fuzzing import (
    checkpoint_damage,
    json_damage,
    numpy_damage,
    osc_damage,
    picture_damage,
)
from tests.renderer.fakes import tiny_model
from tests.renderer.recipe.test_recipe import FULL
from tests.stylegan_t.family.recorded import recorded
from tests.stylegan_t.hostile.mutations import BYTE_DAMAGES
from tests.visualizer.fake import MODEL
from visualizer.control import settings as control_settings
from visualizer.control.dispatch import Dispatcher
from visualizer.control.osc_packets import PacketError, decoded
from visualizer.control.settings import ControlSettings
from visualizer.control.signal_queue import Inbox, Signal
from visualizer.instruments.alignment import AlignmentMeter
from visualizer.instruments.grid import Sheets
from visualizer.instruments.history import HistoryKeeper
from visualizer.instruments.latent_directions import MAX_SAVED, SAVED, SavedDirection
from visualizer.instruments.moments import MomentsKeeper, StoredState
from visualizer.instruments.prompts import DIRECTION, MAX_KEPT_DIRECTIONS, PROMPT
from visualizer.instruments.timeline import Playback
from visualizer.instruments.wander import Wanderer, WanderState
from visualizer.music.instrument import MusicState
from visualizer.services.instrument import Desk, Instrument
from visualizer.session import session_file, user_lists
from visualizer.session.preset_file import PresetError, encode_preset, read_preset
from visualizer.session.session_file import SessionError, SessionFile
from visualizer.session.state import Store
from visualizer.session.undo_stack import UndoStack
from visualizer.session.user_lists import LibraryError
from widgets.output import OutputOptions

PIXELS = np.arange(24 * 24 * 3, dtype=np.uint32).reshape(24, 24, 3).astype(np.uint8)
RELATIVES = ("sg2_orig", "sg3_t_cond", "xl_uncond")
"""The smallest recorded network of each."""
BINDINGS = (Binding("midi/cc/1/21", "/psi", -1.0, 2.0), Binding("/1/fader1#2", "/undo"))
SHEET = Sheet(
    Axis("prompt", prompts=("a red house", "日本")), Axis("mixing", seed=4, blocks=(0, 2))
)


@dataclass(frozen=True)
class Reader:
    """One kind of input.

    `good` are sound ones; `damage` makes a bad one of one of them; `read` reads it from a folder
    and raises one of `refusals` when it does not want it.
    """

    suffix: str
    good: tuple[Any, ...]
    damage: Callable[[Any, Random], bytes]
    read: Callable[[Path], bool]
    refusals: tuple[type[Exception], ...]


def reader(kind: str) -> Reader:
    """The reader of a kind of input, one of `KINDS`."""
    return KINDS[kind]()


# -- recipes and pictures --------------------------------------------------------------------------


def sound(recipe: Recipe) -> bool:
    """True for a recipe that the program can use and keep; an assertion fails otherwise."""
    check(recipe)
    assert from_json(to_json(recipe)) == recipe
    hash(recipe)
    return True


def _read_recipe(path: Path) -> bool:
    return sound(read_recipe(path))


def _read_picture(path: Path) -> bool:
    """All that the window does with a picture: its recipe, its sheet, and a small picture."""
    found: list[bool] = []
    refused: list[RecipeError] = []
    for look in (_read_recipe, _read_sheet, _read_small):
        try:
            found.append(look(path))
        except RecipeError as error:
            refused.append(error)
    if not found:
        raise refused[0]
    for error in refused:
        assert is_sentence(str(error)), str(error)
    return True


def _read_sheet(path: Path) -> bool:
    sheet = read_sheet(path)
    if sheet is not None:
        sheet_to_json(sheet)
    return True


def _read_small(path: Path) -> bool:
    pixels = small_picture(path, 96)
    assert pixels.dtype == np.uint8 and pixels.ndim == 3 and max(pixels.shape[:2]) <= 96
    return True


def is_sentence(text: str) -> bool:
    """Whether a user can be told this."""
    return text.isprintable() and 10 < len(text) < 700 and "Traceback" not in text


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def _pictures(form: picture_damage.Format, suffix: str, others: list[bytes]) -> Reader:
    good = (encode(PIXELS, FULL, suffix, sheet=SHEET), encode(PIXELS, Recipe(), suffix), *others)
    return Reader(
        suffix,
        good,
        lambda data, random: picture_damage.damaged(form, data, random),
        _read_picture,
        (RecipeError,),
    )


def _png() -> Reader:
    image = Image.fromarray(PIXELS)
    others = [
        _saved(image.quantize(8), "PNG", bits=4, transparency=b"\0\x80"),
        _saved(image.convert("LA"), "PNG"),
        _saved(image, "PNG", save_all=True, append_images=[image.rotate(90)], duration=5),
    ]
    return _pictures(picture_damage.PNG, ".png", [*others, encode_png(PIXELS, FULL)])


def _jpeg() -> Reader:
    image = Image.fromarray(PIXELS)
    others = [
        _saved(image, "JPEG", progressive=True),
        _saved(image.convert("L"), "JPEG", restart_marker_blocks=1),
        _saved(image.convert("CMYK"), "JPEG", icc_profile=b"x" * 400),
    ]
    return _pictures(picture_damage.JPEG, ".jpg", others)


def _webp() -> Reader:
    image = Image.fromarray(PIXELS)
    others = [
        _saved(image, "WEBP", quality=50),
        _saved(image.convert("RGBA"), "WEBP", save_all=True, append_images=[image.rotate(90)]),
    ]
    return _pictures(picture_damage.WEBP, ".webp", others)


# -- JSON ------------------------------------------------------------------------------------------


def _json(
    good: list[str | bytes],
    read: Callable[[Path], bool],
    *refusals: type[Exception],
    name: str = ".json",
) -> Reader:
    texts = (text if isinstance(text, str) else text.decode() for text in good)
    taken_apart = tuple(json_damage.tokens(text) for text in texts)
    return Reader(name, taken_apart, json_damage.damaged, read, refusals)


def _recipe() -> Reader:
    old = '{"stylegan_t_recipe": 1, "recipe": {"psi": 0.5, "mixing": {"seed": 4, "prompt": "a"}}}'
    return _json([to_json(FULL), to_json(Recipe()), old], _read_recipe, RecipeError)


def _timeline() -> Reader:
    good = [timeline_to_json(TIMELINE), timeline_to_json(Timeline()), _session_text()]
    return _json([*good], _read_timeline, TimelineError)


TIMELINE = Timeline(
    (KeyFrame(0.5, FULL, "hold"), KeyFrame(2.0, Recipe(psi=0.25), "in"), KeyFrame(3.0, FULL)),
    7.5,
    24,
    "ping-pong",
)


def _read_timeline(path: Path) -> bool:
    timeline = read_timeline(path)
    if timeline.keys:
        for share in (0.0, 0.1, 0.35, 0.9, 1.0):
            check(recipe_at(timeline, share * timeline.length_s))
        check(frame_recipe(timeline, 2))
    timeline_to_json(timeline)
    return True


MOMENTS = Moments((Moment(1, FULL, "größe"), Moment(99, Recipe(), parts=("psi", "view"))))


def _moments() -> Reader:
    return _json([moments_json.to_file(MOMENTS)], _read_moments, MomentsError)


PRESET = {"control": ControlSettings(osc=True), "music": MusicState(), "output": OutputOptions()}


def _preset() -> Reader:
    parts = {name: Raw(msgspec.json.encode(part)) for name, part in PRESET.items()}
    return _json([encode_preset(parts)], _read_preset, PresetError)


def _read_preset(path: Path) -> bool:
    parts = read_preset(path)
    path.write_bytes(encode_preset(parts))
    assert read_preset(path).keys() == parts.keys()
    return True


def _read_moments(path: Path) -> bool:
    found = read_moments(path)
    assert not found.refused or is_sentence(found.problem)
    assert all(sound(moment.applied(FULL)) for moment in found.moments.items)
    assert moments_json.from_file(moments_json.to_file(found.moments)).moments == found.moments
    return True


def _clip() -> Reader:
    text = timeline_to_json(TIMELINE).encode()
    taken_apart = json_damage.tokens(text.decode())

    def damage(good: bytes, random: Random) -> bytes:
        other = bytearray(
            json_damage.damaged(taken_apart, random) if random.random() < 0.8 else text
        )
        data = bytearray(_gif(bytes(other)) if good.startswith(b"GIF") else _film(bytes(other)))
        for _ in range(random.choice((0, 0, 1, 2, 5))):
            random.choice(BYTE_DAMAGES)(data, random)
        return bytes(data)

    return Reader(".mp4", (_film(text), _gif(text)), damage, _read_clip, (TimelineError,))


def _take() -> Reader:
    with tempfile.TemporaryDirectory() as folder:
        file = TakeFile(Path(folder))
        recipes = (FULL, Recipe(), msgspec.structs.replace(FULL, psi=0.25), FULL, FULL)
        file.add([Sample(number / 2, recipe) for number, recipe in enumerate(recipes)])
        good = file.finish().read_bytes()

    def damage(good: bytes, random: Random) -> bytes:
        lines = good.splitlines()
        index = random.randrange(len(lines))
        if random.random() < 0.8:
            lines[index] = json_damage.damaged(json_damage.tokens(lines[index].decode()), random)
        else:
            lines[index] = lines[random.randrange(len(lines))]
        data = bytearray(b"\n".join(lines))
        for _ in range(random.choice((0, 0, 0, 1, 3))):
            random.choice(BYTE_DAMAGES)(data, random)
        return bytes(data)

    return Reader(".take", (good,), damage, _read_take, (TimelineError,))


def _read_take(path: Path) -> bool:
    timeline = read_video_timeline(path, lambda note: None)
    for number in range(5):
        sound(recipe_at(timeline, timeline.length_s * number / 4))
    timeline_to_json(timeline)
    return identify(path) == "take"


def _film(text: bytes) -> bytes:
    """What stands around the text in an MP4 does not matter: nothing of it is read."""
    return b"\0\0\0\x20ftypisom" + bytes(500) + text + bytes(500)


def _gif(text: bytes) -> bytes:
    blocks = (text[start : start + 255] for start in range(0, len(text), 255))
    chain = b"".join(bytes([len(block)]) + block for block in blocks)
    return b"GIF89a" + bytes(200) + b"\x21\xfe" + chain + b"\0;"


def _read_clip(path: Path) -> bool:
    timeline_to_json(read_video_timeline(path))
    return identify(path) == "video"


def _session_text() -> bytes:
    return session_file.encode(SessionFile(FULL, _parts()))


def _parts() -> dict[str, Raw]:
    """What the instruments remember, each in its own words."""
    history = History()
    for number in range(6):
        made = msgspec.structs.replace(FULL if number % 2 else Recipe(), psi=number / 8)
        history.star(history.add(made, number).number, number == 3)
    states = {
        HistoryKeeper.name: Storing().stored(history.entries),
        Playback.name: stored(TIMELINE),
        Sheets.name: SHEET,
        Wanderer.name: WanderState(),
        MomentsKeeper.name: StoredState(moments_json.stored(MOMENTS), 3.0, "in"),
        "unknown": [1, {"a": None}],
    }
    return {name: Raw(msgspec.json.encode(state)) for name, state in states.items()}


def _session() -> Reader:
    good = [_session_text(), session_file.encode(SessionFile())]
    return _json([*good], _read_session, SessionError)


def _read_session(path: Path) -> bool:
    identify(path)
    session = session_file.read_session(path)
    sound(session.recipe)
    again = dict(session.parts)
    for instrument in _instruments(session.recipe):
        said = instrument.restore(session.parts.get(instrument.name))
        assert said is None or is_sentence(said), said
        if (state := instrument.state()) is not None:
            again[instrument.name] = Raw(msgspec.json.encode(state))
    assert (
        session_file.decode(session_file.encode(SessionFile(session.recipe, again))).parts == again
    )
    return True


def _instruments(recipe: Recipe) -> list[Instrument]:
    """Those that remember something, at a desk that has only a recipe."""
    desk = cast(
        Desk,
        SimpleNamespace(
            session=SimpleNamespace(recipe=recipe, document=UndoStack(recipe)), clock=lambda: 0.0
        ),
    )
    kinds = (HistoryKeeper, Playback, Sheets, Wanderer, AlignmentMeter, MomentsKeeper)
    return [kind(desk) for kind in kinds]


def _latent() -> Reader:
    latent = SavedLatent("größe 日本", latent_file.shortened([0.5, -1.25, 3e-9, 2.0]))
    return _json([latent_file.encode(latent)], _read_latent, LatentFileError)


def _read_latent(path: Path) -> bool:
    latent = latent_file.read(path)
    assert latent_file.decode(latent_file.encode(latent), "it") == latent
    return True


def _direction() -> Reader:
    one, table = (Vector(rows, bytes(range(1, 33))) for rows in (1, 2))
    good = [direction_file.encode_json(one, "größe 日本"), direction_file.encode_json(table, "")]
    return _json([*good, "[0.5, -1, 3]", "[[[1, 2], [3, 4.5]]]"], _read_vector, DirectionFileError)


def _direction_array() -> Reader:
    good = tuple(direction_file.encode_npy(Vector(rows, bytes(range(1, 65)))) for rows in (1, 2))
    refusals = (DirectionFileError,)
    return Reader(".npy", good, numpy_damage.damaged, _read_vector, refusals)


def _means() -> Reader:
    good = []
    for kind in ("<f4", "<f8"):
        file = io.BytesIO()
        np.save(file, np.ones((5, 16), kind))
        good.append(file.getvalue())
    return Reader(".means.npy", tuple(good), numpy_damage.damaged, _read_means, (PictureError,))


def _read_means(path: Path) -> bool:
    checkpoint = path.with_name(path.name.removesuffix(".means.npy"))
    found = read_means(checkpoint, 16)
    assert found is not None and found.shape[1] == 16
    return True


def _read_vector(path: Path) -> bool:
    move = direction_file.read(path)
    assert move.vector is not None
    assert direction_file.decode(direction_file.encode_npy(move.vector), "a").vector == move.vector
    assert direction_file.decode(direction_file.encode_json(move.vector, "a"), "").name == "a"
    assert move.name.isprintable() and 0 < len(move.name) <= MAX_DIRECTION_NAME
    return sound(Recipe(moves=(move,)))


def _latent_directions() -> Reader:
    items = [SavedDirection("a" * 64, move) for move in FULL.moves if move.name]
    return _collection("latent-directions", SAVED, MAX_SAVED, items)


def _collection(name: str, kind: msgspec.json.Decoder[Any], limit: int, items: list[Any]) -> Reader:
    def read(path: Path) -> bool:
        found = user_lists.read(path, name, kind, limit)
        assert len(found.items) <= limit
        again = user_lists.decode(name, user_lists.encode(name, found.items), kind, limit, "it")
        assert again.items == found.items
        return True

    return _json([user_lists.encode(name, items)], read, LibraryError)


def _directions() -> Reader:
    items = [Direction("warmth", "summer", "winter", 0.5, 2, 7), Direction("all", "a", "b")]
    return _collection("directions", DIRECTION, MAX_KEPT_DIRECTIONS, items)


def _library() -> Reader:
    return _collection("prompts", PROMPT, 500, ["a red house", "日本", "x" * 200])


def _latents() -> Reader:
    items = [SavedLatent("one", (0.5, -1.0)), SavedLatent("two", (1e-9, 1e4))]
    return _collection("latents", SAVED_LATENT, 1000, items)


def _control() -> Reader:
    settings = ControlSettings(osc=True, port=8000, midi="knobs", bindings=BINDINGS)
    data = msgspec.json.encode({"stylegan_t_control": 1, "settings": settings})
    return _json([data], _read_control, name=control_settings.FILE)


def _read_control(path: Path) -> bool:
    settings, note = control_settings.load(path.parent)
    assert not note or is_sentence(note)
    known = parameters_of(FULL, MODEL)
    for binding in settings.bindings:
        assert source_label(binding.source)
        target = known.find(binding.address)
        for sent in (0.0, 1.0, -1e300, 1e300):
            if target is not None:
                bound_value(binding, target, Touch(sent, 0.5), 0.5)
    signals = [Signal(binding.source, (0.7,)) for binding in settings.bindings]
    check(Dispatcher().apply(FULL, MODEL, signals, settings.bindings).recipe)
    return not note


def _state() -> Reader:
    text = (
        '{"stylegan_t_state": 1, "recipe": "", "options": {"open_sections": ["Prompt"], '
        '"sidebar_em": 24.0, "zoom": 1.5, "capture_format": "jpg", "drawer_em": 13.0}, '
        '"recent_models": ["/a.pkl"], "window": {"width": 900, "height": 700}, "ended": true, '
        '"recent_sessions": ["/a.json"], "session_path": "", "failed_starts": 1}'
    )
    return _json([text], _read_state, name="state.json")


def _read_state(path: Path) -> bool:
    store = Store(path.parent)
    state = store.load()
    assert not store.note or is_sentence(store.note)
    assert store.save(state) is None
    return not store.note


# -- checkpoints -----------------------------------------------------------------------------------


def _checkpoint() -> Reader:
    good: list[bytes] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.safetensors"
        plain = (tiny_model(resolution=8), tiny_model(resolution=8, text=False))
        for model in (*plain, *(recorded(name).model() for name in RELATIVES)):
            save(model, path)
            good.append(path.read_bytes())
    return Reader(
        ".safetensors", tuple(good), checkpoint_damage.damaged, _read_checkpoint, (CheckpointError,)
    )


def _read_checkpoint(path: Path) -> bool:
    model = load(path)
    assert model.anatomy.img_resolution >= 4
    assert len(model.sha256) == 64
    return True


# -- packets ---------------------------------------------------------------------------------------


def _osc() -> Reader:
    return Reader(".osc", osc_damage.good(), osc_damage.damaged, _read_packet, (PacketError,))


def _read_packet(path: Path) -> bool:
    inbox = Inbox(lambda: None)
    for message in decoded(path.read_bytes()):
        inbox.put(Signal(message.address, message.arguments))
    result = Dispatcher().apply(FULL, MODEL, inbox.take(), BINDINGS)
    assert not result.problem or len(result.problem) < 1000
    return sound(result.recipe)


KINDS: dict[str, Callable[[], Reader]] = {
    **{"png": _png, "jpeg": _jpeg, "webp": _webp, "recipe": _recipe, "session": _session},
    **{"timeline": _timeline, "osc": _osc, "latent": _latent, "directions": _directions},
    **{"library": _library, "latents": _latents, "control": _control, "state": _state},
    **{"direction": _direction, "direction array": _direction_array, "means": _means},
    **{"latent directions": _latent_directions},
    **{
        "preset": _preset,
        "clip": _clip,
        "take": _take,
        "checkpoint": _checkpoint,
        "moments": _moments,
    },
}
"""Every kind of input, by its name."""
