"""Test-only: Python runs this first, and as soon as picamera2 is imported adds virtual_shim to it.

So the program's own calls of picamera2 are those that it makes on a Raspberry Pi.
"""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _ShimPicamera2(MetaPathFinder):
    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "picamera2":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_shim(module: ModuleType) -> None:
            load(module)
            importlib.import_module("virtual_shim")

        spec.loader.exec_module = load_and_shim  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, _ShimPicamera2())
