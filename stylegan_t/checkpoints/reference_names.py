"""The names that snapshots of the reference code may mention, and those that none does.

Names are compared whole, module and name: a prefix such as `torch.` also covers functions that
run whatever they are given.  None of them is ever imported; the lists only say which nodes of a
snapshot are understood.
"""

from __future__ import annotations

from collections.abc import Iterable

from stylegan_t.checkpoints.pickle_nodes import Global

Name = tuple[str, str]


def _words(text: str) -> list[str]:
    return text.split()


def names(module: str, listed: str) -> set[Name]:
    """Full names of what a module holds, listed as words."""
    return {(module, name) for name in _words(listed)}


GENERATOR: Name = ("networks.generator", "Generator")
CLIP_WRAPPER: Name = ("networks.clip", "CLIP")
CLIP_MODEL: Name = ("open_clip.model", "CLIP")
QUICK_GELU: Name = ("open_clip.transformer", "QuickGELU")
GROUP_NORM: Name = ("networks.generator", "GroupNorm32")
SYNTHESIS_LAYER: Name = ("networks.generator", "SynthesisLayer")
TO_RGB: Name = ("networks.generator", "ToRGBLayer")
SYNTHESIS_INPUT: Name = ("networks.generator", "SynthesisInput")
ORDERED_DICT: Name = ("collections", "OrderedDict")
PARAMETER: Name = ("torch._utils", "_rebuild_parameter")
PARAMETER_WITH_STATE: Name = ("torch._utils", "_rebuild_parameter_with_state")
TENSOR: Name = ("torch._utils", "_rebuild_tensor_v2")
STORAGE: Name = ("torch.storage", "_load_from_bytes")
ENCODE: Name = ("_codecs", "encode")
LOAD_TYPE: Name = ("dill._dill", "_load_type")
DTYPE: Name = ("numpy", "dtype")
SCALARS: tuple[Name, ...] = (
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "scalar"),
)
NUMPY_ARRAYS: tuple[Name, ...] = (
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.numeric", "_frombuffer"),
    ("numpy._core.numeric", "_frombuffer"),
)
PERSISTENT: Name = ("torch_utils.persistence", "_reconstruct_persistent_obj")
"""Makes the networks of StyleGAN2, 3, XL and LAFITE, from source code that stands in the file."""
EASY_DICT: Name = ("dnnlib.util", "EasyDict")
GET_ATTRIBUTE: Name = ("dill._dill", "_get_attr")
IMPORT_MODULE: Name = ("dill._dill", "_import_module")
NEW_OBJECT: Name = ("copyreg", "__newobj__")
RECONSTRUCTOR: Name = ("copyreg", "_reconstructor")

MODULES = (
    names(
        "networks.generator",
        "Generator GroupNorm32 MappingNetwork StyleSplit SynthesisBlock SynthesisInput "
        "SynthesisLayer SynthesisNetwork ToRGBLayer",
    )
    | names("networks.shared", "FullyConnectedLayer MLP")
    | {CLIP_WRAPPER, CLIP_MODEL}
    | names(
        "open_clip.transformer",
        "LayerNorm LayerNormFp32 LayerScale QuickGELU ResidualAttentionBlock Transformer",
    )
    | names("torch.nn.modules.container", "ModuleList ModuleDict Sequential")
    | names("torch.nn.modules.linear", "Identity Linear NonDynamicallyQuantizableLinear")
    | names("torch.nn.modules.normalization", "GroupNorm LayerNorm")
    | names("torch.nn.modules.activation", "GELU MultiheadAttention")
    | names("torch.nn.modules.sparse", "Embedding")
    | names("torch.nn.modules.dropout", "Dropout")
    | names("torchvision.transforms.transforms", "Normalize")
)
"""Classes of network parts that a generator and its text tower consist of."""

FAMILY_GENERATORS = frozenset(_words("Generator SuperresGenerator"))
FAMILY_CLASSES = FAMILY_GENERATORS | frozenset(
    _words(
        "MappingNetwork SynthesisNetwork SynthesisBlock SynthesisLayer ToRGBLayer "
        "FullyConnectedLayer Conv2dLayer SynthesisInput"
    )
)
"""Classes that the generators of StyleGAN2, 3, XL and LAFITE consist of; only their names count."""
FAMILY_MODULES = frozenset(
    _words("networks networks_stylegan2 networks_stylegan3 networks_stylegan3_resetting stylegan2")
)
"""Last parts of the modules in which forks keep these classes, where they pickle them plainly."""
PERSISTENT_VERSION = 6
"""Of the way in which persistent networks are written; the same in all four."""

