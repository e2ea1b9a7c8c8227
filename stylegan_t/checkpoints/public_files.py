"""Public checkpoints whose files are of a kind that opens, and where their owners publish them.

The names are those of the owners' own pages.  No test has any of these files: what is tested are
files of the same layout, and numbers recorded from the owners' code.
"""

from __future__ import annotations

from typing import NamedTuple

NVIDIA = "NVIDIA Source Code License, non-commercial"


class PublicFiles(NamedTuple):
    """Some checkpoints of one owner: kind, names, sides in pixels, page and licence."""

    kind: str
    names: str
    sides: str
    page: str
    licence: str


PUBLIC_FILES = (
    PublicFiles(
        "StyleGAN2 (ADA)",
        "ffhq, metfaces; afhqcat, afhqdog, afhqwild, brecahad; cifar10 (10 classes); "
        "transfer-learning-source-nets/; the paper's sweeps",
        "1024; 512; 32; 256 to 1024",
        "https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/",
        NVIDIA,
    ),
    PublicFiles(
        "StyleGAN2, for StyleGAN3's code",
        "stylegan2-{ffhq,ffhqu,metfaces,metfacesu,afhqv2,afhqcat,afhqdog,afhqwild,brecahad,"
        "celebahq,lsundog}-*, stylegan2-cifar10-32x32 (10 classes)",
        "256, 512, 1024; 32",
        "https://ngc.nvidia.com/catalog/models/nvidia:research:stylegan2",
        NVIDIA,
    ),
    PublicFiles(
        "StyleGAN2, rosinality's",
        "FFHQ, a link without a file name",
        "256",
        "https://github.com/rosinality/stylegan2-pytorch",
        "MIT, with parts under NVIDIA's",
    ),
    PublicFiles(
        "StyleGAN3",
        "stylegan3-{t,r}-{ffhq,ffhqu,metfaces,metfacesu,afhqv2}-*",
        "256, 512, 1024",
        "https://ngc.nvidia.com/catalog/models/nvidia:research:stylegan3",
        NVIDIA,
    ),
    PublicFiles(
        "StyleGAN-XL",
        "imagenet{16,32,64,128,256,512,1024} (1000 classes), cifar10 (10); ffhq{256,512,1024}, "
        "pokemon{256,512,1024}",
        "as named; 32",
        "https://github.com/autonomousvision/stylegan-xl",
        f"{NVIDIA}; MIT for the authors' own part",
    ),
    PublicFiles(
        "LAFITE",
        "five links without file names: MS-COCO (language-free G and NN, with pairs for ViT-B/32, "
        "with pairs for ViT-B/16), CC3M; the last two links are the same",
        "256 (presumably)",
        "https://github.com/drboog/Lafite",
        NVIDIA,
    ),
)
