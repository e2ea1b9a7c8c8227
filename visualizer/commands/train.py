"""`stylegan-t train`: the training command of `stylegan_t.training`, in this process."""

from __future__ import annotations

import click


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def train(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Train a StyleGAN-T on captioned pictures."""
    # the options of training, for this command alone
    from stylegan_t.training.command import train as command

    with command.make_context("train", list(arguments), parent=ctx.parent) as own:
        command.invoke(own)
