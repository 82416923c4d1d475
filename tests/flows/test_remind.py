"""Reminders end to end: told once, tried again where an address failed, silent when quiet; the flow, its record, its command."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from conftest import CHECKOUT, SampleNight

from flows.remind import remind
from kla.io.outbox import outbox
from kla.io.warehouse import open_warehouse
from kla.io.warehouse.reminders import history

CODE, DAY = "17.04", "2024-05-28"  # three days before Kaur's closing


@pytest.fixture
def after_a_night(sample_night: SampleNight, own_var: Path) -> Path:
    """Return a working folder of its own with the warehouse of the sample night."""
    own_var.mkdir(parents=True, exist_ok=True)
    for path in sample_night.var.glob("warehouse.db*"):
        shutil.copy(path, own_var)
    return own_var


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    got: list[dict[str, Any]] = []

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


def recorded() -> list[dict[str, Any]]:
    with open_warehouse() as warehouse, warehouse.reading() as connection:
        return list(history(connection, CODE, 2024))


def files() -> list[Path]:
    return sorted(path for path in outbox().rglob("*") if path.is_file())


def test_everybody_who_owes_is_told_once_and_no_second_time(after_a_night: Path) -> None:
    first = remind(districts=[CODE], as_of=DAY, who="uji")
    owing = {it.reminder.opd_code for it in first.sent if it.reminder.level == "office"}
    levels = [it.reminder.level.value for it in first.sent]
    assert (first.troubles, first.silent) == ((), {})
    assert (levels.count("office"), levels[-2:]) == (len(owing), ["coordinator", "sekda"])
    with open_warehouse() as warehouse:
        assert warehouse.run(first.run_id).status == "complete"
    assert len(files()) == len(first.sent) == len(recorded())
    for row in recorded():
        assert (row["run_id"], row["mark"], row["deadline_on"]) == (first.run_id, 3, "2024-05-31")
    before = {path: path.read_bytes() for path in files()}
    for again in (DAY, "2024-05-29"):  # the same mark a day later
        second = remind(districts=[CODE], as_of=again, who="uji")
        assert (second.sent, second.silent, second.troubles) == ((), {CODE: "told"}, ())
    assert {path: path.read_bytes() for path in files()} == before
    assert len(remind(districts=[CODE], as_of="2024-05-30", who="uji").sent) == len(first.sent)  # H-1 is another mark


def test_no_office_reads_of_another(after_a_night: Path) -> None:
    done = remind(districts=[CODE], as_of=DAY, dry_run=True)
    codes = {it.reminder.opd_code for it in done.sent if it.reminder.level == "office"}
    for one in done.sent:
        if one.reminder.level == "office":
            others = {
                code
                for code in codes - {one.reminder.opd_code}
                if f"- {code}" in one.body or f"folder {code}." in one.body
            }
            assert not others, one.reminder.opd_code


def test_an_address_that_fails_is_tried_again_and_stops_nobody(
    after_a_night: Path, receiver: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, got = receiver
    monkeypatch.setenv("KLA_NOTIFY_1704_DINKES", "json://orang:rahasia@127.0.0.1:9/")
    monkeypatch.setenv("KLA_NOTIFY_1704_DINSOS", url)
    first = remind(districts=[CODE], as_of=DAY, who="uji")
    assert [(it.district_code, it.who) for it in first.troubles] == [(CODE, "DINKES")]
    assert "rahasia" not in str(first.troubles)
    with open_warehouse() as warehouse:
        ledger = warehouse.run(first.run_id)
    assert ledger.status == "partial"
    assert [it["title"] for it in got] == ["Pengingat KLA 2024 H-3: DINSOS"]
    assert {it.reminder.opd_code for it in first.sent if it.reminder.level == "office"} >= {"DINSOS", "DISDIKBUD"}
    assert "DINKES" not in {row["opd_code"] for row in recorded()}
    assert {row["address"] for row in recorded() if row["opd_code"] == "DINSOS"} == {"KLA_NOTIFY_1704_DINSOS#1"}
    monkeypatch.setenv("KLA_NOTIFY_1704_DINKES", url)
    second = remind(districts=[CODE], as_of=DAY, who="uji")
    assert [(it.reminder.opd_code, it.address) for it in second.sent] == [("DINKES", "KLA_NOTIFY_1704_DINKES#1")]
    assert [it["title"] for it in got][1:] == ["Pengingat KLA 2024 H-3: DINKES"]


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        ("2024-04-30", "early"),
        ("2024-06-01", None),  # the next stage counts down already, months away
        ("2024-05-28T18:30:00+07:00", "quiet"),
        ("2024-05-28T06:30:00+07:00", "quiet"),
        ("2024-05-25", "quiet"),  # a Saturday
        ("2024-05-23", "quiet"),  # Waisak
        ("2024-05-28T09:00:00+07:00", ""),
    ],
)
def test_a_district_is_left_in_peace_before_its_marks_at_night_and_on_holidays(
    after_a_night: Path, as_of: str, reason: str | None
) -> None:
    done = remind(districts=[CODE], as_of=as_of, dry_run=True)
    assert done.silent == ({CODE: reason or "early"} if reason != "" else {})
    assert bool(done.sent) is (reason == "")
    assert not outbox().exists()
    assert recorded() == []


@pytest.fixture
def own_environment() -> Iterator[None]:
    """Forget afterwards where the server answers that a command has started here: no later test is to find it."""
    with patch.dict(os.environ):
        yield


@pytest.mark.usefixtures("own_environment")
def test_the_command_shows_what_would_go_and_then_sends_it(
    after_a_night: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from desk.main import app

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            app(["remind", "--district", CODE, "--as-of", DAY, *arguments])
        return int(ended.value.code or 0), capsys.readouterr().out

    code, said = run("--dry-run", "--json")
    told = [json.loads(line) for line in said.splitlines()]
    assert code == 0
    assert not outbox().exists()
    code, said = run()
    assert code == 0
    assert f"{len(told)} pengingat terkirim" in said
    assert len(files()) == len(told)
    assert {it["opd"] for it in told if it["level"] == "office"} == {
        path.stem.rpartition("-")[2] for path in files() if "-office-" in path.name
    }
    assert run()[1].splitlines()[-1] == "Tidak ada pengingat."


def test_every_zone_has_its_own_hour_outside_the_quiet_ones() -> None:
    deployments = yaml.safe_load((CHECKOUT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    (one,) = [it for it in deployments if it["name"] == "remind"]
    assert one["entrypoint"] == "flows/remind.py:remind"
    zones = {"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}
    assert {it["timezone"] for it in one["schedules"]} == {it["parameters"]["zone"] for it in one["schedules"]} == zones
    assert {it["cron"] for it in one["schedules"]} == {"0 8 * * *"}
