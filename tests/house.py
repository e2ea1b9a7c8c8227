"""The map of the house: which wings there are, in order, and what breaks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from tests.source_tree import PACKAGES, Import, Source, modules_meant

HOUSE: Mapping[str, tuple[str, ...]] = {
    "stylegan_t": (
        "errors progress lru_cache extent process_group",
        "card config noise augment files terminal",
        "layers encoders",
        "network fourier_input",
        "generator discriminator losses demo",
        "family",
        "checkpoints inference data",
        "metrics",
        "training",
    ),
    "renderer": (
        "errors",
        "recipe",
        "timeline frame",
        "parameters models files",
        "pipeline",
        "remote",
    ),
    "widgets": (
        "output",
        "scopes actions letters",
        "theme",
        "context",
        "controls",
        "model mixing",
        "picture",
        "prompt latent tabs",
        "sections chrome",
    ),
    "visualizer": (
        "errors options",
        "session",
        "window sinks",
        "services",
        "instruments control",
        "music",
        "app",
        "commands scripting",
        "cli",
        "__main__",
    ),
}
"""Every wing, a folder or a file of its package, from the ground up.

A wing imports from itself, from floors below its own and from packages to the left; those on one
floor know nothing of each other.
"""
SLOW = {
    *("torch", "numpy", "PIL", "av", "OpenGL", "imgui_bundle", "glfw", "tqdm", "triton"),
    *("huggingface_hub", "platformdirs", "open_clip", "timm", "msgspec"),
}
"""What takes long enough to import that a module may put it off; extras may be missing, too."""


def floors() -> dict[tuple[str, str], int]:
    """(package, wing) -> its floor, 0 the lowest."""
    return {
        (package, wing): floor
        for package, rows in HOUSE.items()
        for floor, row in enumerate(rows)
        for wing in row.split()
    }


def wing_of(name: str) -> tuple[str, str]:
    """The package and the wing of a module; a package's own `__init__` has the wing ""."""
    package, _, rest = name.partition(".")
    return package, rest.partition(".")[0]


def homeless(modules: Iterable[Source]) -> list[str]:
    """Modules that stand in no wing."""
    known = floors()
    places = [(module.path, wing_of(module.name)) for module in modules]
    return [path for path, place in places if place[1] and place not in known]


def arrows_back(modules: Sequence[Source]) -> list[str]:
    """One sentence for each import of a wing that stands on the same floor or above."""
    known, found = floors(), list[str]()
    for module, item, name in _arrows(modules):
        own, other = wing_of(module.name), wing_of(name)
        if own[0] != other[0] or own == other or own not in known or other not in known:
            continue
        if known[other] >= known[own]:
            found.append(f"{module.path}:{item.line} imports {name}")
    return found


def circles(modules: Sequence[Source]) -> list[list[str]]:
    """Modules that reach themselves again through imports, those inside functions too."""
    ahead: dict[str, set[str]] = {module.name: set() for module in modules}
    for module, _, name in _arrows(modules):
        if name in ahead and name != module.name:
            ahead[module.name].add(name)
    reach = {name: _reached(name, ahead) for name in ahead}
    found = {
        tuple(sorted(other for other in reach[name] if name in reach[other]))
        for name in ahead
        if name in reach[name]
    }
    return [list(circle) for circle in sorted(found)]


def late_without_reason(modules: Sequence[Source]) -> list[str]:
    """Imports inside functions without a comment at them, or that put nothing off."""
    loads = _loads(modules)
    found = []
    for module, item, name in _arrows(modules, of_project=False):
        if not item.late:
            continue
        place = f"{module.path}:{item.line} imports {name}"
        if not item.reason:
            found.append(f"{place} inside a function without saying why")
        top = name.split(".")[0]
        if top in PACKAGES and not loads(name) - loads(module.name):
            found.append(f"{place} inside a function, which saves nothing")
    return found


def _arrows(
    modules: Sequence[Source], of_project: bool = True
) -> Iterator[tuple[Source, Import, str]]:
    """(module, import, full name of the module that it means)."""
    known = frozenset(module.name for module in modules)
    for module in modules:
        for item, name in modules_meant(module, known):
            if not of_project or item.top in PACKAGES:
                yield module, item, name


def _reached(start: str, ahead: Mapping[str, set[str]]) -> set[str]:
    seen, todo = set[str](), list(ahead[start])
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += ahead[name]
    return seen


class _loads:  # noqa: N801 - called like the function that it is
    """The slow packages that importing a module brings in, with all that it imports at its top."""

    def __init__(self, modules: Sequence[Source]) -> None:
        self._ahead: dict[str, set[str]] = {module.name: set() for module in modules}
        for module, item, name in _arrows(modules, of_project=False):
            if not item.late and not item.for_types_only:
                self._ahead[module.name].add(name)
        self._known = lru_cache(maxsize=None)(self._slow)

    def __call__(self, name: str) -> frozenset[str]:
        return self._known(name)

    def _slow(self, name: str) -> frozenset[str]:
        seen, todo = set[str](), [name]
        while todo:
            parts = todo.pop().split(".")
            for length in range(1, len(parts) + 1):  # a package runs before what is in it
                part = ".".join(parts[:length])
                if part not in seen:
                    seen.add(part)
                    todo += self._ahead.get(part, ())
        return frozenset(part for part in seen if part in SLOW)
