"""The fate of recipes that were asked for and have no picture on the screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Counts:
    """Since the start: recipes that a newer one replaced before they were begun (`not_begun`), that
    were given up for a newer one (`given_up`), and that were drawn but replaced before anybody took
    their picture (`not_shown`)."""

    not_begun: int = 0
    given_up: int = 0
    not_shown: int = 0
