"""Processes that tests start: where they listen, and that they end whatever happens."""

import contextlib
import random
import socket
import subprocess

_DICE = random.SystemRandom()  # no seed of the tests': two of their processes draw at once


def free_port() -> int:
    """Return a port of this machine where nobody listens.

    Below those that the system gives to whoever wants any: those may be gone in the seconds until
    a server listens there.
    """
    while True:
        port = _DICE.randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


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
