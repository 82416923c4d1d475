"""A steward decides, the next night acts on it: on a real warehouse, through the command and the flow."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfWriter
from sent_form import CODE, OFFICE, place, send
from sqlalchemy import text

from desk.main import app
from flows.nightly import nightly
from kla.findings import Finding
from kla.io import project
from kla.io.districts import load_district
from kla.io.instruments import load_instrument
from kla.io.page_words import word
from kla.io.warehouse import open_warehouse
from kla.night import Night
from kla.states import State

WHO = ("--who", "Wali data")
FOLDER = "Dinas Perhub"  # near to Dinas Perhubungan, but not certain
WAIVED, SEEN, SENT_BACK, MENDED = "14.P4", "12.P4", "14.P5", "12.P1"
ABOVE = {(WAIVED, "value_t1"): 99999}
PROOF_CODES = ("D22", "D23")  # behind a password, unreadable
FAR = {(SEEN, "value_t1"): 900, (SEEN, "value_t2"): 20}


@dataclass(frozen=True)
class Morning:
    """What a steward finds after a night."""

    night: Night
    findings: tuple[Finding, ...]
    states: dict[str, State]
    points: dict[str, str]  # question -> "<points> <cause>"
    placed: dict[str, int]  # office -> files
    proofs: list[tuple[str, str]]  # (code, value) of what is told of files beside the form of DISHUB

    def status(self, question_id: str, severity: str) -> list[str]:
        """Return the status of the findings of a severity about a question."""
        return [it.status for it in self.findings if (it.question_id, it.severity) == (question_id, severity)]

    def blocking(self, question_id: str) -> list[str]:
        """Return the codes that block a question."""
        return [it.code for it in self.findings if it.question_id == question_id and it.effective == "blocking"]


def after_night(day: str) -> Morning:
    night = nightly(districts=[CODE], as_of=day, who="uji")
    district, instrument = load_district(CODE), load_instrument(2024)
    with open_warehouse() as warehouse:
        states = warehouse.states(district, instrument, 2024, "mandiri")
        sheet = warehouse.sheets(CODE, instrument, 2024)[0]
        picture = warehouse.picture(district, instrument, 2024, date.fromisoformat(day))
        return Morning(
            night,
            tuple(it for it in warehouse.findings(CODE, 2024) if it.opd_code == OFFICE),
            {it.question_id: it.state for it in states if it.opd_code == OFFICE},
            {it.question_id: f"{it.points} {it.cause.value}" for it in sheet.questions},
            {
                line.opd_code: sum(it.opd_code == line.opd_code for it in picture.submissions)
                for line in picture.offices
            },
            sorted((it.code, it.value) for it in warehouse.findings(CODE, 2024) if it.code in PROOF_CODES),
        )


def pdf(**passwords: str) -> bytes:
    """Return a PDF of one page, behind a password where one is given."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if passwords:
        writer.encrypt(algorithm="RC4-128", **passwords)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _owned(opd: str) -> str:
    """Return the first question an office owns."""
    return load_district(CODE).questions_for(opd, load_instrument(2024))[0][0].question_id


def kla(*arguments: str) -> int:
    """Return the exit code of `kla`."""
    with pytest.raises(SystemExit) as end:
        app(list(arguments))
    return int(end.value.code or 0)


def decide() -> None:
    """Take a decision of each kind on 2 May, for the night to act on."""
    sheet, cell = place(MENDED, "value_t1")
    commands = [
        ("accept", CODE, OFFICE, *WHO),
        ("waive", CODE, "A10", "--opd", OFFICE, "--until", "2024-05-04", "--requested-by", "Kepala Dinas",
         "--approved-by", "Sekda", "--reason", "uji"),
        ("acknowledge", CODE, "--opd", OFFICE, "--code", "A40", "--question", SEEN, "--reason-code",
         "KEJADIAN_KHUSUS", *WHO),
        ("return", CODE, OFFICE, SENT_BACK, "--reason", "Tidak sesuai profil kesehatan", *WHO),
        ("repairs", CODE, "--reject", f"{sheet}!{cell}", "--reason", "bukan 37", *WHO),
        ("aliases", CODE, "--choose", f"{FOLDER}=DISHUB", *WHO),
    ]  # fmt: skip
    for command in commands:
        assert kla(*command, "--as-of", "2024-05-02", "--later") == 0, command


