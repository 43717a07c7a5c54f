"""What Linux says of a process's memory."""

from camera_app.bench.memory import in_megabytes, memory_of


def test_a_process_that_is_gone_has_no_memory() -> None:
    gone = memory_of(2**22 + 1)  # above Linux's highest process id
    assert gone.resident_mb is None
    assert in_megabytes(gone).startswith("not known")
    here = memory_of()
    assert 0 < (here.resident_mb or 0) <= (here.peak_mb or 0)
    assert in_megabytes(here).startswith(f"{here.resident_mb:.1f} MB resident")