KNOWN = (
    MODULES
    | {ORDERED_DICT, PARAMETER, PARAMETER_WITH_STATE, TENSOR, STORAGE, ENCODE}
    | {NEW_OBJECT, RECONSTRUCTOR, LOAD_TYPE, DTYPE, *SCALARS, *NUMPY_ARRAYS}
    | {PERSISTENT, EASY_DICT}
    | names("builtins", "object set frozenset")
    | names("numpy", "ndarray")
    | names("dill._dill", "_create_array")
    | names("torch", "Size dtype device float16 float32 float64 bfloat16")
    | names("torch.nn.parameter", "Parameter")
)
"""Everything that may be reached from G_ema."""

TYPES = frozenset(_words("set frozenset object dict list tuple int float bool str bytes"))
"""Types that dill's `_load_type` may be asked for by what is reached from G_ema."""

HARMFUL_MODULES = frozenset(
    _words(
        "os posix nt subprocess _posixsubprocess pty commands popen2 shutil sys socket _socket "
        "ctypes _ctypes cffi runpy code codeop bdb pdb profile cProfile timeit trace webbrowser "
        "antigravity pip pydoc doctest marshal pickle _pickle shelve imp zipimport signal "
        "multiprocessing asyncio urllib http ftplib smtplib xmlrpc requests site venv ensurepip "
        "distutils setuptools pkg_resources idlelib lib2to3 tkinter turtle joblib sqlite3 sklearn "
        "pandas bz2 gzip lzma zipfile tarfile tempfile _sqlite3"
    )
)
"""Top-level modules that no snapshot names, wherever in the file."""

HARMFUL = (
    names("builtins", "eval exec compile open input breakpoint __import__ globals locals vars")
    | names("builtins", "execfile file apply reload")
    | names("importlib", "import_module reload __import__")
    | names("importlib._bootstrap", "__import__ _call_with_frames_removed")
    | names("io", "open open_code FileIO")
    | names("_io", "open open_code FileIO")
    | names("codecs", "open")
    | names("logging", "FileHandler config handlers")
    | names("torch", "load hub compile jit ops classes library _classes _ops")
    | names("torch.serialization", "load _load _legacy_load")
    | names("torch.jit", "load")
    | names("torch.jit._serialization", "load")
    | names("dill", "load loads session")
    | names("dill._dill", "load loads Unpickler Pickler _eval_repr")
    | names("numpy", "load fromfile loadtxt genfromtxt memmap save savez")
)
"""Single names that no snapshot mentions, wherever in the file."""

HARMFUL_PREFIXES = (
    *("numpy.testing", "numpy.f2py", "numpy.distutils", "numpy.ctypeslib", "numpy.lib.npyio"),
    *(
        "torch.hub",
        "torch.package",
        "torch.utils.cpp_extension",
        "torch.utils.model_zoo",
        "torch.utils.collect_env",
    ),
    *("torch.distributed.rpc", "torch.multiprocessing", "torch.testing", "torch._inductor"),
    *("torch._dynamo", "torch.fx", "torch.ops", "torch.library", "dill.session"),
)
HARMFUL_PARTS = frozenset(
    _words(
        "system popen spawn exec eval execve os sys subprocess __globals__ __subclasses__ "
        "__builtins__ __import__ __code__ __getattribute__ __reduce__ __reduce_ex__ __call__"
    )
)
"""Parts of dotted names that reach from a harmless module to a harmful one."""


def family_class(name: Global) -> Name | None:
    """Return the kind of a part of StyleGAN2, 3, XL or LAFITE that is pickled plainly, or None."""
    if name.name in FAMILY_CLASSES and name.module.rpartition(".")[2] in FAMILY_MODULES:
        return PERSISTENT[0], name.name
    return None


def harmful(found: Iterable[Global]) -> Global | None:
    """The first name that no snapshot needs and that is good for harm, or None."""
    return next((name for name in found if _is_harmful(name)), None)


def _is_harmful(name: Global) -> bool:
    modules, parts = name.module.split("."), name.name.split(".")
    if modules[0] in HARMFUL_MODULES or HARMFUL_PARTS.intersection(modules[1:]):
        return True
    if name.module.startswith(HARMFUL_PREFIXES):
        return True
    if len(parts) > 1 and HARMFUL_PARTS.intersection(parts):
        return True
    return name.key in HARMFUL or (name.module, parts[0]) in HARMFUL
