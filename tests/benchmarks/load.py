"""How long a checkpoint takes to open, and in how much memory: `python -m tests.benchmarks.load`.

Files of one network with random weights are made first: a snapshot as the reference writes it
(G_ema, and G too with --with-g), the native file, and for comparison the same tensors as a plain
state dict that `torch.load` reads.  Each is then opened by fresh processes, in turns.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

import stylegan_t
from stylegan_t.config import PRESETS, GeneratorConfig
from tests.stylegan_t.reference.snapshot import reference_modules


def reference_info(config: GeneratorConfig) -> dict[str, Any]:
    """The constructor arguments of a generator, as the fixtures' JSON files write them."""
    synthesis = {
        "img_channels": config.img_channels,
        "channel_base": config.channel_base,
        "channel_max": config.channel_max,
        "num_fp16_res": 4,
        "num_res_blocks": config.num_res_blocks,
        "architecture": config.architecture,
        "resample_filter": [1, 3, 3, 1],
        "conv_clamp": config.conv_clamp,
        "fp16_channels_last": False,
        "fused_modconv_default": "inference_only",
        "kernel_size": 3,
        "base_mult": 3,
        "use_noise": True,
        "activation": "lrelu",
        "layer_scale_init": config.layer_scale_init,
        "gn_groups": config.gn_groups,
    }
    mapping = {"num_layers": 2, "activation": "lrelu", "lr_multiplier": 0.01, "x_avg_beta": 0.995}
    return {
        "generator_kwargs": {"train_mode": "all", "conditional": bool(config.c_dim)},
        "synthesis_kwargs_with_defaults": synthesis,
        "mapping_kwargs_with_defaults": mapping,
        "z_dim": config.z_dim,
        "c_dim": config.c_dim,
        "w_dim": config.w_dim,
        "num_ws": config.num_ws,
        "img_resolution": config.img_resolution,
        "img_channels": config.img_channels,
        "channels": {str(res): config.channels(res) for res in config.block_resolutions},
        "use_fp16_flag": {str(res): True for res in config.block_resolutions},
    }


def make_files(config: GeneratorConfig, folder: Path, with_g: bool) -> dict[str, Path]:
    """One network in the three kinds of file."""
    import dill

    with reference_modules() as networks, torch.no_grad():
        generator = networks["generator"].Generator(reference_info(config), None)
        for parameter in generator.parameters():
            parameter.normal_()
        payload = {"G": None, "D": None, "G_ema": generator, "training_set_kwargs": {}}
        if with_g:
            payload["G"] = networks["generator"].Generator(reference_info(config), None)
        snapshot = folder / "network-snapshot-000000.pkl"
        with snapshot.open("wb") as file:
            dill.dump(payload, file)
        plain = folder / "state.pt"
        torch.save(generator.state_dict(), plain)
    native = folder / "model.safetensors"
    stylegan_t.save(stylegan_t.load_generator(snapshot), native)
    return {"reference .pkl": snapshot, "native": native, "torch.load": plain}


def open_once(kind: str, path: str) -> None:
    """In a process of its own: open a file and print seconds and megabytes."""
    before = peak_megabytes()
    start = time.perf_counter()
    if kind == "torch.load":
        opened: object = torch.load(path, weights_only=True)
    elif kind == "no hash":
        from stylegan_t.checkpoints import reference

        opened = reference.read(Path(path), lambda share: None)
    else:
        opened = stylegan_t.load_generator(path)
    seconds = time.perf_counter() - start
    assert opened is not None
    print(seconds, peak_megabytes() - before)


def peak_megabytes() -> float:
    """The most memory that this process had so far; getrusage would begin with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="full")
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--with-g", action="store_true", help="put G beside G_ema, as real files do"
    )
    parser.add_argument("--open", nargs=2, metavar=("KIND", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.open:
        open_once(*options.open)
        return
    config = PRESETS[options.preset](options.resolution)
    with tempfile.TemporaryDirectory() as folder:
        files = make_files(config, Path(folder), options.with_g)
        files["no hash"] = files["reference .pkl"]
        rows: dict[str, list[tuple[float, float]]] = {kind: [] for kind in files}
        for _ in range(options.runs):
            for kind, path in files.items():
                command = [sys.executable, "-m", "tests.benchmarks.load", "--open", kind, str(path)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                seconds, megabytes = map(float, done.stdout.split())
                rows[kind].append((seconds, megabytes))
        print(f"{options.preset} {options.resolution}, medians of {options.runs} processes each")
        print(f"{'':16}{'file MB':>10}{'seconds':>10}{'more MB':>10}")
        for kind, figures in rows.items():
            seconds, megabytes = (
                statistics.median(column) for column in zip(*figures, strict=True)
            )
            size = files[kind].stat().st_size / 1e6
            print(f"{kind:16}{size:10.0f}{seconds:10.2f}{megabytes:10.0f}")


if __name__ == "__main__":
    main()
