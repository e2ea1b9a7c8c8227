"""What a start must not wait for: packages that only some of its work needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = ("torch._dynamo", "torch._inductor", "sympy", "open_clip", "torchvision", "timm")
LATER = ("huggingface_hub", "tensorboard", "webdataset", "torch_fidelity")


@pytest.mark.slow
def test_the_demo_model_opens_without_slow_imports() -> None:
    code = f"""
import sys, stylegan_t, renderer.pipeline.render_thread
model = stylegan_t.load("demo")
model.synthesis(model.mapping(__import__("torch").zeros(1, 64) + 1, model.encode_text(["a boat"])))
print([name for name in {(*SLOW, *LATER)!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
