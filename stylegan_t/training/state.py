"""The training state: everything that a run needs to go on, in one file of numbers.

A `training-state-NNNNNN.NNN.safetensors` holds weights, averages, optimizers and positions, and in
its header, as JSON, where the run stands.  Nothing in it is executed.  A file is written beside its
place, brought to the disk and then renamed, so a kill or a power cut leaves whole files only.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import torch
from torch import Tensor, nn

from stylegan_t.data.sampling import TrainingError
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.files import partial_files
from stylegan_t.files.tensors import TensorFile, TensorFileError, save_tensors
from stylegan_t.terminal.wrong_values import in_words
from stylegan_t.training.options import RunOptions

FORMAT = "1"
STATE = "training-state-{}.safetensors"
SAMPLES = "samples"
SNAPSHOT = "network-snapshot-{}.safetensors"
_STATE_NAME = re.compile(r"training-state-(([0-9]{6,9})(?:\.([0-9]{3}))?)\.safetensors")
_SNAPSHOT_NAME = re.compile(r"network-snapshot-([0-9]{6,9}(?:\.[0-9]{3})?)\.safetensors")
_HALF_WRITTEN = (
    *(".training-state-*.safetensors.*", ".network-snapshot-*.safetensors.*"),
    *(".log.jsonl.*.part", "samples/.*.png.*.part"),
    *("samples/.*.txt.*.part", ".options.json.*.part"),
    ".tmp" + "[0-9A-Za-z]" * 6,
)
"""The name that earlier versions gave a file that was being written."""
_MAX_HEADER = 4_000_000
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


class About(msgspec.Struct, frozen=True):
    """The state of a run: steps done, pictures seen, its options, and the prompts of its sheets.

    `keeps_model` is false where the model beside it serves going on only, and goes with the state.
    """

    step: Annotated[int, msgspec.Meta(ge=0)]
    seen: Annotated[int, msgspec.Meta(ge=0)]
    options: RunOptions
    prompts: Annotated[tuple[str, ...], msgspec.Meta(max_length=100)] = ()
    keeps_model: bool = True


_ABOUT = msgspec.json.Decoder(About)


def number_of(seen: int) -> str:
    """The number in a file's name: thousand pictures seen, "000012" or "000012.345"."""
    kimg, rest = divmod(seen, 1000)
    return f"{kimg:06d}" + (f".{rest:03d}" if rest else "")


def write_state(path: Path, tensors: Mapping[str, Tensor], about: About) -> None:
    """Write a training state, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    header = {"training_state": FORMAT, "about": msgspec.json.encode(about).decode()}
    save_tensors(path, tensors, header)


def states_in(folder: Path) -> list[Path]:
    """The training states of a run, newest first."""
    matches = [(m, p) for p in folder.glob("training-state-*") if (m := _match(p))]
    found = [(int(m[2]), int(m[3] or 0), path) for m, path in matches]
    return [path for *_, path in sorted(found, reverse=True)]


def _match(path: Path) -> re.Match[str] | None:
    return _STATE_NAME.fullmatch(path.name)


def snapshot_beside(state: Path) -> Path:
    """The model that was written together with a training state."""
    match = _match(state)
    assert match is not None, "only what `states_in` finds"
    return state.with_name(SNAPSHOT.format(match[1]))


def state_beside(model: Path) -> Path | None:
    """The training state that was written together with a model, where it is still there."""
    match = _SNAPSHOT_NAME.fullmatch(model.name)
    state = model.with_name(STATE.format(match[1])) if match else None
    return state if state is not None and state.is_file() else None


def forget_old(folder: Path, keep: int) -> None:
    """Delete all training states but the newest `keep`, and the models that served only them."""
    for path in states_in(folder)[keep:]:
        model = None if _keeps_model(path) else snapshot_beside(path)
        path.unlink()
        if model is not None:
            model.unlink(missing_ok=True)


def _keeps_model(path: Path) -> bool:
    try:
        return StateReader(path).about.keeps_model
    except TrainingError:
        return True


def sweep(folder: Path) -> None:
    """Delete the half-written files that a killed run left; nothing else writes there."""
    for place in (folder, folder / SAMPLES):
        partial_files.sweep(place, time.time(), 0.0)
    for pattern in _HALF_WRITTEN:
        for path in folder.glob(pattern):
            path.unlink()


class StateReader:
    """An open training state.

    Args:
        path: of the file.

    Raises:
        TrainingError: it cannot be read or is no training state.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._archive = TensorFile(path)
        except (OSError, TensorFileError) as error:
            raise TrainingError(f"{path} is damaged or cannot be read: {error}.") from error
        self._names, header = self._archive.shapes.keys(), self._archive.metadata
        about = header.get("about", "")
        if header.get("training_state") != FORMAT or len(about) > _MAX_HEADER:
            raise TrainingError(
                f"{path} is not a training state that this program can read: remove it from the "
                "folder, or update."
            )
        try:
            self.about = _ABOUT.decode(about)
        except (*BROKEN_JSON, ValueError) as error:
            raise TrainingError(f"The header of {path} is damaged: {in_words(error)}.") from error

    def tensor(self, name: str, like: Tensor) -> Tensor:
        """A tensor of the shape and type of `like`.

        Raises:
            TrainingError: it is missing or another one.
        """
        if name not in self._names:
            raise TrainingError(f"{self.path} lacks {name}, so it belongs to another run.")
        shape, dtype = self._archive.shapes[name], self._archive.dtype(name)
        if shape != like.shape or dtype != like.dtype:
            raise TrainingError(
                f"{name} in {self.path} is {list(shape)} {dtype} instead of {list(like.shape)} "
                f"{like.dtype}, so it belongs to another run."
            )
        try:
            return self._archive.read(name)
        except (TensorFileError, OSError) as error:
            raise TrainingError(f"{self.path} is damaged or cannot be read: {error}.") from error

    def close(self) -> None:
        """Close the file, once all that is wanted was read.

        Raises:
            TrainingError: it changed meanwhile.
        """
        try:
            with self._archive:
                pass
        except (TensorFileError, OSError) as error:
            raise TrainingError(f"{self.path} cannot be used: {error}.") from error

    def has(self, prefix: str) -> bool:
        """Return whether some name begins so."""
        return any(name.startswith(prefix) for name in self._names)

    def fill(self, prefix: str, targets: Mapping[str, Tensor]) -> None:
        """Copy tensors into `targets`, whose names follow the prefix in the file."""
        with torch.no_grad():
            for name, target in targets.items():
                target.copy_(self.tensor(prefix + name, target))

    def fill_optimizer(
        self, prefix: str, optimizer: torch.optim.Adam, named: Mapping[str, nn.Parameter]
    ) -> None:
        """Give Adam its moments back; parameters without any in the file start without."""
        for name, parameter in named.items():
            if not self.has(f"{prefix}{name}/"):
                continue
            state = {"step": torch.zeros(())}
            state |= {m: torch.empty_like(parameter).detach() for m in _MOMENTS[1:]}
            self.fill(f"{prefix}{name}/", state)
            optimizer.state[parameter] = state


def optimizer_tensors(
    prefix: str, optimizer: torch.optim.Adam, named: Mapping[str, nn.Parameter]
) -> dict[str, Tensor]:
    """Adam's moments by the names of the parameters that they are of."""
    return {
        f"{prefix}{name}/{moment}": optimizer.state[parameter][moment]
        for name, parameter in named.items()
        if parameter in optimizer.state
        for moment in _MOMENTS
    }


def with_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors under longer names."""
    return {prefix + name: value for name, value in tensors.items()}
