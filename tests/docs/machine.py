"""A machine as the operations guide assumes one, in a folder: the guide's commands run there as they stand.

Real are the shell, git, PostgreSQL, the project in its two versions and all it does. Noted down only: systemctl, apt-get,
useradd. Instead of fetching what requirements.lock pins, `make setup` makes an environment that sees what runs this test.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDES = {"id": CHECKOUT / "docs" / "operations.md", "en": CHECKOUT / "docs" / "operations.en.md"}
BLOCK = re.compile(r"^```sh (root|kla)( test)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REPOSITORY = re.compile(r"<[^>]*reposito[^>]*>")
SERVERS = re.compile("PREFECT_API_URL=|PREFECT_SERVER_DATABASE_CONNECTION_URL=")
PLACES = {
    "/opt/kla": "opt",
    "/var/lib/kla": "lib",
    "/var/backups/kla": "backups",
    "/var/log/kla": "log",
    "/etc/kla": "etc",
    "/etc/systemd/system": "units",
    "/etc/logrotate.d": "rotate",
}
NOTED = '#!/bin/sh\necho "$*" >> {root}/$(basename "$0")\n'
PROGRAMS = {
    "sudo": '#!/bin/sh\nshift 2\nexec "$@"\n',  # runs what follows the user's name
    "systemctl": NOTED,
    "apt-get": NOTED,
    "useradd": NOTED,
    # There is no user kla here, nor may everybody who runs tests give files away.
    "install": '#!/bin/bash\nkept=()\nwhile (($#)); do case $1 in -o|-g) shift 2;; *) kept+=("$1"); shift;; esac; done\n'
    'exec {install} "${{kept[@]}}"\n',
    "make": '#!/bin/sh\ntest "$1 $3" = "-C setup" && exec {python} {root}/setup.py "$2" {libraries}\n',
}
# What `make setup` leaves: .venv with `kla`; only the folder's own code and the libraries of this environment in reach.
SETUP = """
import sys, venv
from pathlib import Path
folder, libraries = map(Path, sys.argv[1:])
venv.create(folder / ".venv", symlinks=True)
own = next((folder / ".venv" / "lib").glob("python*/site-packages"))
(own / "kla.pth").write_text(f"{folder}\\n{libraries}\\n")
kla = folder / ".venv" / "bin" / "kla"
kla.write_text(f"#!{kla.parent}/python\\nfrom desk.main import app\\napp()\\n")
kla.chmod(0o755)
"""
# The version after this one knows a table more.
NEXT_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{new}"
down_revision = "{old}"


def upgrade() -> None:
    op.create_table("kelak", sa.Column("one", sa.Text, primary_key=True))


def downgrade() -> None:
    op.drop_table("kelak")
"""


@dataclass(frozen=True)
class Block:
    """Commands of the guide: for whom, whether they are run by a test, and what they are."""

    who: str
    is_run: bool
    text: str


def blocks(guide: str) -> list[Block]:
    """Return the blocks of commands of a guide, in order."""
    return [Block(who, bool(run), text) for who, run, text in BLOCK.findall(GUIDES[guide].read_text(encoding="utf-8"))]


def as_kla() -> str:
    """Return what the guide says to do first as the user kla: its environment, and its programs on the path."""
    (shell,) = [it.text for it in blocks("id") if it.text.startswith("sudo -u kla -s")]
    return shell.partition("\n")[2]


class Machine:
    """Places of its own, programs that pretend, a repository with this version (v0.1.0) and a next one (v0.2.0)."""

    def __init__(self, root: Path, cluster: str) -> None:
        self.root = root
        self.sockets = str(make_url(cluster).query["host"])
        self.places = {place: root / name for place, name in PLACES.items()}
        for name in ("opt", "units", "rotate"):
            (root / name).mkdir()
        self._pretend()
        self._repository()

    def there(self, text: str) -> str:
        """Return a text of the guide with this machine's places."""
        for place, here in self.places.items():
            text = text.replace(place, str(here))
        return REPOSITORY.sub(str(self.root / "repository"), text).replace("/var/run/postgresql", self.sockets)

    def _pretend(self) -> None:
        programs = self.root / "programs"
        programs.mkdir()
        named = {"root": self.root, "install": shutil.which("install"), "python": sys.executable}
        for name, text in PROGRAMS.items():
            script = text.format(**named, libraries=sysconfig.get_path("purelib"))
            (programs / name).write_text(script, encoding="utf-8")
            (programs / name).chmod(0o755)
        (self.root / "setup.py").write_text(SETUP, encoding="utf-8")

    def _repository(self) -> None:
        target = self.root / "repository"
        names = subprocess.run(
            ["git", "ls-files", "-z"], cwd=CHECKOUT, check=True, capture_output=True, text=True
        ).stdout
        for name in filter(None, names.split("\0")):
            if (CHECKOUT / name).is_file():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(CHECKOUT / name, target / name)
        for path in (target / "deploy").rglob("*"):
            if path.is_file():
                path.write_text(self.there(path.read_text(encoding="utf-8")), encoding="utf-8")
        # No Prefect server is started here: a command then brings its own, with what the test hands it.
        settings = target / "deploy" / "kla.env"
        kept = [line for line in settings.read_text(encoding="utf-8").splitlines() if not SERVERS.match(line)]
        settings.write_text("\n".join(kept), encoding="utf-8")
        self._committed(target, "0.1.0")
        versions = target / "sql" / "migrations" / "versions"
        old = max(path.name for path in versions.glob("[0-9]*.py"))[:4]
        new = f"{int(old) + 1:04}"
        (versions / f"{new}_next.py").write_text(NEXT_MIGRATION.format(old=old, new=new), encoding="utf-8")
        about = target / "kla" / "__init__.py"
        about.write_text(re.sub(r'__version__ = ".*"', '__version__ = "0.2.0"', about.read_text(encoding="utf-8")))
        self._committed(target, "0.2.0")

    def _committed(self, target: Path, version: str) -> None:
        git = ["git", "-c", "user.name=uji", "-c", "user.email=uji@example.invalid", "-c", "commit.gpgsign=false"]
        for words in (["init", "-q"], ["add", "-f", "."], ["commit", "-q", "-m", version], ["tag", f"v{version}"]):
            subprocess.run([*git, *words], cwd=target, check=True, capture_output=True)

    def run(self, steps: list[Block], prefect: Path | None = None) -> str:
        """Run blocks one after the other in one shell and return what they printed; the first failure fails the test."""
        script = ["set -euo pipefail"]
        for number, step in enumerate(steps):
            lines = [f"echo '== {number}'", *([as_kla()] if step.who == "kla" else []), step.text]
            # What a block exports for the others stays; what it does for itself ends with it.
            is_shared = "export PEMILIK" in step.text
            script.append(self.there("\n".join(lines if is_shared else ["(", *lines, ")"])))
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("KLA_", "PREFECT_", "PYTHONPATH"))
        }
        if prefect is not None:
            shutil.copytree(prefect, self.places["/var/lib/kla"] / "prefect")
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            cwd=self.root,
            # The cluster's administrator is called kla here; the temporary Prefect server of a command is SQLite's.
            env={
                **kept,
                "PATH": f"{self.root / 'programs'}:{kept['PATH']}",
                "PGHOST": self.sockets,
                "PGUSER": "kla",
                "PGDATABASE": "postgres",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=500,
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout
