"""Files written whole or not at all: interrupted, killed, and on a disk that is full."""

import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ecgcore.whole_file import whole_file, write_whole

ROOT = Path(__file__).parents[1]
LIMIT = 1 << 20


def test_what_is_written_is_there_with_the_usual_rights(tmp_path: Path):
    path = tmp_path / "new" / "folder" / "file.bin"
    write_whole(path, b"one")
    write_whole(path, b"two")
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode == plain.stat().st_mode
    assert list(path.parent.iterdir()) == [path]


def test_an_exception_leaves_the_old_file_alone(tmp_path: Path):
    path = tmp_path / "file"
    write_whole(path, b"old")

    def interrupted() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file_and_nothing_half(tmp_path: Path):
    path = tmp_path / "file"
    write_whole(path, b"old")
    before, handler = (
        resource.getrlimit(resource.RLIMIT_FSIZE),
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
    )
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write_whole(path, bytes(2 * LIMIT))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_threads_that_write_one_file_leave_one_of_theirs(tmp_path: Path):
    path = tmp_path / "file"
    contents = [bytes([k]) * 200_000 for k in range(8)]
    threads = [threading.Thread(target=write_whole, args=(path, c)) for c in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_kill_9_while_writing_leaves_a_whole_file(tmp_path: Path):
    """The writer says where it is at random moments; whatever it was doing, the file is whole."""
    path = tmp_path / "file"
    writer = (
        "import sys, pathlib; from ecgcore.whole_file import write_whole\n"
        "k = 0\n"
        "while True:\n"
        "    k = (k + 1) % 256\n"
        "    write_whole(pathlib.Path(sys.argv[1]), bytes([k]) * 3_000_000)\n"
        "    print(k, flush=True)\n"
    )
    for wait in (0.0, 0.001, 0.003, 0.007, 0.012):
        process = subprocess.Popen(
            [sys.executable, "-c", writer, str(path)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        threading.Event().wait(wait)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        content = path.read_bytes()
        assert len(content) == 3_000_000
        assert len(set(content)) == 1
