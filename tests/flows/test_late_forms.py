"""A form after its stage has closed waits in the archive until a late slot takes it, and leaves what counted alone."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from sent_form import CODE, OFFICE, send

from desk.main import app
from flows.nightly import nightly
from kla.findings import Outcome
from kla.io import project
from kla.io.districts import load_district
from kla.io.instruments import load_instrument
from kla.io.warehouse import open_warehouse
from kla.picture import Picture


def seen(day: str) -> Picture:
    with open_warehouse() as warehouse:
        return warehouse.picture(load_district(CODE), load_instrument(2024), 2024, date.fromisoformat(day))


def kla(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        app(list(arguments))
    return int(end.value.code or 0), "".join(capsys.readouterr())


def test_a_late_form_counts_only_once_a_slot_takes_it_and_need_not_be_sent_again(
    prefect_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send(project.inbox(), "2024-05-20", {("12.P1", "value_t1"): None, ("12.P1", "denominator_t1"): None})
    nightly(districts=[CODE], as_of="2024-05-31", who="uji")
    before = seen("2024-05-31").current.total.points
    send(project.inbox(), "2024-06-01", {})
    night = nightly(districts=[CODE], as_of="2024-06-02", who="uji")
    assert [it.who.split()[0] for it in night.troubles] == [OFFICE]
    assert "F26" in night.troubles[0].what
    late = seen("2024-06-02")
    assert [(it.version, it.outcome, it.code, it.is_on_time) for it in late.submissions] == [
        (1, late.submissions[0].outcome, late.submissions[0].code, True),
        (2, Outcome.REFUSED, "F26", False),
    ]
    assert late.current.total.points == before
    assert {it.state.value for it in late.states if it.opd_code == OFFICE} == {"locked"}

    slot = ["slot", CODE, OFFICE, "--reason", "Jaringan kantor putus.", "--who", "Siti", "--as-of", "2024-06-02T09:00"]
    assert kla(capsys, *slot, "--until", "2024-05-31")[0] == 2
    code, said = kla(capsys, *slot, "--until", "2024-06-03", "--json")
    assert code == 0, said
    assert json.loads(said.splitlines()[0])["kind"] == "late_slot"
    for day, state in (("2024-06-02", "berlaku"), ("2024-06-04", "lewat masa")):
        listed = kla(capsys, "decisions", "--district", CODE, "--all", "--as-of", day)[1]
        assert "3 Juni 2024, 23.59 WIB" in listed
        assert state in listed
    taken = seen("2024-06-02")
    assert taken.submissions[-1].outcome is Outcome.ACCEPTED
    assert not taken.submissions[-1].is_on_time
    assert taken.current.total.points > before
    assert {it.status for it in taken.offices if it.opd_code == OFFICE} == {"accepted"}  # its first came in time
    assert {it.code for it in taken.findings if it.opd_code == OFFICE} >= {"F25"}
    assert "locked" not in {it.state.value for it in taken.states if it.opd_code == OFFICE}
    # The slot has ended: what came within it stays, what comes later does not count.
    assert {it.state.value for it in seen("2024-06-04").states if it.opd_code == OFFICE} == {"locked"}
    assert kla(capsys, "window", CODE, "mandiri", "--from", "2024-05-20", "--reason", "uji", "--who", "Siti")[0] == 2
