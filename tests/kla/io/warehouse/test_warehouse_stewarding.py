"""Decisions are kept for good and act when a file is judged; states, attempts and deltas follow from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kla.decisions import (
    RETURNED,
    Decision,
    OfficeStage,
    accept,
    digest_of,
    late_slot,
    learn_alias,
    repair_window,
    send_back,
    settle,
    waive,
    with_decisions,
    withdraw,
)
from kla.delta import Change
from kla.errors import WarehouseError
from kla.findings import CheckedFile, Finding, Outcome, Severity, outcome_of
from kla.io.decision_words import decision_words
from kla.io.warehouse import Warehouse, open_warehouse, schema
from kla.io.warehouse.rejudging import replace_verdict, to_judge_again
from kla.picture import OfficeDelta
from kla.scoring import Cause
from kla.states import State
from kla.submission import NearMatch, Repair
from tests.kla.io.warehouse.district_of_tests import CLOSES, DAY, INSTRUMENT, answer, district, finding, form, proof
from tests.kla.io.warehouse.test_warehouse_loading import begin, facts, points

pytest_plugins = ["tests.kla.io.warehouse.engines"]

WORDS = decision_words()
DP3AKB = OfficeStage("63.10", 2024, "mandiri", "DP3AKB")
TODAY = DAY.date()
CYCLES = {"63.10": 2024}
FIRST = form("DP3AKB", answer("1.P1", 7, "ada_sah"), answer("2.P1", 8), evidence=(proof("1.P1", 5),))
MENDED = form(
    "DP3AKB",
    answer("1.P1", 9, "ada_sah"),
    answer("2.P1", 10, value_t2="4", value_t1="5"),
    evidence=(proof("1.P1", 5, "SK yang ditandatangani"),),
    at=DAY + timedelta(days=2),
)


def taken(**more: object) -> dict[str, object]:
    return {"who": "Siti", "at": DAY + timedelta(days=1), "reason": "SK belum ditandatangani.", **more}


def waiver(code: str = "A01", **more: object) -> Decision:
    period = {"from_on": TODAY, "until_on": TODAY + timedelta(days=30)}
    return waive(DP3AKB, WORDS, code=code, requested_by="Budi", **taken(**period, **more))  # type: ignore[arg-type]


def judged(file: CheckedFile, decisions: Sequence[Decision], day: date = TODAY + timedelta(days=9)) -> CheckedFile:
    """What validation makes of a file under decisions, with one rule: an answer sent back by a steward is blocked."""
    reading = with_decisions(file.receipt, file.reading, decisions, day, 2024)
    told = [
        replace(
            finding(file.receipt, "W90", "answers", f"{it.sheet}!{it.cell[1:]}", question_id=it.question_id),
            stage="mandiri",
        )
        for it in reading.problems
        if it.kind == RETURNED
    ]
    own = [replace(it, stage="mandiri") for it in file.findings]
    settled = settle([*own, *told], decisions, day, {"A01": "d1"})
    under = digest_of(decisions, day, "63.10", 2024, "mandiri", file.receipt.opd_code)
    return replace(file, findings=settled, outcome=outcome_of(settled), decisions=under)


def states(warehouse: Warehouse, as_of: date | None = None) -> dict[str, State]:
    found = warehouse.states(district(), INSTRUMENT, 2024, "mandiri", as_of)
    return {it.question_id: it.state for it in found if it.opd_code == "DP3AKB"}


def test_a_decision_is_read_as_it_was_taken_and_the_same_twice_is_one(warehouse: Warehouse) -> None:
    one, later = waiver(), accept(DP3AKB, WORDS, **taken(at=DAY + timedelta(days=3)))  # type: ignore[arg-type]
    assert warehouse.add_decision(later) == later.decision_id
    assert warehouse.add_decision(one) == warehouse.add_decision(one) == one.decision_id
    assert warehouse.decisions(district()) == (one, later)
    assert warehouse.decisions(district(), 2023) == ()
    assert warehouse.decisions(district("17.04")) == ()
    both = {code: district(code) for code in ("17.04", "63.10")}
    assert warehouse.all_decisions(both) == {code: warehouse.decisions(it) for code, it in both.items()}
    assert warehouse.all_decisions({"17.04": both["17.04"]}) == {"17.04": ()}
    assert warehouse.decisions(district(), 2024, TODAY + timedelta(days=1)) == (one,)


def test_a_withdrawal_of_what_is_not_there_is_refused(warehouse: Warehouse) -> None:
    one = waiver()
    ending = withdraw(one, WORDS, **taken(at=DAY + timedelta(days=2)))  # type: ignore[arg-type]
    with pytest.raises(WarehouseError, match=one.decision_id):
        warehouse.add_decision(ending)
    warehouse.add_decision(one)
    warehouse.add_decision(ending)
    assert warehouse.decisions(district(), as_of=TODAY + timedelta(days=5)) == ()
    assert warehouse.failed_checks() == ()


TAMPERING = {
    "update": "UPDATE decision SET reason = 'lain'",
    "update of nothing": "UPDATE decision SET reason = reason WHERE 1 = 1",
    "delete": "DELETE FROM decision",
    "delete of one": "DELETE FROM decision WHERE kind = 'waiver'",
    "upsert": "INSERT INTO decision SELECT * FROM decision WHERE 1 = 1 "
    "ON CONFLICT (decision_id) DO UPDATE SET reason = 'lain'",
    "replace": "REPLACE INTO decision SELECT * FROM decision",
    "truncate": "TRUNCATE decision",
}


@pytest.mark.parametrize("how", TAMPERING)
def test_the_database_itself_refuses_to_change_or_remove_a_decision(warehouse: Warehouse, how: str) -> None:
    one = waiver()
    warehouse.add_decision(one)
    with pytest.raises(DBAPIError), warehouse.writing() as connection:
        connection.exec_driver_sql(TAMPERING[how])
    assert warehouse.decisions(district()) == (one,)


def test_a_waived_row_counts_and_its_finding_stays_visible(warehouse: Warehouse) -> None:
    run_id, one = begin(warehouse), waiver()
    blocked = replace(FIRST, findings=(finding(FIRST.receipt, "A01", "answers", "Kelembagaan!7"),))
    warehouse.add_decision(one)
    file = judged(blocked, [one])
    warehouse.load(file, run_id, CYCLES)
    assert points(warehouse, run_id)["1.P1"] == (Cause.FULL, Decimal(400))
    (left,) = warehouse.findings("63.10", 2024)
    assert (left.status, left.decision_id, left.severity) == ("waived", one.decision_id, Severity.BLOCKING)
    assert (file.outcome, warehouse.picture(district(), INSTRUMENT, 2024, TODAY + timedelta(days=2)).decisions) == (
        Outcome.ACCEPTED,
        (one,),
    )


def test_an_answer_sent_back_does_not_count_until_one_that_differs_arrives(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    warehouse.load(judged(FIRST, []), run_id, CYCLES)
    (state,) = [
        it
        for it in warehouse.states(district(), INSTRUMENT, 2024, "mandiri")
        if it.question_id == "1.P1" and it.is_lead
    ]
    one = send_back(DP3AKB, WORDS, question_id="1.P1", content=state.content, sha256=state.sha256, **taken())  # type: ignore[arg-type]
    warehouse.add_decision(one)
    assert replace_verdict(warehouse, judged(FIRST, [one]), run_id, CYCLES) > 0
    assert points(warehouse, run_id)["1.P1"][0] is Cause.ANSWER_RETURNED
    assert states(warehouse) == {"1.P1": State.RETURNED, "2.P1": State.EXPECTED}
    same = form("DP3AKB", answer("1.P1", 12, "ada_sah"), evidence=(proof("1.P1", 6),), at=DAY + timedelta(days=2))
    warehouse.load(judged(same, [one]), run_id, CYCLES)
    assert points(warehouse, run_id)["1.P1"][0] is Cause.ANSWER_RETURNED
    mended = replace(MENDED, receipt=replace(MENDED.receipt, received_at=DAY + timedelta(days=3)))
    warehouse.load(judged(mended, [one]), run_id, CYCLES)
    assert points(warehouse, run_id)["1.P1"] == (Cause.FULL, Decimal(400))
    assert states(warehouse)["1.P1"] is State.CORRECTED


def test_a_change_after_acceptance_reopens_only_the_touched_questions(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    full = form("DP3AKB", answer("1.P1", 7, "ada_sah"), answer("2.P1", 8, value_t2="4", value_t1="5"))
    warehouse.load(full, run_id, CYCLES)
    warehouse.add_decision(accept(DP3AKB, WORDS, **taken()))  # type: ignore[arg-type]
    assert states(warehouse) == {"1.P1": State.ACCEPTED, "2.P1": State.ACCEPTED}
    changed = form(
        "DP3AKB",
        answer("1.P1", 7, "ada_belum_sah"),
        answer("2.P1", 8, value_t2="4", value_t1="5"),
        at=DAY + timedelta(days=2),
    )
    warehouse.load(changed, run_id, CYCLES)
    assert states(warehouse) == {"1.P1": State.RECEIVED, "2.P1": State.ACCEPTED}
    assert set(states(warehouse, CLOSES + timedelta(days=1)).values()) == {State.LOCKED}
    found = {
        it.question_id: it
        for it in warehouse.states(district(), INSTRUMENT, 2024, "mandiri")
        if it.opd_code == "DP3AKB"
    }
    assert (found["1.P1"].version, found["1.P1"].sha256) == (2, changed.receipt.sha256)
    assert found["2.P1"].decision_id == warehouse.decisions(district())[0].decision_id


def test_a_waiver_of_a_question_shows_for_its_period_only(warehouse: Warehouse) -> None:
    warehouse.add_decision(waiver(question_id="2.P1"))
    assert states(warehouse, TODAY + timedelta(days=1)) == {"1.P1": State.EXPECTED, "2.P1": State.WAIVED}
    assert states(warehouse, TODAY)["2.P1"] is State.EXPECTED


def test_a_verdict_is_due_again_once_when_a_decision_comes_ends_or_is_withdrawn(warehouse: Warehouse) -> None:
    run_id, archive, one = begin(warehouse), Path("arsip"), waiver()

    def due(day: date) -> list[str]:
        return [it.opd_code for it in to_judge_again(warehouse, district(), archive, day)]

    other = form("DINKES", answer("1.P2", 7, value_t1="1", denominator_t1="2"))
    warehouse.load_many((judged(FIRST, []), judged(other, [])), run_id, CYCLES)
    day, over = TODAY + timedelta(days=9), TODAY + timedelta(days=40)
    assert due(day) == []
    warehouse.add_decision(one)
    assert (due(TODAY), due(day), due(over)) == ([], ["DP3AKB"], [])
    assert replace_verdict(warehouse, judged(FIRST, [one]), run_id, CYCLES) == 0
    assert (due(day), due(over)) == ([], ["DP3AKB"])
    warehouse.add_decision(withdraw(one, WORDS, **taken(at=DAY + timedelta(days=2))))  # type: ignore[arg-type]
    assert due(day) == ["DP3AKB"]


def test_attempts_tell_each_changed_cell_and_keep_their_receipt_number(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    refused = form("DP3AKB", outcome=Outcome.REFUSED, at=DAY + timedelta(days=1))
    warehouse.load_many((FIRST, refused, MENDED), run_id, CYCLES)
    one, two, three = warehouse.attempts(district(), 2024, "mandiri", "DP3AKB")
    assert one.receipt_number == f"KLA-63.10-DP3AKB-2024-mandiri-01-{FIRST.receipt.sha256[:6]}"
    assert (one.changes, two.changes, two.outcome) == ((), (), Outcome.REFUSED)
    assert [(it.question_id, it.field, it.cell, it.before, it.after) for it in three.changes] == [
        ("2.P1", "value_t2", "G10", "", "4"),
        ("2.P1", "value_t1", "I10", "", "5"),
        ("1.P1", "title", "C5", "SK Bupati", "SK yang ditandatangani"),
    ]
    assert warehouse.attempts(district(), 2024, "mandiri", "DISDIK") == ()


def repaired(*repairs: Repair) -> CheckedFile:
    return replace(FIRST, reading=replace(FIRST.reading, repairs=repairs))


def test_a_cell_mended_in_steps_is_one_repair(warehouse: Warehouse) -> None:
    row = ("answers", "answer", "Kelembagaan!7", "1.P1")
    trimmed = Repair("Kelembagaan", "F7", *row, " ada, SAH ", "ada, SAH", "trim")
    level = Repair("Kelembagaan", "F7", *row, "ada, SAH", "Ada, sah", "level")
    header = Repair("Kelembagaan", "F5", "", "answer", "", "", "Jawabn", "Jawaban", "header")
    office = Repair("", "", "", "", "", "", "Dinas PPPA", "DP3AKB", "office_alias")
    warehouse.load(repaired(trimmed, level, header, office), begin(warehouse), CYCLES)
    found = warehouse.repairs("63.10", 2024, "mandiri")
    assert [(it.repair.cell, it.repair.original, it.repair.result, it.repair.rule) for it in found] == [
        ("F7", " ada, SAH ", "Ada, sah", "trim+level"),
        ("F5", "Jawabn", "Jawaban", "header"),
        ("", "Dinas PPPA", "DP3AKB", "office_alias"),
    ]
    assert warehouse.failed_checks() == ()


def test_a_near_name_waits_until_a_steward_chooses_and_keeps_its_first_file(warehouse: Warehouse) -> None:
    near = NearMatch("header", "Jawabn anda", "Jawaban", 88, "Kelembagaan", "F5")
    far = NearMatch("office", "Dinas Anu", "", 40)
    file = replace(FIRST, reading=replace(FIRST.reading, near=(far, near)))
    warehouse.load(file, begin(warehouse), CYCLES)
    assert warehouse.queue_aliases("63.10", [near], "ab" * 32, "lain.xlsx", begin(warehouse)) == 0
    waiting = warehouse.pending_aliases(district())
    assert [(it.near, it.file_name) for it in waiting] == [(near, "DP3AKB.xlsx"), (far, "DP3AKB.xlsx")]
    learned = {"kind": "header", "text": near.text, "meaning": "answer"}
    warehouse.add_decision(learn_alias("63.10", 2024, WORDS, **learned, **taken()))  # type: ignore[arg-type]
    assert [it.near for it in warehouse.pending_aliases(district())] == [far]
    assert warehouse.learned_aliases(district()) == {"header": {"Jawabn anda": "answer"}}
    assert warehouse.learned_aliases(district("17.04")) == {}


def told(warehouse: Warehouse, run_id: str | None = None) -> dict[str, list[tuple[str, Change]]]:
    found = warehouse.delta("63.10", 2024, "mandiri", run_id)
    return {opd: [(it.key.code, it.change) for it in changes] for opd, changes in found.items()}


def version(number: int, *codes: str) -> CheckedFile:
    """The n-th version of a form with a warning per code."""
    base = form("DP3AKB", answer("1.P1", 7 + number, "ada_sah"), at=DAY + timedelta(days=number))
    found: list[Finding] = [
        replace(finding(base.receipt, code, "answers", f"Kelembagaan!{7 + number}", Severity.WARNING), stage="mandiri")
        for code in codes
    ]
    return replace(base, findings=tuple(found))


def test_findings_are_new_then_fixed_then_back_and_a_night_without_files_adds_nothing(warehouse: Warehouse) -> None:
    runs = []
    for number, codes in enumerate((("A01", "A02"), ("A02", "A03"), ("A01", "A02")), 1):
        runs.append(begin(warehouse))
        warehouse.load(version(number, *codes), runs[-1], CYCLES)
        warehouse.replace_standing_findings("63.10", 2024, "mandiri", (), runs[-1])
        warehouse.finish_run(runs[-1], "complete")
    quiet = begin(warehouse)
    warehouse.load(version(3, "A01", "A02"), quiet, CYCLES)
    before = facts(warehouse)
    warehouse.replace_standing_findings("63.10", 2024, "mandiri", (), quiet)
    assert facts(warehouse) == before
    assert told(warehouse, runs[0]) == {"DP3AKB": [("A01", Change.NEW), ("A02", Change.NEW)]}
    assert told(warehouse, runs[1]) == {
        "DP3AKB": [("A03", Change.NEW), ("A02", Change.PERSISTING), ("A01", Change.FIXED)]
    }
    assert told(warehouse) == {"DP3AKB": [("A01", Change.RETURNED), ("A02", Change.PERSISTING), ("A03", Change.FIXED)]}
    assert told(warehouse, quiet) == {}
    assert [
        (it.position, it.new, it.fixed, it.persisting, it.returned) for it in warehouse.office_deltas(district(), 2024)
    ] == [
        (1, 2, 0, 0, 0),
        (2, 1, 1, 1, 0),
        (3, 0, 1, 1, 1),
    ]
    assert [it.received_on for it in warehouse.office_deltas(district(), 2024)] == [
        TODAY + timedelta(days=number) for number in (1, 2, 3)
    ]


def _told_after(warehouse: Warehouse, *nights: Sequence[CheckedFile], killed: int = -1) -> list[OfficeDelta]:
    """What offices are shown after nights that brought these files, of which one was killed before it compared."""
    for number, files in enumerate(nights):
        run_id = begin(warehouse)
        warehouse.load_many(files, run_id, CYCLES)
        if number == killed:
            with warehouse.writing() as connection:
                connection.execute(text("UPDATE run SET status = 'abandoned' WHERE run_id = :id"), {"id": run_id})
            continue
        warehouse.replace_standing_findings("63.10", 2024, "mandiri", (), run_id)
        warehouse.finish_run(run_id, "complete")
    return [replace(it, run_id="") for it in warehouse.office_deltas(district(), 2024)]


@pytest.mark.parametrize("second", [("A01", "A02"), ("A01",), ("A03",), ()])
def test_what_a_killed_night_loaded_is_told_as_if_it_had_not_been_killed(
    warehouse: Warehouse, tmp_path: Path, second: tuple[str, ...]
) -> None:
    before, later = [version(1, "A01", "A02")], [version(2, *second)]
    other = form("DINKES", answer("1.P2", 7, value_t1="1", denominator_t1="2"), at=DAY + timedelta(days=2))
    killed = _told_after(warehouse, before, later, [other], [], killed=1)
    with open_warehouse(f"sqlite:///{tmp_path / 'whole.db'}") as whole:
        assert killed == _told_after(whole, before, [*later, other], [])
    assert killed[-1].received_on == TODAY + timedelta(days=2)


def test_a_night_that_only_judges_anew_brought_no_file_whatever_was_killed_long_ago(warehouse: Warehouse) -> None:
    _told_after(warehouse, [version(1, "A01")], [], killed=0)
    again = begin(warehouse)
    across = replace(finding(FIRST.receipt, "X01", "questions", "1.P1", Severity.WARNING), stage="mandiri", sha256="")
    warehouse.replace_standing_findings("63.10", 2024, "mandiri", (across,), again)
    assert [it.received_on for it in warehouse.office_deltas(district(), 2024)] == [TODAY + timedelta(days=1), None]


def test_within_one_run_the_last_word_on_a_finding_counts(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    warehouse.load(version(1, "A01"), run_id, CYCLES)
    across = replace(finding(FIRST.receipt, "X01", "questions", "1.P1", Severity.WARNING), stage="mandiri", sha256="")
    warehouse.replace_standing_findings("63.10", 2024, "mandiri", (across,), run_id)
    warehouse.replace_standing_findings("63.10", 2024, "mandiri", (across,), run_id)
    assert told(warehouse) == {"DP3AKB": [("A01", Change.NEW), ("X01", Change.NEW)]}
    warehouse.replace_standing_findings("63.10", 2024, "mandiri", (), run_id)
    assert told(warehouse) == {"DP3AKB": [("A01", Change.NEW)]}


def test_the_picture_shows_what_stewards_and_offices_need(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    warehouse.load_many((judged(FIRST, []), judged(MENDED, [])), run_id, CYCLES)
    warehouse.replace_standing_findings("63.10", 2024, "mandiri", (), run_id)
    warehouse.rescore(district(), INSTRUMENT, 2024, run_id)
    warehouse.add_decision(waiver())
    one, other = (warehouse.picture(district(), INSTRUMENT, 2024, TODAY + timedelta(days=5)) for _ in range(2))
    assert [it.version for it in one.attempts] == [1, 2]
    assert {it.opd_code for it in one.states} == {"DP3AKB", "DINKES", "DISDIK"}
    assert [it.kind.value for it in one.decisions] == ["waiver"]
    assert (one.states, one.attempts, one.deltas, one.decisions) == (
        *(other.states, other.attempts, other.deltas),
        other.decisions,
    )


def test_what_counted_the_cycle_before_is_told_with_its_years(warehouse: Warehouse) -> None:
    warehouse.load(MENDED, begin(warehouse), CYCLES)
    found = warehouse.previous_answers(district(), INSTRUMENT)
    assert set(found) == {("63.10", "1.P1", "DP3AKB"), ("63.10", "2.P1", "DP3AKB")}
    last = found["63.10", "2.P1", "DP3AKB"]
    assert (last.cycle, last.years, last.value_t1) == (2024, INSTRUMENT.evidence_years, Decimal(5))


def test_answers_of_before_the_migration_get_the_content_new_ones_have(url: str, warehouse: Warehouse) -> None:
    warehouse.load(FIRST, begin(warehouse), CYCLES)

    def contents(opened: Warehouse) -> list[tuple[str, str]]:
        with opened.reading() as connection:
            found = connection.execute(text("SELECT question_id, content FROM answer ORDER BY question_id")).all()
        return [(row[0], row[1]) for row in found]

    before = contents(warehouse)
    assert [bool(content) for _, content in before] == [True, False]
    with warehouse.writing() as connection:
        schema.downgrade(connection, "0001")
    with open_warehouse(url) as again:
        assert contents(again) == before
        again.add_decision(waiver())


def test_a_closed_stage_is_locked_but_for_the_days_of_a_slot_or_window(warehouse: Warehouse) -> None:
    window = next(it for it in district().windows(2024) if it.stage == "mandiri")
    closed = window.closes_at(district().zone)
    until = closed + timedelta(days=3)
    told = {"who": "Siti", "at": closed + timedelta(hours=9), "reason": "Jaringan putus."}
    slot = late_slot(DP3AKB, window, district(), WORDS, until=until, **told)  # type: ignore[arg-type]
    assert set(states(warehouse, CLOSES).values()) == {State.EXPECTED}
    assert set(states(warehouse, CLOSES + timedelta(days=1)).values()) == {State.LOCKED}
    warehouse.add_decision(slot)
    seen = {ahead: set(states(warehouse, CLOSES + timedelta(days=ahead)).values()) for ahead in range(5)}
    locked, opened = {State.LOCKED}, {State.EXPECTED}
    assert seen == {0: opened, 1: opened, 2: opened, 3: opened, 4: locked}
    others = warehouse.states(district(), INSTRUMENT, 2024, "mandiri", CLOSES + timedelta(days=1))
    assert {it.state for it in others if it.opd_code != "DP3AKB"} == locked
    again = {"who": "Siti", "at": until + timedelta(hours=1), "reason": "Sesudah VLH."}
    begin_at = until + timedelta(days=1)
    warehouse.add_decision(repair_window(DP3AKB, window, district(), WORDS, from_at=begin_at, **again))  # type: ignore[arg-type]
    for ahead, state in ((4, State.LOCKED), (5, State.EXPECTED), (6, State.EXPECTED), (7, State.LOCKED)):
        found = warehouse.states(district(), INSTRUMENT, 2024, "mandiri", CLOSES + timedelta(days=ahead))
        assert {it.state for it in found} == {state}, ahead
