"""How often a monkey does what."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.monkey import acts, remote_acts, stage_acts
from tests.monkey.acts import Act

ACTS: Sequence[tuple[float, Act]] = (
    (30, acts.click),
    (5, acts.click_anywhere),
    (4, acts.click_work),
    (4, acts.open_tab),
    (5, acts.open_menu),
    (14, acts.drag),
    (6, acts.wheel),
    (3, acts.linger),
    (7, acts.command),
    (7, acts.key),
    (1.5, acts.undo_storm),
    (1, acts.hold),
    (5, acts.type_text),
    (3, acts.paste),
    (5, acts.type_value),
    (4, acts.drop),
    (1, acts.drop_captured),
    (1, acts.drop_and_remove),
    (1.5, acts.open_as_model),
    (1, acts.slow_down),
    (0.2, acts.leave),
    (1.5, acts.resize),
    (1, acts.focus),
    (5, acts.rest),
    (3, remote_acts.turn),
    (1, remote_acts.send_bundle),
    (1.5, remote_acts.send_garbage),
    (3, remote_acts.turn_knobs),
    (3, remote_acts.run_script),
    (0.1, remote_acts.close_by_script),
    (0.3, remote_acts.open_another),
    (4, stage_acts.recall),
    (2, stage_acts.arrange),
    (1.5, stage_acts.recall_from_afar),
    (1.2, stage_acts.record),
    (1.5, stage_acts.show_elsewhere),
    (1.2, stage_acts.send_to_programs),
    (2, stage_acts.swing),
    (2.5, stage_acts.map_something),
    (1.5, stage_acts.keep_time),
    (1, stage_acts.drum),
    (1, stage_acts.sing),
    (2, stage_acts.play_pad),
    (0.5, stage_acts.pull_controller),
    (1.5, stage_acts.change_preset),
    (4, stage_acts.bend),
    (0.8, stage_acts.break_line),
    (0.3, stage_acts.move_renderer),
)


def choose(rng: Random) -> Act:
    """The next act."""
    return rng.choices([act for _, act in ACTS], [weight for weight, _ in ACTS])[0]
