"""A notice reaches somebody or stands in the file, and never stops what sent it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from kla.io.notices import Notice, kept, outbox, send

FAILED = Notice("failed", "Proses malam WIB gagal", "gudang data tidak dapat dibuka", "16.10")


@pytest.fixture
def address() -> Iterator[tuple[str, list[dict[str, str]]]]:
    got: list[dict[str, str]] = []

    class Mailbox(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Mailbox)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"json://127.0.0.1:{server.server_port}/", got
    server.shutdown()
    server.server_close()


def test_without_an_address_it_goes_into_the_file(own_var: Path) -> None:
    assert not send(FAILED)
    send(Notice("alarm", "Zona WIT diam", "sejak kemarin"))
    assert [it.title for it in kept()] == ["Proses malam WIB gagal", "Zona WIT diam"]
    assert kept()[0] == FAILED


def test_with_an_address_it_goes_there_and_nowhere_else(
    address: tuple[str, list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, got = address
    monkeypatch.setenv("KLA_NOTIFY_URLS", url)
    assert send(FAILED)
    assert [(it["title"], it["message"]) for it in got] == [(FAILED.title, FAILED.body)]
    assert not outbox().exists()


def test_an_address_that_does_not_answer_leaves_it_in_the_file_without_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KLA_NOTIFY_URLS", "json://orang:rahasia@127.0.0.1:9/")
    assert not send(FAILED)
    assert kept() == (FAILED,)
    assert json.loads(outbox().read_text())["is_failed"] is True
    assert "rahasia" not in outbox().read_text()


def test_a_line_cut_off_hides_no_other(own_var: Path) -> None:
    send(FAILED)
    with outbox().open("a", encoding="utf-8") as file:
        file.write('{"kind": "al')
    assert kept() == (FAILED,)
