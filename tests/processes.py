"""Processes that tests start: ended whatever happens."""

import subprocess


def end(process: subprocess.Popen[bytes], patience: float = 60) -> None:
    """Ask a process to end, and end it where it has not after ``patience`` seconds."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
