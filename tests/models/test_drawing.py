"""The drawing shows the table, and is the same whenever it is made."""

from pathlib import Path

import pytest

from models.drawing import blocks, main

DRAWN = Path(__file__).parents[2] / "models" / "architecture.svg"


def test_every_layer_is_a_block_with_its_shape() -> None:
    names = [block.name for block in blocks()]

    assert names.count("3×3 conv") == 12
    assert names.count("1×1 conv") == 3
    assert names.count("max-pool") == 4
    assert [block.shape for block in blocks()][-3:] == ["2×2×128", "128", "10"]


def test_the_shipped_drawing_is_of_this_table(tmp_path: Path) -> None:
    assert main([str(tmp_path / "a.svg")]) == 0
    assert main([str(tmp_path / "b.svg")]) == 0

    drawn = (tmp_path / "a.svg").read_text()
    assert drawn == (tmp_path / "b.svg").read_text()
    assert drawn.count("<!-- ") == DRAWN.read_text().count("<!-- ")


@pytest.mark.parametrize("name", ["a.docx", "missing/a.svg"])
def test_fail_file_that_cannot_be_drawn(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / name)]) == 1

    assert "cannot draw" in capsys.readouterr().err
