"""A PostgreSQL server of the tests' own: a private cluster in a temporary folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENT = ("-w", "-t", "250")  # s; it gives up after 60 otherwise
USERS = ("postgres", "nobody")  # the server refuses to run as root


def programs() -> Path | None:
    """Return the folder of initdb and pg_ctl; Debian keeps them out of the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@contextmanager
def server(folder_of_programs: Path) -> Iterator[str]:
    """Run a server that listens on a socket in its own folder; give its address without a name."""
    root = Path(tempfile.mkdtemp(prefix="beatlens-pg-", dir="/tmp"))
    user = _user()
    if user is not None:
        shutil.chown(root, user)

    def run(program: str, *words: str) -> None:
        subprocess.run(
            [folder_of_programs / program, *words],
            user=user,
            check=True,
            cwd=root,
            stdout=subprocess.DEVNULL,
        )

    data = str(root / "data")
    run("initdb", "-D", data, "-U", "beatlens", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -k {root} -c fsync=off"
    try:
        run("pg_ctl", "-D", data, *PATIENT, "-l", str(root / "log"), "-o", options, "start")
        yield f"postgresql://beatlens@/{{name}}?host={root}"
    finally:
        run("pg_ctl", "-D", data, *PATIENT, "-m", "immediate", "stop")
        shutil.rmtree(root, ignore_errors=True)


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    import pwd

    there = {entry.pw_name for entry in pwd.getpwall()}
    return next(user for user in USERS if user in there)
