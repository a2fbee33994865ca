"""Whether a network is still the one that was trained: a hash of its source."""

import ast
import hashlib
import importlib
import inspect
import json
from types import ModuleType

from ecgcore.models.registry import network_entry

_NETWORKS = "ecgcore.models."


def network_code(architecture: str) -> str:
    """Return a hash of a network's source and of all of ``ecgcore.models`` that it imports.

    Comments, docstrings and layout don't count.
    """
    entry = network_entry(architecture)
    waiting = [inspect.getmodule(entry.network), inspect.getmodule(entry.config)]
    seen: dict[str, str] = {}
    while waiting:
        module = waiting.pop()
        if module is None or module.__name__ in seen:
            continue
        tree = ast.parse(inspect.getsource(module))
        seen[module.__name__] = ast.unparse(_bare(tree))
        waiting += _imported(tree)
    text = json.dumps(seen, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _imported(tree: ast.AST) -> list[ModuleType]:
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return [importlib.import_module(name) for name in names if name and name.startswith(_NETWORKS)]


def _bare(tree: ast.Module) -> ast.Module:
    """Take the docstrings out, in place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return tree
