"""Decisions act where findings are found: what is waived blocks and hides nothing, what was sent back is told and blocked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from rows_of_tests import AS_OF, DISTRICTS, INSTRUMENT, RATIO, TREND, answer, evidence, form

from kla.decisions import Decision, DecisionKind, OfficeStage, late_slot, repair_window
from kla.delta import content_of
from kla.findings import CheckedFile, Outcome, Severity
from kla.io.decision_words import decision_words
from kla.io.rules import rule_digests
from kla.io.suites import validate
from kla.submission import Problem, Reading

OPD = "DINKES"
TODAY = AS_OF["63.10"]
TAKEN = datetime(2024, 1, 1, tzinfo=UTC)
BLANK = Decision(DecisionKind.WAIVER, "63.10", 2024, "mandiri", OPD, "Siti", TAKEN, "Alasan.")


def judged(file: tuple[object, Reading], *decisions: Decision) -> CheckedFile:
    (checked,) = validate([file], DISTRICTS, {2024: INSTRUMENT}, AS_OF, decisions={"63.10": decisions})  # type: ignore[list-item]
    return checked


def waiver(code: str, until: int = 9) -> Decision:
    return replace(BLANK, code=code, requested_by="Budi", from_on=TODAY, until_on=TODAY + timedelta(days=until))


def test_a_waived_row_loads_and_its_finding_is_still_told() -> None:
    file = form(
        [answer("12.P4", 8, **TREND)],
        [evidence("12.P4", 5, kind="catatan_teks")],
        [Problem("error_cell", "Klaster III", "I8", "#DIV/0!", "value_t1", "12.P4")],
    )
    plain = judged(file)
    (blocking,) = [it for it in plain.findings if it.severity is Severity.BLOCKING]
    assert (plain.outcome, plain.is_blocked("answers", "Klaster III", 8)) == (Outcome.RETURNED, True)
    waived = judged(file, waiver(blocking.code))
    assert [it.status for it in waived.findings if it.code == blocking.code] == ["waived"]
    assert (waived.outcome, waived.is_blocked("answers", "Klaster III", 8)) == (Outcome.ACCEPTED, False)
    assert (plain.decisions, bool(waived.decisions)) == ("", True)
    assert judged(file, waiver(blocking.code, until=-1)).outcome is Outcome.RETURNED


def test_a_waived_file_shows_the_faults_of_its_rows() -> None:
    seal = form()[1].seal
    assert seal is not None
    over = RATIO | {"value_t1": "60"}
    file = form([answer("12.P3", 7, **over)], seal=replace(seal, opd_code="DP3AP2KB"))
    plain = judged(file)
    assert plain.outcome is Outcome.REFUSED
    assert {it.row_key for it in plain.findings} == {""}
    codes = [it.code for it in plain.findings if it.severity is Severity.BLOCKING]
    waived = judged(file, *(waiver(code) for code in codes))
    assert waived.outcome is Outcome.RETURNED
    assert "Klaster III!7" in {it.row_key for it in waived.findings if it.effective is Severity.BLOCKING}


def test_an_answer_sent_back_is_told_at_its_cell_with_the_stewards_words_until_it_changes() -> None:
    rows = [answer("12.P4", 8, **TREND)], [evidence("12.P4", 5, kind="catatan_teks")]
    file = form(*rows)
    content = content_of(file[1].answers[0].raw, [file[1].evidence[0].raw])
    one = replace(BLANK, kind=DecisionKind.RETURN, question_id="12.P4", value=content, reason="Angka 2023 belum final.")
    (told,) = [it for it in judged(file, one).findings if it.code == "W90"]
    assert (told.sheet, told.row_key, told.severity) == ("Klaster III", "Klaster III!8", Severity.BLOCKING)
    assert '"Angka 2023 belum final."' in told.tell
    assert told.cell in told.fix
    mended = form([answer("12.P4", 8, **TREND | {"value_t1": "9"})], rows[1])
    assert "W90" not in {it.code for it in judged(mended, one).findings}


def test_an_acknowledged_warning_leaves_the_list_of_what_is_owed() -> None:
    file = form([answer("12.P4", 8, **TREND)])
    warning = next(it for it in judged(file).findings if it.severity is Severity.WARNING and it.question_id == "12.P4")
    seen = replace(
        BLANK,
        kind=DecisionKind.ACKNOWLEDGEMENT,
        code=warning.code,
        question_id="12.P4",
        sheet=warning.sheet,
        cell=warning.cell,
        value=warning.value,
        rule_digest=rule_digests()[warning.code],
    )
    (left,) = [it for it in judged(file, seen).findings if it.code == warning.code and it.question_id == "12.P4"]
    assert (left.status, left.is_owed) == ("acknowledged", False)
    changed_rule = replace(seen, rule_digest="of another rule")
    (left,) = [
        it for it in judged(file, changed_rule).findings if it.code == warning.code and it.question_id == "12.P4"
    ]
    assert left.is_owed


def test_a_form_after_the_closing_is_kept_out_until_a_slot_or_window_takes_it() -> None:
    district = DISTRICTS["63.10"]
    window = next(it for it in district.windows(2024) if it.stage == "mandiri")
    closed = window.closes_at(district.zone)
    receipt, reading = form([answer("12.P3", 7, **RATIO)], [evidence("12.P3", 5, kind="catatan_teks")])
    about, told = OfficeStage("63.10", 2024, "mandiri", OPD), {"who": "Siti", "reason": "Jaringan putus."}

    def at(moment: datetime, *decisions: Decision) -> CheckedFile:
        file, days = (replace(receipt, received_at=moment), reading), {"63.10": date(2024, 7, 5)}
        (checked,) = validate([file], DISTRICTS, {2024: INSTRUMENT}, AS_OF | days, decisions={"63.10": decisions})
        return checked

    two_days = closed + timedelta(days=2)
    slot = late_slot(about, window, district, decision_words(), until=two_days, at=closed + timedelta(hours=9), **told)
    opened = repair_window(about, window, district, decision_words(), from_at=closed, at=closed, **told)
    ahead = repair_window(
        about, window, district, decision_words(), from_at=two_days, at=closed + timedelta(hours=1), **told
    )
    assert at(closed).outcome is Outcome.ACCEPTED
    late = at(closed + timedelta(seconds=1))
    assert (late.outcome, {it.code for it in late.findings}) == (Outcome.REFUSED, {"F26"})
    assert "belum dihitung" in late.findings[0].tell
    for taken in (slot, opened):
        admitted = at(closed + timedelta(seconds=1), taken)
        assert (admitted.outcome, {it.code for it in admitted.findings} - {"W10"}) == (Outcome.ACCEPTED, {"F25"})
        assert admitted.decisions != late.decisions  # so what was refused is judged again
        assert at(two_days, taken).outcome is Outcome.ACCEPTED
        assert at(two_days + timedelta(seconds=1), taken).outcome is Outcome.REFUSED
        assert {it.code for it in at(closed, taken).findings} == {it.code for it in at(closed).findings}
    assert at(closed + timedelta(hours=3), ahead).outcome is Outcome.REFUSED
    other = replace(slot, opd_code="DISDIK")
    assert at(closed + timedelta(seconds=1), other).outcome is Outcome.REFUSED
