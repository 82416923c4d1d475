"""G17: the database's password stands in no output, page, log or artifact, also while the database is down."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench.faults import quick
from bench.faults.goal import Budget, Figure, judged, not_tried
from bench.faults.postgres import PASSWORD, USER, cluster

TITLE = "the password is never shown"
SECONDS, LONG_SECONDS = 45, 120
COMMANDS = (
    ("settings",),
    ("doctor",),
    ("doctor", "--json"),
    ("export",),
    ("status", quick.CODE),
    ("decisions", quick.CODE),
    ("rebuild", "--into", "{url}"),
)


def run(budget: Budget) -> Figure:
    """Run a night, then every command with the database up, down and with a wrong password; look at all they leave."""
    quick.inbox(budget.room)
    quick.remember()
    with cluster() as server:
        if server is None:
            return not_tried("G17", "PostgreSQL is not installed here")
        world = server.world(budget.room)
        world.fresh()
        quick.night()
        said = b""
        commands = [*COMMANDS, ("nightly", "--district", quick.CODE, "--as-of", quick.DAY)]
        tried = commands if budget.is_long else commands[:4]
        said += b"".join(_said(world.url, *it) for it in tried)
        wrong = world.url.replace(PASSWORD, PASSWORD + "-salah")
        down = world.url.replace(f":{server.port}/", ":1/")
        for url in (wrong, down):
            said += b"".join(_said(url, *it) for it in (("doctor",), commands[-1]))
        count = len(tried) + 4
    secret, places = PASSWORD.encode(), [world.var, Path(os.environ["PREFECT_HOME"])]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    faults = ["in what a command said"] if secret in said else []
    faults += [f"in {path.name}" for path in files if secret in path.read_bytes()]
    faults += [] if b"***" in said or USER.encode() in said else ["nothing was said at all: the goal tries nothing"]
    return judged("G17", f"{count} commands (up, down, wrong password), {len(files)} files: 0 times", faults)


def _said(url: str, *command: str) -> bytes:
    given = [part.replace("{url}", url) for part in command]
    env = {**os.environ, "KLA_WAREHOUSE_URL": url}
    program = [sys.executable, "-m", "desk.main", *given]
    done = subprocess.run(program, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200, check=False)
    return done.stdout
