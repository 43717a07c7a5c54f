"""What is put off is loaded once, when something of it is asked for, and is then as ever."""

import importlib
import inspect
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from camera_app.put_off import PutsOff

LOADED = "import builtins\nbuiltins.loaded_later.append(__name__)\n"


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of the modules that have been loaded; those named ``late`` are put off."""
    names: list[str] = []
    monkeypatch.setattr("builtins.loaded_later", names, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(
        sys, "meta_path", [PutsOff(frozenset({"late", "late.part"})), *sys.meta_path]
    )
    yield names
    for name in [name for name in sys.modules if name.partition(".")[0] in ("late", "user")]:
        del sys.modules[name]


def write(folder: Path, text: str, name: str = "late.py") -> None:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(LOADED + text)


def test_each_import_leaves_it_and_the_first_use_loads_it(
    tmp_path: Path, loaded: list[str]
) -> None:
    write(tmp_path, "colour = 'red'\n")
    first, second = importlib.import_module("late"), importlib.import_module("late")
    exec("import late", {})  # the statement looks at the module more closely
    assert first is second
    assert (first.__name__, first.__file__) == ("late", str(tmp_path / "late.py"))
    assert loaded == []

    assert first.colour == "red"
    assert loaded == ["late"]
    assert type(first) is ModuleType
    assert first.__spec__ is not None
    assert first.__spec__.loader is first.__loader__
    assert inspect.getsource(first) == LOADED + "colour = 'red'\n"
    with pytest.raises(AttributeError, match="module 'late' has no attribute 'shape'"):
        _ = first.shape
    assert loaded == ["late"]


def test_what_it_has_not_is_told_as_ever(tmp_path: Path, loaded: list[str]) -> None:
    write(tmp_path, "")
    late = importlib.import_module("late")
    with pytest.raises(AttributeError, match="module 'late' has no attribute 'shape'"):
        _ = late.shape
    assert loaded == ["late"]


def test_a_name_out_of_it_loads_it(tmp_path: Path, loaded: list[str]) -> None:
    write(tmp_path, "colour = 'red'\n")
    write(tmp_path, "from late import colour\n", "user.py")
    assert importlib.import_module("user").colour == "red"
    assert loaded == ["user", "late"]


def test_a_package_and_its_parts(tmp_path: Path, loaded: list[str]) -> None:
    write(tmp_path, "from late import part\nfrom late.part import size\n", "late/__init__.py")
    write(tmp_path, "import late\nsize = 3\n", "late/part.py")
    assert importlib.import_module("late").size == 3
    assert loaded == ["late", "late.part"]


def test_one_that_looks_at_itself_while_it_is_loaded(tmp_path: Path, loaded: list[str]) -> None:
    write(tmp_path, "import late\nbefore = hasattr(late, 'colour')\ncolour = 'red'\n")
    late = importlib.import_module("late")
    assert (late.colour, late.before) == ("red", False)
    assert loaded == ["late"]


def test_what_fails_fails_again_until_it_is_mended(tmp_path: Path, loaded: list[str]) -> None:
    write(tmp_path, "import no_such_module_anywhere\n")
    late = importlib.import_module("late")
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
            _ = late.colour
    assert loaded == ["late", "late"]

    write(tmp_path, "colour = 'the colour that was missing'\n")
    importlib.invalidate_caches()
    assert late.colour == "the colour that was missing"


def test_another_thread_waits_for_it(tmp_path: Path, loaded: list[str]) -> None:
    write(tmp_path, "colour = 'red'\nbuiltins.held_open()\nsize = 3\n")
    late = importlib.import_module("late")
    begun, go_on = threading.Event(), threading.Event()
    with pytest.MonkeyPatch.context() as patch:

        def held_open() -> None:
            begun.set()
            assert go_on.wait(10)

        patch.setattr("builtins.held_open", held_open, raising=False)
        seen: list[tuple[str, bool]] = []
        threads = [
            threading.Thread(target=lambda: seen.append((late.colour, hasattr(late, "size"))))
            for _ in range(3)
        ]
        threads[0].start()
        assert begun.wait(10)
        for thread in threads[1:]:
            thread.start()
        threads[-1].join(0.1)
        assert seen == []
        go_on.set()
        for thread in threads:
            thread.join(10)
    assert seen == [("red", True)] * 3
    assert loaded == ["late"]


def test_what_is_not_there_is_not_found(loaded: list[str]) -> None:
    with pytest.raises(ModuleNotFoundError, match="No module named 'late'"):
        importlib.import_module("late")
    assert loaded == []
