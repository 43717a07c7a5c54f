"""How the camera's models are made: FastNet, its training, export and evaluation.

Nothing in here is imported on the device; :mod:`camera_app` only reads the finished bundles.
"""

import importlib.util
import os
import sys

_NEEDED = ("keras", "matplotlib", "tensorflow", "tqdm")
_missing = [package for package in _NEEDED if importlib.util.find_spec(package) is None]
# While `python -m models.train` imports this package, its first argument is still "-m".
if _missing and sys.argv[0] == "-m":
    sys.exit(
        f"models: {', '.join(_missing)} not installed; `python3 -m venv .venv-train && "
        ".venv-train/bin/pip install '.[train,torch]'` makes an environment that has all, whose "
        ".venv-train/bin/python then runs this"
    )

if sys.argv[0] == "-m":
    # What a module needs takes many seconds to import, before its main() could catch Ctrl-C.
    sys.excepthook = lambda kind, error, trace: (
        None if kind is KeyboardInterrupt else sys.__excepthook__(kind, error, trace)
    )

# Keras picks its backend when it is imported, so this has to happen before any module in here
# imports it. PyTorch trains this network fastest on a CPU; TensorFlow is there in any case,
# because export needs it.
os.environ.setdefault(
    "KERAS_BACKEND", "torch" if importlib.util.find_spec("torch") else "tensorflow"
)
