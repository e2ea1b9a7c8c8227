"""No file that the program opens can make it run code, nor end it by changing while it is read: the
calls for that are not in the source."""

from __future__ import annotations

import ast

import pytest

from tests.source_tree import Source, aliases_of, found_in_files, source, uses

FORBIDDEN_IMPORTS = {"dill", "cloudpickle", "shelve", "marshal", "joblib"}
FORBIDDEN_CALLS = {
    *("eval", "exec", "__import__"),
    *("pickle.load", "pickle.loads", "pickle.Unpickler", "_pickle.load", "_pickle.loads"),
    *("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"),
    *("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load"),
    *("runpy.run_path", "runpy.run_module", "tempfile.mktemp"),
    *("safetensors.safe_open", "safetensors.torch.load_file", "numpy.memmap", "mmap.mmap"),
}
"""The last map a file into memory: if somebody shortens it meanwhile, the process ends (SIGBUS)."""
FORBIDDEN_PREFIXES = ("os.exec", "os.spawn", "torch.storage._load", "torch.hub.")
MUST_BE_TRUE = {"torch.load": "weights_only"}
MUST_BE_FALSE = {
    "numpy.load": "allow_pickle",
    "torch.load": "mmap",
    **{f"subprocess.{name}": "shell" for name in ("run", "call", "Popen")},
    **{f"subprocess.{name}": "shell" for name in ("check_call", "check_output")},
}
"""Keyword arguments that must stand there as literals, or must not."""


def dangers(module: Source) -> list[str]:
    """One sentence for each place in `module` that could run what a file says, or die of it."""
    aliases = aliases_of(module.tree)
    found = [
        f"{module.path} imports {name}"
        for name in sorted(set(aliases.values()))
        if name.split(".")[0] in FORBIDDEN_IMPORTS
    ]
    for name, node, call in uses(module.tree, aliases):
        if name in FORBIDDEN_CALLS or name.startswith(FORBIDDEN_PREFIXES):
            found.append(f"{module.path}:{node.lineno} uses {name}")
        elif name in MUST_BE_TRUE and _given(call, MUST_BE_TRUE[name]) is not True:
            found.append(f"{module.path}:{node.lineno} uses {name} without its safe mode")
        elif name in MUST_BE_FALSE and _given(call, MUST_BE_FALSE[name]) not in (False, None):
            found.append(f"{module.path}:{node.lineno} uses {name} in its unsafe mode")
    return found


def _given(call: ast.Call | None, keyword: str) -> object:
    """The literal that `call` gives for `keyword`; None when absent, "unknown" for the rest."""
    for given in call.keywords if call else ():
        if given.arg == keyword:
            return given.value.value if isinstance(given.value, ast.Constant) else "unknown"
    return None


def test_no_file_can_run_code() -> None:
    assert found_in_files(dangers) == {}


@pytest.mark.parametrize(
    "text",
    [
        "import pickle\npickle.load(open('a', 'rb'))",
        "import pickle as p\np.loads(b'')",
        "from pickle import loads as read\nread(b'')",
        "from pickle import Unpickler\nclass Mine(Unpickler): pass",
        "import dill",
        "from marshal import loads",
        "import torch\ntorch.load('a.pt')",
        "import torch\ntorch.load('a.pt', weights_only=False)",
        "import torch\nreader = torch.load",
        "from torch import load\nload('a.pt', map_location='cpu')",
        "eval('1')",
        "import builtins\nbuiltins.exec('')",
        "run = exec",
        "import os\nos.system('ls')",
        "import os\nos.execvp('ls', [])",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "import subprocess\nsubprocess.Popen('ls', shell=x)",
        "import numpy as np\nnp.load('a.npy', allow_pickle=True)",
        "import yaml\nyaml.load('a')",
        "import torch\ntorch.load('a.pt', weights_only=True, mmap=True)",
        "from safetensors import safe_open\nsafe_open('a', framework='pt')",
        "from safetensors.torch import load_file\nload_file('a')",
    ],
)
def test_the_check_finds_a_danger(text: str) -> None:
    assert len(dangers(source("stylegan_t/a.py", text))) == 1


def test_the_check_lets_safe_code_pass() -> None:
    text = (
        "import re, subprocess, pickletools\nimport numpy as np\nimport torch\n"
        "torch.load('a.pt', weights_only=True)\nre.compile('a')\nmodel.eval()\n"
        "np.load('a.npy')\nsubprocess.run(['ls'], shell=False)\npickletools.genops(b'')\n"
        "def load(path): return path\nload('a')\n"
    )
    assert dangers(source("stylegan_t/a.py", text)) == []
