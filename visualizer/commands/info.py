"""`stylegan-t info`: what is in a checkpoint."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click
import msgspec

from stylegan_t.demo.built_in import BUILT_IN
from stylegan_t.terminal.console import say
from visualizer.commands.convert import opened

if TYPE_CHECKING:
    from stylegan_t import Generator

LABEL_WIDTH = 15


@click.command()
@click.argument("source", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
def info(source: str, as_json: bool) -> None:
    """Tell what is in a checkpoint: sizes, text tower, card, hash.

    FILE is a .safetensors or a .pkl checkpoint, or "demo".  The whole file is read and checked, and
    nothing in it is run.
    """
    facts = describe(opened(source))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(facts), indent=2).decode())
        return
    for label, value in _lines(facts):
        say((label.ljust(LABEL_WIDTH), "dim"), value)


def describe(generator: Generator) -> dict[str, Any]:
    """Return what is known of a checkpoint, as plain values."""
    config, tower = generator.config, generator.text
    built_in = BUILT_IN.get(generator.source)
    parts = {"mapping": generator.mapping, "synthesis": generator.synthesis}
    if tower is not None:
        parts["text tower"] = tower
    return {
        "file": generator.source,
        "bytes": built_in.file.stat().st_size if built_in else os.path.getsize(generator.source),
        "sha256": generator.sha256,
        "config": msgspec.to_builtins(config),
        "num_ws": config.num_ws,
        "parameters": {
            name: sum(p.numel() for p in part.parameters()) for name, part in parts.items()
        },
        "text_tower": None
        if tower is None
        else {
            "name": tower.name,
            "kind": type(tower).__name__,
            **msgspec.to_builtins(getattr(tower, "config", {})),
        },
        "card": msgspec.to_builtins(generator.card),
        "warning": generator.warning,
    }


def _lines(facts: dict[str, Any]) -> list[tuple[str, str]]:
    config, card, tower = facts["config"], facts["card"], facts["text_tower"]
    counts = facts["parameters"]
    side = config["img_resolution"]
    lines = [("Name", card["name"])]
    lines += [
        (label, card[key])
        for label, key in (
            ("Description", "description"),
            ("Trained on", "training_data"),
            ("Licence", "licence"),
        )
        if card[key]
    ]
    lines += [("Warning", facts["warning"])] if facts["warning"] else []
    lines.append(("File", facts["file"]))
    if facts["bytes"] is not None:
        lines.append(("Size", f"{facts['bytes']:,} bytes"))
    lines += [
        ("SHA-256", facts["sha256"]),
        ("Picture", f"{side} x {side} pixels, {config['img_channels']} channels"),
        ("Latent", f"z of {config['z_dim']} values, {facts['num_ws']} rows of w"),
        ("Text", _text(config, tower)),
        ("Parameters", ", ".join(f"{name} {count:,}" for name, count in counts.items())),
        ("Blocks", _blocks(config)),
    ]
    lines += [(measure, figure) for measure, figure in card["figures"]]
    if card["example_prompts"]:
        lines.append(("Try", card["example_prompts"][0]))
    return lines


def _text(config: dict[str, Any], tower: dict[str, Any] | None) -> str:
    if not config["c_dim"]:
        return "none: the model is unconditional"
    wanted = f"embeddings of {config['c_dim']} values"
    if tower is None:
        return f"{wanted}, but no text tower in the file"
    window = tower.get("context_length") or tower.get("window")
    return f"{wanted} from {tower['name']} ({tower['kind']}, {window} tokens)"


def _blocks(config: dict[str, Any]) -> str:
    blocks = config["num_res_blocks"]
    return (
        f"{blocks} residual block{'s' if blocks > 1 else ''} per resolution, up to "
        f"{min(config['channel_max'], config['channel_base'] // 8)} channels, "
        f"{config['architecture']} colour outputs"
    )
