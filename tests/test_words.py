"""One word for one thing, in plain English: what window, errors, help and docstrings never say.

The table is the vocabulary of the project: add a word that misleads together with what to say
instead, and where it is right nevertheless.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.source_tree import ROOT, Source, found_in_files, source


@dataclass(frozen=True)
class Word:
    """What is not said (a regular expression), what is said instead, and where it is right.

    `folders` are those in whose sentences it is looked for; `right` are paths where it means
    something else, or texts around it with which it does.
    """

    pattern: str
    say: str
    folders: tuple[str, ...] = ("stylegan_t", "renderer", "widgets", "visualizer")
    right: tuple[str, ...] = ()


WINDOW = ("renderer", "widgets", "visualizer")

EVERYWHERE = (
    Word(r"\bof now\b", "the current one"),
    Word(r"\banew\b", "again"),
    Word(r"\bin the midst\b", "during, while"),
    Word(r"\bfor want of\b", "without, because there is no"),
    Word(r"\bshall\b", "should, will"),
    Word(r"\b[Ww]hoever\b", "the caller, the user"),
    Word(r"\b([Ss]ome|[Nn]o)body\b", "say who, or use the passive voice", right=("demo/things",)),
    Word(
        r"\b(A|a|The|the|[Tt]his|of|one|[Ee]ach|[Ff]inished) [Cc]lips?\b|^Clips\b",
        "video; CLIP is CLIP",
        WINDOW,
    ),
)
"""For sentences of any kind: strings, docstrings, comments."""

IN_STRINGS = (
    Word(r"\bwalks?\b", "position, interpolate, or wander", WINDOW, ("a random walk",)),
    Word(
        r"\b[Ss]heets?\b",
        "grid; the saved file is a contact sheet",
        WINDOW,
        ("contact sheet", "sheet.png"),
    ),
    Word(r"\bas at first\b", "by default, or reset"),
    Word(r"\b(was|is|are|were) not taken\b", "not used"),
    Word(r"\bgiven up\b", "abandoned, cancelled"),
    Word(r"\bwritten out\b", "the latent has no seed; it is stored as values"),
    Word(r"\bthis machine\b", "this computer"),
    Word(r"\b[Ff]etch(ed|ing)?\b", "download", right=("git lfs", "could not be fetched")),
    Word(r"\blook after\b", "check"),
    Word(r"\bsurplus\b", "unknown"),
    Word(r"\ba second\b", "per second", WINDOW),
    Word(r"\bcomputes? no more\b", "has stopped working"),
    Word(r"\bnothing that you made\b", "none of your work"),
    Word(r"\bgo(es)? on\b", "continue", WINDOW),
    Word(r"\bexcludes? each other\b", "cannot be used together"),
    Word(r"\bholds no\b", "contains no"),
    Word(r"\bgiven several times\b", "may be repeated"),
    Word(r"\b(came|come|comes) (that|which|in another|with times)\b", "arrived, does not have"),
    Word(r"\b(is|are) no (numbers?|names?|lists?)\b", "is not a"),
    Word(r"\bPress\b", "Click, or press a key", WINDOW),
    Word(r"\bof before\b", "previous"),
)
"""For what users read."""

IN_NAMES = (
    Word(r"(^|_)(anew|shall|whoever|nobody|somebody)(_|$)", "a plain verb or noun"),
    Word(r"(^|_)of_now(_|$)", "current"),
)
"""For names of classes, functions, arguments and variables."""

BEGINNING = re.compile(
    r"\s*(What|Whether|Where|Which|Who|Whose|Whom|How|When|Why|So (many|much|long|far))\b"
)
"""No docstring begins so: of a module, a class, a function or an attribute."""
SHOWN = re.compile(r"[A-Za-z]{2,}.* |^[A-Z][a-z]+")


def _docstrings(tree: ast.Module) -> dict[int, ast.Constant]:
    """The strings that stand alone, by identity: docstrings, and those below an attribute."""
    found: dict[int, ast.Constant] = {}
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else ():  # that of a lambda is no list
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                found[id(statement.value)] = statement.value
    return found


def sentences(module: Source) -> Iterator[tuple[int, str]]:
    """The strings that users may read, with their lines; what stands in braces is left out."""
    alone = _docstrings(module.tree)
    inside = {
        id(part)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(module.tree):
        if id(node) in alone or id(node) in inside:
            continue
        text = ""
        if isinstance(node, ast.JoinedStr):
            parts = [part.value for part in node.values if isinstance(part, ast.Constant)]
            text = "…".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        if SHOWN.search(shown := text.partition("###")[0]):
            yield getattr(node, "lineno", 0), shown


def remarks(text: str) -> Iterator[tuple[int, str]]:
    """The comments of a module, with their lines."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def names(module: Source) -> Iterator[tuple[int, str]]:
    """The names that a module gives, with their lines."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def wrong(module: Source, text: str, table: tuple[Word, ...], where: str) -> list[str]:
    """What `text`, one of the module's, says against a table."""
    return [
        f"{where}: “{match.group()}” in “{text[:80]}”; say: {word.say}"
        for word in table
        if module.package in word.folders
        for match in [re.search(word.pattern, text)]
        if match is not None and not any(fine in module.path or fine in text for fine in word.right)
    ]


def faults(module: Source, code: str) -> list[str]:
    """Everything in a module that is against the tables."""
    found: list[str] = []
    for line, text in sentences(module):
        found += wrong(module, text, EVERYWHERE + IN_STRINGS, f"{module.path}:{line}")
    for line, text in remarks(code):
        found += wrong(module, text, EVERYWHERE, f"{module.path}:{line}")
    for line, text in names(module):
        found += wrong(module, text.lower(), IN_NAMES, f"{module.path}:{line}")
    for value in _docstrings(module.tree).values():
        text, where = str(value.value), f"{module.path}:{value.lineno}"
        found += wrong(module, text, EVERYWHERE, where)
        if BEGINNING.match(text):
            found.append(f"{where}: begin with a verb or a noun, not “{text[:40]}”")
    return found


def test_everything_is_said_in_plain_english() -> None:
    def wrong(module: Source) -> list[str]:
        return faults(module, (ROOT / module.path).read_text("utf-8"))

    assert found_in_files(wrong) == {}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('"""A module."""\nTEXT = "Give the picture of now a star"\n', "of now"),
        ("def f():\n    '''Whether it is open.'''\n", "begin with"),
        ("LONG_S = 1\n'''So long it waits.'''\n", "begin with"),
        ("LONG_S = 1\n'''How long it waits.'''\n", "begin with"),
        ("class A:\n    '''What is drawn.'''\n", "begin with"),
        ("'''Where files are.'''\n", "begin with"),
        ("def f(x_anew): ...  # fine\n", "x_anew"),
        ("f = 1  # nobody reads this\n", "nobody"),
        ('TEXT = f"The sheet {1} was written"\n', "grid"),
        ('TEXT = "Press to say what it moves."\n', "Click"),
    ],
)
def test_the_check_finds_what_it_looks_for(code: str, said: str) -> None:
    (fault,) = faults(source("widgets/a.py", code), code)
    assert said in fault


def test_a_word_may_be_right_where_it_means_something_else() -> None:
    code = 'TEXT = "Saved a contact sheet after a random walk"\n'
    assert faults(source("widgets/a.py", code), code) == []
