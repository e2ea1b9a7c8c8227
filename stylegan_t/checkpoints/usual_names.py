"""The names that real snapshots mention outside their generator, and what to say of all others.

Nothing that a snapshot names is ever looked up here, but opening it with Python's pickle runs
it.  Names that can only do harm are refused (`stylegan_t.checkpoints.reference_names`); a list of
evils is never whole, so that whatever is not on the list of what snapshots hold is told.
"""

from __future__ import annotations

from collections.abc import Iterable

from stylegan_t.checkpoints import reference_names as names
from stylegan_t.checkpoints.pickle_nodes import Call, Global
from stylegan_t.errors import enumerated
from stylegan_t.terminal.visible import visible

SHOWN = 5
_CLASSES_OF = (
    *("networks.", "dnnlib.", "training.", "torch_utils."),  # the reference's own
    *("torch.nn.modules.", "torch.nn.utils.spectral_norm", "torch.nn.parameter", "torch.optim."),
    *("timm.layers.", "timm.models.", "open_clip.", "torchvision.transforms."),
    *("pg_modules.", "feature_networks."),  # of StyleGAN-XL's discriminators
)
"""Packages whose classes the networks, their optimizers and their tokenizers are made of."""
_FUNCTIONS_OF = ("networks.",)
"""Packages whose functions are bound to instances, or hooked into them."""
_USUAL = (
    names.KNOWN
    | names.names("builtins", "getattr setattr list dict tuple int float bool str bytes type slice")
    | names.names("builtins", "range complex")
    | names.names("collections", "defaultdict OrderedDict deque Counter")
    | names.names("collections.abc", "Callable Iterable Mapping Sequence")
    | names.names("_abcoll", "Callable Iterable Mapping Sequence")
    | names.names("typing", "Any Callable Dict List Optional Tuple Union")
    | names.names("functools", "partial")
    | names.names("types", "MethodType SimpleNamespace")
    | names.names("_operator", "getitem")
    | names.names("operator", "getitem")
    | names.names("__future__", "_Feature")
    | names.names("_frozen_importlib", "ModuleSpec")
    | names.names("_frozen_importlib_external", "SourceFileLoader")
    | names.names("dill", "_dill")
    | names.names("dill._dill", "_create_cell _create_code _create_function _create_type _get_attr")
    | names.names("dill._dill", "_import_module _load_type _create_array")
    | names.names("easydict", "EasyDict")
    | names.names("argparse", "Namespace")
    | names.names("pathlib", "Path PosixPath PurePosixPath PureWindowsPath WindowsPath")
    | names.names("regex._regex", "compile")
    | names.names("re", "_compile")
    | names.names("open_clip.tokenizer", "_clean_lower _clean_whitespace tokenize basic_clean")
    | names.names("timm.layers.norm", "LayerNorm.forward")
    | names.names("torch", "Tensor Generator int64 int32 uint8 bool channels_last")
    | names.names("torch", "FloatStorage HalfStorage BFloat16Storage LongStorage ByteStorage")
    | names.names("torch._utils", "_rebuild_tensor _rebuild_device_tensor_from_numpy")
    | names.names("torch.nn.functional", "gelu relu silu leaky_relu layer_norm")
    | names.names("torch._C._nn", "gelu")
    | names.names("torch.utils.hooks", "RemovableHandle")
    | names.names("numpy.random._pickle", "__randomstate_ctor __bit_generator_ctor")
    | names.names("numpy", "float32 float64 int32 int64 uint8 bool_")
)
_IMPORTED = frozenset(
    [
        "networks",
        "training",
        "dnnlib",
        "torch_utils",
        "torch",
        "timm",
        "open_clip",
        "torchvision",
        "numpy",
        "collections",
        "functools",
        "math",
        "operator",
        "types",
        "typing",
    ]
)
"""Packages that dill's `_import_module` may be asked for."""
_STRANGE_ATTRIBUTES = names.HARMFUL_PARTS | {"modules", "attrgetter", "methodcaller", "loads"}
"""Attributes that lead elsewhere, as do those with two underscores."""


def unusual(found: Iterable[Global], lookups: Iterable[Call]) -> list[str]:
    """Return what no snapshot of the reference code names, in the order of the file.

    Args:
        found: every name in the file.
        lookups: every call that asks for a module or an attribute by a text.
    """
    told = [str(name) for name in found if not _is_usual(name)]
    told += [strange for call in lookups if (strange := _strange_lookup(call))]
    return list(dict.fromkeys(told))


def warning(file: str, strange: list[str]) -> str:
    """Return the sentences for a file that names such things, or ""."""
    if not strange:
        return ""
    shown = [*strange[:SHOWN], *([f"{len(strange) - SHOWN} more"] if strange[SHOWN:] else [])]
    return visible(
        f"{file} names {enumerated(shown)}, which no snapshot of its kind does. Nothing of it was "
        "run here, but other programs may run it: convert the file, and open it nowhere else."
    )


def _is_usual(name: Global) -> bool:
    if name.key in _USUAL or names.family_class(name) is not None:
        return True
    plain = name.name.isidentifier() and name.name not in names.HARMFUL_PARTS
    is_class = name.name.lstrip("_")[:1].isupper()
    within = f"{name.module}."
    return plain and within.startswith(_CLASSES_OF if is_class else _FUNCTIONS_OF)


def _strange_lookup(call: Call) -> str:
    """Return what a call asks for that no snapshot does, or ""."""
    arguments = call.arguments if isinstance(call.arguments, tuple) else ()
    imports = isinstance(call.function, Global) and call.function.name == "_import_module"
    wanted = arguments[0 if imports else 1] if len(arguments) > (not imports) else None
    if not isinstance(wanted, str):
        return "a module without a name" if imports else "an attribute without a name"
    if imports:
        return "" if wanted.split(".")[0] in _IMPORTED else f"the module {wanted[:100]}"
    strange = wanted.startswith("__") or not _STRANGE_ATTRIBUTES.isdisjoint(wanted.split("."))
    return f"the attribute {wanted[:100]}" if strange else ""
