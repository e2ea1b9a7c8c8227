"""A later stage of training goes on with the discriminator of the stage before."""

from __future__ import annotations

from pathlib import Path

import torch

from stylegan_t.data.sampling import TrainingError
from stylegan_t.discriminator import ProjectedDiscriminator
from stylegan_t.training import state
from stylegan_t.training.options import RunOptions


def inherit_heads(options: RunOptions, discriminator: ProjectedDiscriminator) -> str:
    """Give the discriminator the heads of the run that `options.resume_from` is a snapshot of.

    They are in the training state beside the snapshot.  Where there is none, or one of other
    features, the heads stay as they are.

    Returns:
        What was done, as a sentence for a person.
    """
    assert options.resume_from is not None
    model = Path(options.resume_from)
    path = state.state_beside(model)
    if path is None:
        return (
            "The discriminator starts from scratch: there is no training state beside "
            f"{model.name}."
        )
    heads = discriminator.heads.state_dict()
    try:
        reader = state.StateReader(path)
        before = reader.about.options.features
        if before != options.features:
            return (
                f"The discriminator starts from scratch: that of {path.name} uses {before}, not "
                f"{options.features}."
            )
        found = {name: torch.empty_like(value) for name, value in heads.items()}
        reader.fill("heads/", found)
        reader.close()
    except TrainingError as error:
        return f"The discriminator starts from scratch: {error}"
    discriminator.heads.load_state_dict(found)
    return f"The discriminator goes on from {path.name}."