@pytest.fixture(scope="module")
def story_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("story") / "var"


@pytest.fixture(scope="module")
def story(story_var: Path, prefect_home: Path) -> Iterator[dict[str, Morning]]:
    """A form sent wrong, decisions about it, a new version, the end of a waiver, and another version."""
    var, inbox = story_var, story_var / "inbox"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLA_VAR", str(var))
        send(inbox, "2024-05-01", {**ABOVE, **FAR, (MENDED, "value_t1"): "37 "})
        send(inbox, "2024-05-01", {}, folder=FOLDER, opd="DISHUB")
        told = {"sent": after_night("2024-05-01")}
        decide()
        told["decided"] = after_night("2024-05-02")
        second = {**ABOVE, **FAR, (SENT_BACK, "value_t2"): 1, (MENDED, "value_t1"): 38}
        send(inbox, "2024-05-03", second)
        remark = {(_owned("DISHUB"), "note"): "versi kedua"}
        send(inbox, "2024-05-03", remark, folder=FOLDER, opd="DISHUB", links=["sk.pdf", "kunci.pdf", "foto.jpg"])
        beside = inbox / CODE / FOLDER
        for name in ("sk.pdf", "kunci.pdf"):
            (beside / name).write_bytes(pdf(user_password="x", owner_password="y"))
        told["mended"] = after_night("2024-05-03")
        told["quiet"] = after_night("2024-05-04")
        (beside / "sk.pdf").write_bytes(pdf())
        (beside / "foto.jpg").write_bytes(b"JFIF")
        told["expired"] = after_night("2024-05-05")
        send(inbox, "2024-05-06", {**second, (SEEN, "value_t1"): 950})
        told["changed"] = after_night("2024-05-06")
        give_reasons(var / "public" / CODE / "2024" / "findings.xlsx", var / "balasan.xlsx")
        back = ("acknowledge", CODE, "--from-file", str(var / "balasan.xlsx"), *WHO)
        assert kla(*back, "--as-of", "2024-05-07", "--later") == 0
        told["answered"] = after_night("2024-05-07")
        yield told


def give_reasons(findings: Path, target: Path) -> None:
    """Fill in findings.xlsx as an office does: a reason for each of its warnings."""
    book = load_workbook(findings)
    for sheet in book.worksheets:
        heads = {cell.value: cell.column for cell in sheet[1]}
        if word("xlsx.findings.reason") in heads:
            for row in range(2, sheet.max_row + 1):
                shown = {name: sheet.cell(row, column).value for name, column in heads.items()}
                is_own = str(shown[word("xlsx.findings.opd")]).startswith((OFFICE, "Dinas Kesehatan"))
                if is_own and shown[word("xlsx.findings.severity")] == word("severity.warning.name"):
                    sheet.cell(row, heads[word("xlsx.findings.reason")]).value = "SESUAI_SUMBER"
    book.save(target)


def test_a_wrong_form_goes_back_and_its_rows_do_not_count(story: dict[str, Morning]) -> None:
    sent = story["sent"]
    assert (sent.night.lines[0].received, sent.night.lines[0].returned, sent.night.lines[0].refused) == (2, 1, 1)
    assert sent.blocking(WAIVED) == ["A10"]
    assert (sent.states[WAIVED], sent.states[SENT_BACK]) == (State.RETURNED, State.RECEIVED)
    assert sent.points[WAIVED].endswith("answer_returned")


def test_a_waiver_lets_the_wrong_row_load_until_it_ends(story: dict[str, Morning]) -> None:
    assert [story[night].status(WAIVED, "blocking") for night in ("decided", "mended", "quiet")] == [["waived"]] * 3
    assert not story["decided"].points[WAIVED].endswith("answer_returned")
    expired = story["expired"]
    assert (expired.night.lines[0].received, expired.blocking(WAIVED)) == (0, ["A10"])
    assert expired.points[WAIVED].endswith("answer_returned")


