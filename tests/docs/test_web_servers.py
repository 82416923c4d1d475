"""What deploy/ gives Caddy, nginx and logrotate is run by them: pages are served as said, and nothing else is."""

from __future__ import annotations

import getpass
import grp
import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PAGE = "<!doctype html><title>Semua daerah</title>"
# What Debian's own configuration around a site says, in a folder of the test's; whoever runs this runs the workers.
NGINX = """
daemon off;
pid {root}/nginx.pid;
{user}
events {{}}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {root}/body;
    {site}
}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of work with pages in it, and beside them what must not be seen."""
    for name, content in (("public/index.html", PAGE), ("inbox/63.10/DINKES/isian.xlsx", "rahasia")):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "log").mkdir()
    return tmp_path


def there(text: str, root: Path) -> str:
    """Return a configuration with the places of this test."""
    for place, here in (("/var/lib/kla", root), ("/var/log/kla-web", root / "log"), ("/var/log/kla", root / "log")):
        text = text.replace(place, str(here))
    return text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def caddy(program: str, root: Path, port: int) -> list[str]:
    """Return the command that serves with deploy/web/Caddyfile."""
    config = root / "Caddyfile"
    text = (DEPLOY / "web" / "Caddyfile").read_text(encoding="utf-8")
    config.write_text(there(text, root).replace(":80 {", f"http://127.0.0.1:{port} {{"), encoding="utf-8")
    return [program, "run", "--config", str(config)]


def nginx(program: str, root: Path, port: int) -> list[str]:
    """Return the command that serves with deploy/web/nginx.conf."""
    site = there((DEPLOY / "web" / "nginx.conf").read_text(encoding="utf-8"), root)
    site = site.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("listen [::]:80;", "")
    config = root / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(NGINX.format(root=root, site=site, user=user), encoding="utf-8")
    return [program, "-e", str(root / "log" / "start"), "-p", str(root), "-c", str(config)]


@contextmanager
def serving(command: list[str], root: Path, port: int) -> Iterator[None]:
    """Run a web server until the block ends."""
    environment = {**os.environ, "XDG_DATA_HOME": str(root / "data"), "XDG_CONFIG_HOME": str(root / "config")}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)


def asked(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    """Return status, headers by their small names, and content of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        answer = connection.getresponse()
        given = {name.lower(): text for name, text in answer.getheaders()}
        return answer.status, given, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


@pytest.mark.parametrize("made", [caddy, nginx], ids=lambda made: made.__name__)
def test_a_web_server_shows_the_pages_and_nothing_else(made: Callable[[str, Path, int], list[str]], root: Path) -> None:
    # Debian keeps such programs where only root looks for them.
    program = shutil.which(made.__name__, path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip(f"{made.__name__} is not installed here: its configuration in deploy/web was not tried")
    port = free_port()
    with serving(made(program, root, port), root, port):
        status, headers, content = asked(port, "/")
        assert (status, content) == (200, PAGE)
        assert headers["cache-control"] == "no-cache"
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert asked(port, "/", If_None_Match=headers["etag"])[0] == 304, "where nothing changed, nothing is sent"
        (root / "public" / "index.html").write_text(f"{PAGE}<p>malam ini", encoding="utf-8")
        assert asked(port, "/", If_None_Match=headers["etag"])[2].endswith("malam ini")
        for path in ("/../inbox/63.10/DINKES/isian.xlsx", "/%2e%2e/inbox/63.10/DINKES/isian.xlsx", "/63.10/"):
            status, _, content = asked(port, path)
            assert (status in (400, 403, 404), "rahasia" in content) == (True, False), path
        assert asked(port, "/index.html", "PUT")[0] in (403, 405)
    assert (root / "public" / "index.html").read_text(encoding="utf-8").endswith("malam ini")
    assert any(path.stat().st_size for path in (root / "log").glob("*access.log"))


def test_logrotate_turns_what_it_is_given(root: Path) -> None:
    program = shutil.which("logrotate", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("logrotate is not installed here: deploy/logrotate was not tried")
    mine = f"{getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name}"
    config = root / "kla"
    text = there((DEPLOY / "logrotate" / "kla").read_text(encoding="utf-8"), root)
    config.write_text(text.replace("kla kla", mine), encoding="utf-8")
    config.chmod(0o644)
    notices, log = root / "pemberitahuan" / "pemberitahuan.jsonl", root / "log" / "web-access.log"
    notices.parent.mkdir()
    for path in (notices, log):
        path.parent.chmod(0o750)
        path.write_text("{}\n", encoding="utf-8")
    turned = [program, "--force", "--state", str(root / "state"), str(config)]
    done = subprocess.run(turned, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert notices.with_name("pemberitahuan.jsonl.1.gz").is_file()
    assert notices.read_text(encoding="utf-8") == ""
    assert log.with_name("web-access.log.1").is_file(), "the newest is left as it is for who looks at it"
