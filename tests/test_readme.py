"""What the documents point to is there, and what they tell to write works."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from camera_app.cli import main
from camera_app.config import Config, load_config
from camera_app.outputs.log import JsonLinesLog
from tests.outputs.conftest import make_result

REPOSITORY = Path(__file__).parents[1]
DOCUMENTS = [
    path
    for path in (*REPOSITORY.glob("*.md"), *REPOSITORY.glob("*/*.md"))
    if not path.parent.name.startswith(".")
]
PAGES = [REPOSITORY / name for name in ("README.md", "deploy/raspberry-pi.md", "deploy/drone.md")]


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_to_files(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", document.read_text("utf-8"))

    assert links, "a document that shows nothing and leads nowhere"
    assert not [link for link in links if not (document.parent / link).exists()]


def test_the_first_page_says_how_to_run_and_to_test() -> None:
    commands = re.findall(r"sh (deploy/\w+\.sh)", PAGES[0].read_text("utf-8"))
    assert {"deploy/run.sh", "deploy/test.sh"} <= set(commands)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_are_scripts_that_are_there_and_know_their_options(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = re.findall(r"sh (deploy/[\w-]+\.sh)([^\n`|]*)", page.read_text("utf-8"))
    assert commands
    for mode in ([], ["doctor"], ["bench"]):
        with pytest.raises(SystemExit):
            main([*mode, "--help"])
    known = {"deploy/run.sh": capsys.readouterr().out}
    for script, arguments in commands:
        assert (REPOSITORY / script).is_file()
        text = known.get(script) or (REPOSITORY / script).read_text("utf-8")
        for option in re.findall(r"--[a-z-]+", arguments):
            assert option in text, f"{script} knows no {option}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_keys_of_the_configuration_are_real(page: Path, tmp_path: Path) -> None:
    sections = Config()._asdict()
    written = re.findall(rf"`({'|'.join(sections)})\.(\w+)(?:: ([^`]+))?`", page.read_text("utf-8"))
    for section, key, value in written:
        assert hasattr(sections[section], key), f"there is no {section}.{key}"
        if value:
            (tmp_path / "one.yaml").write_text(f"{section}:\n  {key}: {value}\n")
            load_config(tmp_path / "one.yaml")
    for block in blocks(page, "yaml"):
        (tmp_path / "block.yaml").write_text(block)
        load_config(tmp_path / "block.yaml")
        assert yaml.safe_load(block), "a block that changes nothing"


def test_a_program_of_five_lines_reads_the_labels(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    (program,) = blocks(REPOSITORY / "deploy" / "drone.md", "python")
    assert len([line for line in program.splitlines() if line]) == 5
    there = "/var/log/camera-app/labels.jsonl"
    assert there in program
    # From the first line on: a test cannot know when `tail` has begun to wait for new ones.
    program = program.replace(there, str(path)).replace('"-n", "0"', '"-n", "+1"')
    log = JsonLinesLog(path, live=True, max_bytes=1000, backups=9)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True
    ) as reader:
        try:
            log.write(make_result("cat", 0.97))
            assert reader.stdout is not None
            assert reader.stdout.readline() == b"label cat 0.97\n"
            # So many that the file is rotated.
            for label in ["dog", "unknown"] * 5:
                log.write(make_result(label, 0.5))
                assert reader.stdout.readline() == f"label {label} 0.5\n".encode()
        finally:
            os.killpg(reader.pid, signal.SIGKILL)  # `tail` too
            log.close()
    assert path.with_name("labels.jsonl.1").exists()