def test_a_confirmed_warning_stays_so_in_a_new_version_and_lapses_with_a_new_value(story: dict[str, Morning]) -> None:
    status = {name: morning.status(SEEN, "warning") for name, morning in story.items()}
    assert (status["sent"], status["decided"], status["mended"]) == (["open"], ["acknowledged"], ["acknowledged"])
    assert (status["expired"], status["changed"]) == (["acknowledged"], ["open"])


def test_a_list_sent_back_with_reasons_confirms_every_warning_it_answers(story: dict[str, Morning]) -> None:
    warnings = [it for it in story["answered"].findings if it.severity == "warning"]
    assert SEEN in {it.question_id for it in warnings}
    assert {it.status for it in warnings} == {"acknowledged"}


def test_rules_preview_tells_before_and_writes_nothing(
    story: dict[str, Morning], story_var: Path, tmp_path: Path
) -> None:
    for folder in ("instrument", "districts", "expectations", "reports", "sql", "samples"):
        shutil.copytree(project.data(folder), tmp_path / folder)
    rules = tmp_path / "expectations" / "answers.yaml"
    before = rules.read_text(encoding="utf-8")
    head, _, rest = before.partition("code: A40\n")
    at = head.rindex("severity: warning")
    rules.write_text(head[:at] + "severity: info   " + head[at + 17 :] + "code: A40\n" + rest, encoding="utf-8")
    held = (story_var / "warehouse.db").read_bytes()
    program = [sys.executable, "-m", "desk.main", "rules", "preview", "--district", CODE, "--as-of", "2024-05-07"]
    environment = {**os.environ, "KLA_HOME": str(tmp_path), "KLA_VAR": str(story_var)}
    done = subprocess.run([*program, "--json"], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    changed = {it["code"]: (it["new"], it["vanished"]) for it in seen["changes"]}
    assert (seen["files"], seen["missing"], changed) == (2, 0, {"A40": (1, 1)})
    assert (story_var / "warehouse.db").read_bytes() == held


def test_a_return_reopens_only_the_question_it_names(story: dict[str, Morning]) -> None:
    decided, mended = story["decided"], story["mended"]
    assert decided.states[SENT_BACK] is State.RETURNED
    assert decided.points[SENT_BACK].endswith("answer_returned")
    (told,) = [it for it in decided.findings if it.question_id == SENT_BACK and it.severity == "blocking"]
    assert "Tidak sesuai profil kesehatan" in told.tell
    assert (mended.states[SENT_BACK], mended.blocking(SENT_BACK)) == (State.CORRECTED, [])
    touched = {WAIVED, SENT_BACK, MENDED}
    others = {state for question, state in decided.states.items() if question not in touched}
    assert others == {state for question, state in mended.states.items() if question not in touched} == {State.ACCEPTED}


def test_a_rejected_repair_blocks_its_cell_until_it_is_written_anew(story: dict[str, Morning]) -> None:
    assert [story[night].blocking(MENDED) for night in ("sent", "decided", "mended")] == [[], ["W26"], []]
    (told,) = [it for it in story["decided"].findings if it.code == "W26"]
    assert (told.sheet, told.cell) == place(MENDED, "value_t1")


def test_a_chosen_name_places_the_file_and_all_later_ones(story: dict[str, Morning]) -> None:
    assert [story[night].placed["DISHUB"] for night in ("sent", "decided", "mended")] == [0, 1, 2]
    assert story["mended"].night.lines[0].refused == 0


def test_data_dukung_that_was_mended_is_looked_at_again_without_a_new_form(story: dict[str, Morning]) -> None:
    other, locked = ("D22", "kunci.pdf"), ("D22", "sk.pdf")
    assert [len(story[night].proofs) for night in ("sent", "decided")] == [0, 0]
    assert story["mended"].proofs == story["quiet"].proofs == [other, locked]
    assert story["expired"].proofs == story["changed"].proofs == [other]
    assert [it.fixed > 0 for it in story["expired"].night.deltas if it.opd_code == "DISHUB"] == [True]
    assert "DISHUB" not in {it.opd_code for it in story["changed"].night.deltas}


def test_data_dukung_is_kept_in_the_archive(story: dict[str, Morning], story_var: Path) -> None:
    with open_warehouse(f"sqlite:///{story_var / 'warehouse.db'}") as warehouse, warehouse.reading() as connection:
        kept = connection.execute(
            text("SELECT name, fault, sha256 FROM attachment WHERE sha256 <> '' ORDER BY 1")
        ).all()
    assert [(name, fault) for name, fault, _ in kept] == [("foto.jpg", ""), ("kunci.pdf", "encrypted"), ("sk.pdf", "")]
    for _, _, digest in kept:
        place = story_var / "archive" / digest[:2] / digest
        assert (hashlib.sha256(place.read_bytes()).hexdigest(), place.stat().st_mode & 0o777) == (digest, 0o400)


def test_a_change_after_acceptance_reopens_only_the_question_it_touches(story: dict[str, Morning]) -> None:
    before, after = story["expired"].states, story["changed"].states
    assert (before[SEEN], after[SEEN]) == (State.ACCEPTED, State.RECEIVED)
    assert {question: state for question, state in before.items() if question != SEEN} == {
        question: state for question, state in after.items() if question != SEEN
    }
    assert list(after.values()).count(State.ACCEPTED) > 50


def test_a_night_tells_first_what_came_and_went_and_a_quiet_one_tells_nothing(story: dict[str, Morning]) -> None:
    (sent,) = [it for it in story["sent"].night.deltas if it.opd_code == OFFICE]
    assert (sent.new > 0, sent.fixed, sent.returned) == (True, 0, 0)
    assert story["quiet"].night.deltas == ()
    (mended,) = [it for it in story["mended"].night.deltas if it.opd_code == OFFICE]
    assert mended.fixed == 2


def test_the_words_of_an_approver_are_not_the_requesters_own(own_var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    waive = ["waive", CODE, "A10", "--opd", OFFICE, "--until", "2024-05-05", "--reason", "uji", "--as-of", "2024-05-03"]
    assert kla(*waive, "--requested-by", "Siti", "--approved-by", "siti") == 2
    assert "tidak dapat menyetujui" in capsys.readouterr().err


def test_a_decision_acts_at_once_unless_put_off_and_can_be_withdrawn(
    own_var: Path, prefect_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send(own_var / "inbox", "2024-05-01", {})
    assert after_night("2024-05-01").points[SENT_BACK].endswith("full")
    back = ["return", CODE, OFFICE, SENT_BACK, "--reason", "uji", *WHO, "--as-of", "2024-05-02"]
    assert kla(*back) == 0
    shown = capsys.readouterr().out
    assert "disimpan: Pengembalian" in shown
    assert f"{SENT_BACK} " in shown
    (held,) = listed(capsys)
    assert (
        kla("decisions", "--withdraw", held["decision"][:8], "--reason", "keliru", *WHO, "--as-of", "2024-05-02") == 0
    )
    assert f"{SENT_BACK} " in capsys.readouterr().out
    assert listed(capsys) == []


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what `kla decisions` lists as holding on 2 May."""
    capsys.readouterr()
    assert kla("decisions", "--district", CODE, "--as-of", "2024-05-02", "--json") == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_state_a_question_had_is_told_with_what_brought_it(
    story: dict[str, Morning], story_var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KLA_VAR", str(story_var))
    asked = ("status", "--district", CODE, "--opd", OFFICE, "--as-of", "2024-05-07")
    assert kla(*asked, "--json") == 0
    told = {it["question"]: it for it in map(json.loads, capsys.readouterr().out.splitlines())}
    steps = [(it["state"], it["version"], bool(it["decision"])) for it in told[SENT_BACK]["steps"]]
    # Accepted and sent back at one moment: which came first is not known, and what was sent back stays so.
    steps = [step for step in steps if step[0] != "accepted"]
    assert steps == [("received", 1, False), ("returned", 0, True), ("corrected", 2, False)]
    assert [it["state"] for it in told[SEEN]["steps"]] == ["received", "accepted", "received"]
    assert {code: it["state"] for code, it in told.items()} == {
        code: state.value for code, state in story["answered"].states.items()
    }
    assert kla(*asked) == 0
    shown = capsys.readouterr().out
    assert "sudah diperbaiki 3 Mei 2024 (kiriman ke-2)" in shown
