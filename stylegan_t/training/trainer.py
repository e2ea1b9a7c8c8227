"""A run of adversarial training: steps, logs, and snapshots that survive a kill.

The run's folder holds

* `network-snapshot-NNNNNN.NNN.safetensors`: the averaged model with text tower and card, which the
  window opens; the number are thousand pictures seen;
* `training-state-NNNNNN.NNN.safetensors`: what going on needs (`stylegan_t.training.state`); the
  newest few are kept;
* `samples/`: sheets of the same prompts and latents, and one of real pictures; `options.json`,
  `log.jsonl` and `tensorboard/`.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import torch
from msgspec.structs import replace
from torch import Tensor

from stylegan_t.checkpoints.checkpoint import load_generator, save
from stylegan_t.checkpoints.weights import CheckpointError
from stylegan_t.config import DEMO
from stylegan_t.data.loader import AHEAD, Loader
from stylegan_t.data.open_source import open_source
from stylegan_t.data.sampling import TrainingError, split_batch
from stylegan_t.data.sources import Pictures, Wanted
from stylegan_t.files.whole import whole_file
from stylegan_t.generator import Generator
from stylegan_t.terminal.visible import visible
from stylegan_t.training import state
from stylegan_t.training.adversarial import Adversarial
from stylegan_t.training.inherited import inherit_heads
from stylegan_t.training.logs import RunLog, time_left
from stylegan_t.training.options import CLIP, RunOptions, check_same
from stylegan_t.training.players import assemble, new_generator
from stylegan_t.training.processes import Processes
from stylegan_t.training.run_folder import RunFolder, recorded_options
from stylegan_t.training.sheets import PROMPTS, real_sheet, sample_sheet, write_png
from stylegan_t.training.stopping import StopRequest

Report = Callable[[str], None]


class Trainer:
    """One run, alone or as one of several processes; it goes on where its folder's state says.

    Nothing is written before `run`.

    Args:
        options: what to do.
        report: shows a line to a person; only the first process has something to say.

    Raises:
        TrainingError: the run cannot start, or its folder is another run's.
    """

    def __init__(self, options: RunOptions, report: Report = print) -> None:
        self.options, self._report = options, report
        self.processes = Processes(options.device)
        self.split = split_batch(options.batch, self.processes.world, options.batch_per_gpu)
        self.groups = self.split.of_rank(self.processes.rank)
        self.out = Path(options.out)
        self.step = self.seen = self.ended_by = 0
        self._prompts: tuple[str, ...] = ()
        self.begins: list[str] = []
        """Sentences on what the run begins with."""
        self._found = state.states_in(self.out)[:1]
        self._shows, self._noted = False, [0, 0]
        reader = self._newest_state()
        generator = new_generator(options) if reader is None else self._beside(reader)
        self.players = assemble(generator, options, self.processes.device)
        self.game = Adversarial(self.players, options, self.split, self.processes)
        self.source = open_source(options.data, self._wanted())
        self._tell_players()
        if reader is not None:
            self._restore(reader)
        elif options.resume_from is not None:
            self.begins.append(inherit_heads(options, self.players.discriminator))
        ahead = 0 if options.data == DEMO else AHEAD
        self.loader = Loader(self.source, self.groups, ahead)
        self._agree()

    @property
    def total(self) -> int:
        """Pictures that the whole run sees."""
        return round(self.options.kimg * 1000)

    def _wanted(self) -> Wanted:
        options = self.options
        return Wanted(
            self.split.groups,
            options.resolution,
            options.seed,
            options.workers,
            self.processes.device,
        )

    # -- going on -------------------------------------------------------------------------------

    def _newest_state(self) -> state.StateReader | None:
        """The newest training state that can be read; None in a new folder."""
        trouble: TrainingError | None = None
        for path in state.states_in(self.out):
            try:
                reader = state.StateReader(path)
            except TrainingError as error:
                trouble = trouble or error
                self._say(f"{error} Searching for an older state.")
            else:
                check_same(reader.about.options, self.options)
                return reader
        if trouble is not None:
            raise trouble
        before = recorded_options(self.out)
        if before is not None and any(self.out.glob(state.SNAPSHOT.format("*"))):
            check_same(before, self.options)  # it would write over models of another run
        return None

    def _tell_players(self) -> None:
        options, tower = self.options, self.players.reader
        learned = ", which have learned nothing" if options.features.startswith("random") else ""
        self.begins = [
            f"Preset: {options.preset}.",
            f"Text tower: {tower.name}, {tower.c_dim} values.",
            f"The discriminator's features come from {options.features}{learned}.",
        ]
        if options.data != DEMO and options.text_tower == DEMO:
            self.begins.append(
                "The text tower knows the words of the demo world only: give another with "
                f"--text-tower, such as {CLIP}, for captions of your own."
            )

    def _beside(self, reader: state.StateReader) -> Generator:
        """The model that belongs to a state: its sizes, text tower and card."""
        try:
            return load_generator(state.snapshot_beside(reader.path))
        except CheckpointError as error:
            raise TrainingError(f"{reader.path} needs the model beside it: {error}") from error

    def _agree(self) -> None:
        """Wait until all processes have looked for a state; all must have found the same."""
        steps = self.processes.gather_rows(torch.tensor([[self.step]])).unique()
        if len(steps) > 1:
            raise TrainingError(
                f"Not every process sees the same training state in {self.out}: the folder must "
                "be on a disk that all machines share."
            )

    def _restore(self, reader: state.StateReader) -> None:
        game, players = self.game, self.players
        for prefix, targets in self._networks().items():
            reader.fill(prefix, targets)
        reader.fill_optimizer("optimizer_g/", game.optimizer_g, players.trained)
        reader.fill_optimizer("optimizer_d/", game.optimizer_d, self._heads)
        positions = torch.zeros(self.split.groups, 3, dtype=torch.int64)
        reader.fill("", {"positions": positions})
        reader.close()
        self.source.seek(positions)
        about = reader.about
        self.step, self.seen, self._prompts = about.step, about.seen, about.prompts
        self._say(f"Continuing from {reader.path.name}, at {self.seen / 1000:.1f} kimg.")

    @property
    def _heads(self) -> dict[str, torch.nn.Parameter]:
        return dict(self.players.discriminator.heads.named_parameters())

    def _networks(self) -> dict[str, dict[str, Tensor]]:
        """Every tensor of a network that a state keeps, by prefix.

        A frozen text tower is in the model beside it.
        """
        players = self.players
        trains_text = self.options.mode == "text-encoder"
        ours = players.generator.state_dict()
        ours = {k: v for k, v in ours.items() if trains_text or not k.startswith("text.")}
        # What is not trained, the average shares with the generator.
        shared = {v.data_ptr() for v in ours.values()}
        theirs = players.average.state_dict()
        networks = {
            "generator/": ours,
            "average/": {k: theirs[k] for k in ours if theirs[k].data_ptr() not in shared},
            "heads/": players.discriminator.heads.state_dict(),
        }
        if trains_text:
            networks["reader/"] = players.reader.state_dict()
        return networks

    def state_tensors(self) -> dict[str, Tensor]:
        """All that a state keeps, but for the positions."""
        tensors: dict[str, Tensor] = {}
        for prefix, network in self._networks().items():
            tensors |= state.with_prefix(prefix, network)
        game, players = self.game, self.players
        tensors |= state.optimizer_tensors("optimizer_g/", game.optimizer_g, players.trained)
        tensors |= state.optimizer_tensors("optimizer_d/", game.optimizer_d, self._heads)
        return tensors

    # -- running --------------------------------------------------------------------------------

    def run(self) -> bool:
        """Train to the end, or until asked to stop.

        Returns:
            Whether the end was reached.

        Raises:
            TrainingError: the data gives nothing any more.
            OSError: a file cannot be written.
        """
        folder = self._open_folder()
        log = None
        try:
            log = self._open_log()
            with StopRequest() as stop:
                return self._steps(log, stop)
        finally:
            self.loader.close()
            if log is not None:
                log.close()
            if folder is not None:
                folder.close()

    def _steps(self, log: RunLog | None, stop: StopRequest) -> bool:
        """Step after step; whether the end was reached."""
        meter, saved, saved_at = _Meter(self.seen), self.seen, time.monotonic()
        while self.seen < self.total:
            meter.add(self.train_step())
            over = self.processes.any(stop.asked)
            ends = over or self.seen >= self.total
            if ends or self.step % self.options.log_every == 0:
                self._tell(meter, log)
            regular = ends or self._due(saved)
            if regular or self._late(saved_at):
                self.snapshot(regular)
                saved, saved_at = self.seen, time.monotonic()
            if over:
                self.ended_by = stop.number or signal.SIGTERM  # another process was asked
                self._say(f"Stopped: {stop.name or 'another process was asked to'}.")
                return False
        return True

    def train_step(self) -> dict[str, Tensor]:
        """One step on every process; see `Adversarial.step`."""
        pictures = self.loader.next()
        self._prompts = self._prompts or self._choose_prompts(pictures)
        self._show_start(pictures)
        stats = self.game.step(self.step, self.seen, pictures)
        self.step += 1
        self.seen += self.split.batch
        return stats

    def _choose_prompts(self, pictures: Pictures) -> tuple[str, ...]:
        """Return what the sheets show: the card's examples, or the first captions."""
        examples = self.players.generator.card.example_prompts
        return tuple((*examples, *pictures.captions)[:PROMPTS])

    def _due(self, saved: int) -> bool:
        every = max(1, round(self.options.snapshot_kimg * 1000))
        return self.seen // every > saved // every

    def _late(self, saved_at: float) -> bool:
        """Return whether a kill would lose too much time by now; the first process decides."""
        late = time.monotonic() - saved_at > 60 * self.options.snapshot_minutes
        return self.processes.any(self.processes.first and late)

    def _open_folder(self) -> RunFolder | None:
        """Have the run's folder for this run alone, on the first process."""
        if not self.processes.first:
            return None
        folder = RunFolder(self.out, self.options)
        if state.states_in(self.out)[:1] != self._found:
            folder.close()
            raise TrainingError(
                f"Another run has gone on in {self.out} meanwhile: give the command again."
            )
        return folder

    def _open_log(self) -> RunLog | None:
        """Open the logs, on the first process."""
        if not self.processes.first:
            return None
        (self.out / state.SAMPLES).mkdir(exist_ok=True)
        state.sweep(self.out)
        self._shows = True
        log = RunLog(self.out, self.step, self._report)
        for line in (f"Training data: {self.source.title}.", *self.begins):
            log.say(line)
        return log

    def _show_start(self, pictures: Pictures) -> None:
        """Sheets of what is trained on, and of what is drawn before anything was learned."""
        real = self.out / state.SAMPLES / "real.png"
        if self._shows and not real.exists():
            write_png(real, real_sheet(pictures.images))
            if not self.seen:
                self._draw_sheet(state.number_of(0))
        self._shows = False

    def _tell(self, meter: _Meter, log: RunLog | None) -> None:
        values = meter.means(self.processes)
        rate, noted = meter.rate(self.seen), self.noted(news=True)
        if log is None:
            return
        log.write(self.step, self.seen, {**values, "img_s": rate})
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        left = time_left(max(self.total - self.seen, 0) / max(rate, 1e-9))
        log.say(
            f"{self.seen / 1000:.1f} / {self.options.kimg:g} kimg  {numbers}  "
            f"{rate:.1f} img/s  {left} left"
        )
        for line in noted:
            log.say(line)

    def _say(self, line: str) -> None:
        if self.processes.first:
            self._report(line)

    # -- snapshots ------------------------------------------------------------------------------

    def snapshot(self, keeps_model: bool = True) -> None:
        """Write the averaged model, a sheet and the training state, each whole or not at all.

        Args:
            keeps_model: whether the model stays when the state is no longer one of the newest.

        Raises:
            OSError: one cannot be written.
        """
        positions = self.processes.gather_rows(self.loader.positions)
        if self.processes.first:
            number = state.number_of(self.seen)
            average = self.players.average
            if not average.card.example_prompts:
                average.card = replace(average.card, example_prompts=self._prompts)
            save(average, self.out / state.SNAPSHOT.format(number))
            tensors = {**self.state_tensors(), "positions": positions}
            about = state.About(self.step, self.seen, self.options, self._prompts, keeps_model)
            state.write_state(self.out / state.STATE.format(number), tensors, about)
            state.forget_old(self.out, self.options.keep_states)
            self._draw_sheet(number)
        self.processes.wait()

    def _draw_sheet(self, number: str) -> None:
        folder = self.out / state.SAMPLES
        sheet = sample_sheet(self.players.average, self._prompts, self.options.seed)
        write_png(folder / f"sheet-{number}.png", sheet)
        prompts = "".join(f"{visible(line)}\n" for line in self._prompts)
        with whole_file(folder / "prompts.txt") as file:
            file.write(prompts.encode())

    def noted(self, news: bool = False) -> list[str]:
        """Return sentences about pictures that were skipped or enlarged; on every process at once.

        Args:
            news: only what has at least doubled since it was told.
        """
        sentences = []
        for kind, notes in enumerate((self.source.skipped, self.source.enlarged)):
            total = len(self.processes.gather_rows(notes.hashes()).unique())
            if total and not (news and total < 2 * self._noted[kind]):
                self._noted[kind] = total
                sentences.append(notes.sentence(total))
        return sentences

    def close(self) -> None:
        """Stop reading, and part from the other processes."""
        self.loader.close()
        self.processes.close()


class _Meter:
    """Means of what steps tell, and the speed, since they were last asked for."""

    def __init__(self, seen: int) -> None:
        self._sums: dict[str, Tensor] = {}
        self._count, self._seen = 0, seen
        self._since = time.perf_counter()

    def add(self, values: dict[str, Tensor]) -> None:
        """Add what one step told."""
        self._count += 1
        for name, value in values.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value.clone()

    def means(self, processes: Processes) -> dict[str, float]:
        """Means over the steps and the processes."""
        tensors = [value / self._count for value in self._sums.values()]
        processes.average(tensors)
        names = list(self._sums)
        self._sums, self._count = {}, 0
        return {name: float(value) for name, value in zip(names, tensors, strict=True)}

    def rate(self, seen: int) -> float:
        """Pictures a second."""
        now = time.perf_counter()
        rate = (seen - self._seen) / max(now - self._since, 1e-9)
        self._seen, self._since = seen, now
        return rate
