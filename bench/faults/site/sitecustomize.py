"""Takes one guard away in every process of a goal: replaces a named function right after its module was loaded.

On the path only while `python -m bench.faults --mutants` runs; KLA_FAULTS_MUTANT names the guard.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from types import ModuleType


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: importlib.abc.Loader, mutant) -> None:
        self._loader, self._mutant = loader, mutant

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        holder, _, name = self._mutant.guard.rpartition(".")
        place = module
        for part in filter(None, holder.split(".")):
            place = getattr(place, part)
        original = getattr(place, name)  # a guard that is gone is an error, not a passed check
        setattr(place, name, self._mutant.without(original))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path=None, target=None):  # noqa: ARG002
        if name != self._mutant.module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        spec.loader = _Loader(spec.loader, self._mutant)
        return spec


if os.environ.get("KLA_FAULTS_MUTANT"):
    import importlib.util

    from bench.faults.mutants import MUTANTS

    sys.meta_path.insert(0, _Finder(MUTANTS[os.environ["KLA_FAULTS_MUTANT"]]))
