"""What the documents point to is there."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
DOCUMENTS = [
    path
    for path in (*REPOSITORY.glob("*.md"), *REPOSITORY.glob("*/*.md"))
    if not path.parent.name.startswith(".")
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_to_files(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", document.read_text("utf-8"))

    assert links, "a document that shows nothing and leads nowhere"
    assert not [link for link in links if not (document.parent / link).exists()]


def test_the_commands_of_the_first_page_are_scripts_that_are_there() -> None:
    commands = re.findall(r"sh (deploy/\w+\.sh)", (REPOSITORY / "README.md").read_text("utf-8"))

    assert {"deploy/run.sh", "deploy/test.sh"} <= set(commands)
    assert all((REPOSITORY / command).is_file() for command in commands)
