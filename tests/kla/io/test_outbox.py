"""A reminder reaches a real HTTP or mail receiver as plain text, or stands in a file; a failure never tells the address."""

from __future__ import annotations

import email
import email.policy
import json
import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from test_reminder_text import digest, note, reminder

from kla.io.contacts import FILE_ADDRESS, Address
from kla.io.outbox import DeliveryError, deliver, outbox, path_of
from kla.io.reminder_text import body_of, title_of
from kla.reminders import Level

REMINDER = reminder(Level.OFFICE, digest("DINKES", note("Isi <b>angka</b> & *koma* di sel I7.")))
TITLE, BODY = title_of(REMINDER), body_of(REMINDER, None)


class _Mailbox(BaseHTTPRequestHandler):
    status = 200

    def do_POST(self) -> None:
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))  # type: ignore[attr-defined]
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


class _Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP as one letter needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 uji\r\n")
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (text := self.rfile.readline()) != b".\r\n":
                    lines.append(text)
                self.server.got.append(b"".join(lines))  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@contextmanager
def listening(server: socketserver.TCPServer) -> Iterator[tuple[int, list]]:
    server.got = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], server.got  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


def test_without_an_address_it_stands_in_a_file_of_its_own_and_the_same_occasion_in_the_same(own_var):
    for _ in range(2):
        deliver(REMINDER, FILE_ADDRESS, TITLE, BODY)
    (path,) = [path for path in outbox().rglob("*") if path.is_file()]
    assert path == path_of(REMINDER) == own_var / "outbox" / "17.04" / "2024" / "2024-05-31-H14-office-DINKES.txt"
    assert path.read_text(encoding="utf-8") == f"{TITLE}\n\n{BODY}"


def test_an_offices_code_never_leaves_the_outbox():
    assert path_of(replace(REMINDER, opd_code="../../etc/x")).parent == path_of(REMINDER).parent


def test_an_http_receiver_gets_the_text_as_it_is():
    with listening(HTTPServer(("127.0.0.1", 0), _Mailbox)) as (port, got):
        deliver(REMINDER, Address("KLA_NOTIFY_UJI#1", f"json://127.0.0.1:{port}/"), TITLE, BODY)
    ((told,),) = [got]
    assert (told["title"], told["message"].strip()) == (TITLE, BODY.strip())
    assert not outbox().exists()


def test_a_mail_receiver_gets_a_letter_in_which_nothing_is_markup():
    with listening(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp)) as (port, got):
        url = f"mailto://127.0.0.1:{port}?from=kla@uji.example&to=dinkes@uji.example&mode=insecure"
        deliver(REMINDER, Address("KLA_NOTIFY_UJI#1", url), TITLE, BODY)
    (raw,) = got
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    assert letter["Subject"] == TITLE
    assert "dinkes@uji.example" in letter["To"]
    html = letter.get_body(("html", "plain")).get_content()
    assert "<b>angka" not in html
    assert "12.P3" in html
    assert "DINKES" in html


@pytest.mark.parametrize("status", [403, 500])
def test_a_receiver_that_refuses_is_told_by_the_name_of_its_variable_only(status, monkeypatch):
    monkeypatch.setattr(_Mailbox, "status", status)
    with listening(HTTPServer(("127.0.0.1", 0), _Mailbox)) as (port, _):
        address = Address("KLA_NOTIFY_UJI#1", f"json://orang:rahasia@127.0.0.1:{port}/")
        with pytest.raises(DeliveryError, match=r"KLA_NOTIFY_UJI#1.*dicoba lagi") as told:
            deliver(REMINDER, address, TITLE, BODY)
    assert "rahasia" not in str(told.value)


@pytest.mark.parametrize("url", ["json://orang:rahasia@127.0.0.1:9/", "bukan-alamat", "tidakada://rahasia"])
def test_an_address_that_cannot_be_reached_or_understood_is_a_failure(url):
    with pytest.raises(DeliveryError) as told:
        deliver(REMINDER, Address("KLA_NOTIFY_UJI#1", url), TITLE, BODY)
    assert "rahasia" not in str(told.value)
    assert os.sep not in str(told.value)
