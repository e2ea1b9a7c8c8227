"""`stylegan-t info`: what is in a checkpoint."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

import click
import msgspec

from stylegan_t.demo.built_in import BUILT_IN
from stylegan_t.terminal.console import say
from visualizer.commands.convert import opened

if TYPE_CHECKING:
    from stylegan_t.network import AnyNetwork

LABEL_WIDTH = 15


@click.command(short_help="Tell what is in a checkpoint.")
@click.argument("source", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
def info(source: str, as_json: bool) -> None:
    """Tell what is in a checkpoint: kind, sizes, what it hears, card, hash.

    FILE is a checkpoint of StyleGAN-T, StyleGAN2, StyleGAN3, StyleGAN-XL or LAFITE (.safetensors,
    .pkl, .pt or .pth), or "demo".  The whole file is read and checked, and nothing in it is run.
    """
    facts = describe(opened(source))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(facts), indent=2).decode())
        return
    for label, value in _lines(facts):
        say((label.ljust(LABEL_WIDTH), "dim"), value)


def describe(network: AnyNetwork) -> dict[str, Any]:
    """Return what is known of a checkpoint, as plain values."""
    anatomy, tower = network.anatomy, network.text
    built_in = BUILT_IN.get(network.source)
    parts = {"mapping": network.mapping, "synthesis": network.synthesis}
    if tower is not None and any(True for _ in tower.parameters()):
        parts["text tower"] = tower
    return {
        "file": network.source,
        "bytes": built_in.file.stat().st_size if built_in else os.path.getsize(network.source),
        "sha256": network.sha256,
        "kind": anatomy.kind,
        "config": msgspec.to_builtins(network.config),
        "anatomy": dataclasses.asdict(anatomy),
        "num_ws": anatomy.num_ws,
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
        "card": msgspec.to_builtins(network.card),
        "warning": network.warning,
    }


def _lines(facts: dict[str, Any]) -> list[tuple[str, str]]:
    anatomy, card = facts["anatomy"], facts["card"]
    counts = facts["parameters"]
    side = anatomy["img_resolution"]
    lines = [("Name", card["name"]), ("Kind", facts["kind"])]
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
        ("Picture", f"{side} x {side} pixels, {anatomy['img_channels']} channels"),
        ("Latent", f"z of {anatomy['z_dim']} values, {anatomy['num_ws']} rows of w"),
        ("Prompts", _heard(anatomy, facts["text_tower"])),
        ("Noise", "yes" if anatomy["has_noise"] else "none: it makes no difference"),
        ("Moved, turned", "yes" if anatomy["has_transform"] else "no: its input is a constant"),
        ("Parameters", ", ".join(f"{name} {count:,}" for name, count in counts.items())),
        ("Blocks", _blocks(anatomy)),
        ("Config", _config(facts["config"])),
    ]
    lines += [(measure, figure) for measure, figure in card["figures"]]
    if card["example_prompts"]:
        lines.append(("Try", card["example_prompts"][0]))
    return lines


def _heard(anatomy: dict[str, Any], tower: dict[str, Any] | None) -> str:
    """Return what the model makes of a prompt."""
    if anatomy["condition"] == "nothing":
        return "none: the model is unconditional"
    if anatomy["condition"] == "classes":
        names = "no names" if tower is None else tower["name"]
        return f"{anatomy['c_dim']} classes, by {names}"
    wanted = f"embeddings of {anatomy['c_dim']} values"
    if tower is None:
        return f"{wanted}, but no text tower in the file"
    window = tower.get("context_length") or tower.get("window")
    return f"{wanted} from {tower['name']} ({tower['kind']}, {window} tokens)"


def _blocks(anatomy: dict[str, Any]) -> str:
    sides, layers = anatomy["blocks"], anatomy["layers"]
    widest = max(layer["channels"] for layer in layers)
    return (
        f"{len(sides)} from {sides[0]} to {sides[-1]} pixels, {len(layers)} layers, up to "
        f"{widest} channels"
    )


def _config(config: dict[str, Any]) -> str:
    """The numbers and words of a config; lists are told elsewhere."""
    listed = (list, tuple, dict)
    return ", ".join(f"{key} {one}" for key, one in config.items() if not isinstance(one, listed))
