"""Modules that are loaded when something of them is first asked for, not where they are imported.

Python's own ``importlib.util.LazyLoader`` loads a module where it is imported a second time, since
that looks whether the first is through; and three of NumPy's modules import ``pickle``.
"""

import _thread
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class PutsOff:
    """A finder, for the front of ``sys.meta_path``, of modules that can wait.

    Args:
        names: of the modules; others are left to the finders behind this one.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is, as the next finder says, with a loader that does not load it yet."""
        if name not in self._names:
            return None
        others: list[Any] = [finder for finder in sys.meta_path if finder is not self]
        for finder in others:
            spec: ModuleSpec | None = finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                later: Any = _LaterLoader(spec.loader)
                spec.loader = later
                return spec
        return None


class _LaterLoader:
    """Makes a module of which there is no more than its name and its place."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._lock = _thread.RLock()  # that of threading, which would have to be loaded for it
        self._loading = False

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _Later

    def load(self, module: ModuleType) -> None:
        """Load it once: another thread waits for that; what it loads in turn finds it as it is."""
        with self._lock:
            if self._loading or type(module) is ModuleType:
                return
            self._loading = True
            try:
                self._loader.exec_module(module)
            finally:
                self._loading = False  # where it failed, whoever asks again is told why again
            module.__loader__ = self._loader
            if module.__spec__ is not None:
                module.__spec__.loader = self._loader
            module.__class__ = ModuleType


class _Later(ModuleType):
    """A module that is not loaded yet."""

    def __getattribute__(self, name: str) -> Any:
        # Not __spec__, at which each import looks. While it is loaded, all others wait for whatever
        # they want of it: what is there by then may need what comes behind.
        if not name.startswith("__"):
            _load(self)
        return ModuleType.__getattribute__(self, name)  # it is no _Later any more

    def __getattr__(self, name: str) -> Any:
        _load(self)  # for __all__ and the like
        return ModuleType.__getattribute__(self, name)


def _load(module: ModuleType) -> None:
    if isinstance(module.__loader__, _LaterLoader):
        module.__loader__.load(module)
