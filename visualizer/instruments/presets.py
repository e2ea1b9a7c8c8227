"""Presets: saves what a performer has set up as one file, loads it again, and takes that back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace as with_name
from pathlib import Path

import msgspec
from msgspec import Raw

from renderer.files.atomic import write_file
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.session.preset_file import Parts, encode_preset, read_preset
from widgets.chrome.preset_menu import (
    BrowsePreset,
    OpenPreset,
    PresetsView,
    SavePreset,
    UndoPreset,
)


class Presets(Instrument):
    """Hands each instrument its part of a preset.

    Args:
        desk: what instruments work with.
        instruments: whose parts presets have.
    """

    def __init__(self, desk: Desk, instruments: Sequence[Instrument]) -> None:
        super().__init__(desk)
        self._instruments = [one for one in instruments if one.preset_name]
        self._before: tuple[str, Parts] | None = None

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the menu and dropped files ask for."""
        return (
            on(BrowsePreset, lambda _: self._browse()),
            on(OpenPreset, lambda action: self._open(Path(action.path))),
            on(SavePreset, lambda _: self._save_as()),
            on(UndoPreset, lambda _: self._take_back()),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the menu shows."""
        yield PresetsView("" if self._before is None else self._before[0])

    def parts(self) -> Parts:
        """Return what a preset would hold now."""
        found = {one.preset_name: one.preset() for one in self._instruments}
        return {
            name: Raw(msgspec.json.encode(part)) for name, part in found.items() if part is not None
        }

    def take(self, parts: Parts, name: str) -> None:
        """Set everything up as a preset has it; what it lacks or cannot be used stays as it is.

        Args:
            parts: of the preset.
            name: of the preset, for people.
        """
        self._before = (name, self.parts())
        told = self._hand_out(parts)
        if told:
            text = f"Part of the preset {name} could not be used. {' '.join(told)}"
            self.desk.session.say(text, "warning")
        else:
            self.desk.session.say(f"Loaded the preset {name}.", "good")

    def _hand_out(self, parts: Parts) -> list[str]:
        told = [
            one.take_preset(parts[one.preset_name])
            for one in self._instruments
            if one.preset_name in parts
        ]
        return [sentence for sentence in told if sentence]

    def _take_back(self) -> None:
        if self._before is not None:
            (name, parts), self._before = self._before, None
            self._hand_out(parts)
            self.desk.session.say(f"Everything is set up as before the preset {name}.", "good")

    def _browse(self) -> None:
        self.desk.dialogs.ask(dialogs.PRESET, self.desk.session.capture_folder, self._open)

    def _open(self, path: Path) -> None:
        def done(parts: Parts) -> None:
            self.take(parts, path.stem)

        self.desk.background.run(lambda: read_preset(path), done, self._failed)

    def _save_as(self) -> None:
        data = encode_preset(self.parts())

        def write(path: Path) -> None:
            def done(_: None) -> None:
                self.desk.session.say(f"Saved the preset {path.name}.", "good")

            work = lambda: write_file(path, data, overwrite=True)  # noqa: E731
            self.desk.background.run(work, done, self._failed)

        question = with_name(dialogs.SAVE_PRESET, name="stage.json")
        self.desk.dialogs.ask(question, self.desk.session.capture_folder, write)

    def _failed(self, sentence: str) -> None:
        self.desk.session.say(sentence, "error")
