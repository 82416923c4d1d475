"""What may be decided, which decisions hold on a day, and what they do to findings and readings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kla.decisions import (
    RETURNED,
    Decision,
    DecisionError,
    DecisionKind,
    OfficeStage,
    Settlement,
    accept,
    acknowledge,
    aliases,
    digest_of,
    in_force,
    learn_alias,
    reject_repair,
    send_back,
    settle,
    waive,
    with_decisions,
    withdraw,
)
from kla.delta import content_of
from kla.findings import Finding, Outcome, Severity, outcome_of
from kla.io.decision_words import decision_words
from kla.submission import Reading, Repair
from tests.kla.io.warehouse.district_of_tests import DAY, answer, finding, form, proof

WORDS = decision_words()
DINKES = OfficeStage("63.10", 2024, "mandiri", "DINKES")
TODAY = DAY.date()
DIGESTS = {"A01": "d1", "A02": "d2"}
FILE = form("DINKES", answer("1.P1", 7, "ada_sah"), answer("1.P2", 8), evidence=(proof("1.P1", 5),))


def found(code: str = "A01", severity: Severity = Severity.WARNING, row: int = 7, **more: object) -> Finding:
    base = finding(FILE.receipt, code, "answers", f"Kelembagaan!{row}", severity)
    return replace(base, **{"stage": "mandiri", "cell": f"F{row}", **more})  # type: ignore[arg-type]


def waiver(**more: object) -> Decision:
    given = {
        "code": "A01",
        "who": "Siti",
        "requested_by": "Budi",
        "at": DAY,
        "reason": "Data baru terbit bulan depan.",
        "from_on": TODAY,
        "until_on": TODAY + timedelta(days=30),
    }
    return waive(DINKES, WORDS, **{**given, **more})  # type: ignore[arg-type]


def seen(one: Finding, **more: object) -> Decision:
    given = {"who": "Siti", "at": DAY, "reason_code": "SESUAI_SUMBER", "rule_digest": DIGESTS[one.code]}
    return acknowledge(one, 2024, WORDS, **{**given, **more})  # type: ignore[arg-type]


REPAIR = Repair("Kelembagaan", "I7", "answers", "value_t1", "Kelembagaan!7", "1.P1", "1.234", "1234", "number")
REFUSED: dict[str, tuple[Callable[[], Decision], str]] = {
    "one's own request": (lambda: waiver(who="Budi  SANTOSO", requested_by="budi santoso "), "sendiri"),
    "nobody asked": (lambda: waiver(requested_by=" "), "mengajukan"),
    "no end": (lambda: waiver(until_on=None), "tanggal berakhir"),
    "ends before it begins": (lambda: waiver(until_on=TODAY - timedelta(days=1)), "lewat atau terbalik"),
    "longer than a cycle": (lambda: waiver(until_on=TODAY + timedelta(days=366)), "366 hari"),
    "no rule": (lambda: waiver(code=""), "kode aturan"),
    "no reason": (lambda: waiver(reason="  "), "memerlukan alasan"),
    "no name": (lambda: waiver(who=""), "Nama yang memutuskan"),
    "a moment without a zone": (lambda: waiver(at=datetime(2024, 5, 20, 9)), "zona"),
    "a blocking finding seen": (lambda: seen(found(severity=Severity.BLOCKING)), "bukan peringatan"),
    "a finding only shown seen": (lambda: seen(found(severity=Severity.INFO)), "bukan peringatan"),
    "an unknown reason code": (lambda: seen(found(), reason_code="BIAR"), "tidak dikenal"),
    "a return without a reason": (
        lambda: send_back(DINKES, WORDS, who="Siti", at=DAY, reason="", content="ab"),
        "memerlukan alasan",
    ),
    "a return of nothing": (lambda: send_back(DINKES, WORDS, who="Siti", at=DAY, reason="x"), "Belum ada isian"),
    "a repair rejected without a reason": (
        lambda: reject_repair(DINKES, REPAIR, WORDS, who="Siti", at=DAY, reason=""),
        "memerlukan alasan",
    ),
    "an acceptance without a reason": (
        lambda: accept(DINKES, WORDS, who="Siti", at=DAY, reason=""),
        "memerlukan alasan",
    ),
    "an alias of nothing": (
        lambda: learn_alias(
            "63.10", 2024, WORDS, kind="office", text=" ", meaning="DINKES", who="S", at=DAY, reason="x"
        ),
        "teks yang ditemui",
    ),
    "a withdrawal of a withdrawal": (
        lambda: withdraw(withdrawal(waiver()), WORDS, who="Siti", at=DAY, reason="x"),
        "tidak dapat dicabut",
    ),
    "a withdrawal of what comes later": (
        lambda: withdraw(waiver(), WORDS, who="Siti", at=DAY - timedelta(days=1), reason="x"),
        "tidak dapat dicabut",
    ),
}


def withdrawal(of: Decision, days: int = 1) -> Decision:
    return withdraw(of, WORDS, who="Siti", at=DAY + timedelta(days=days), reason="Keliru.")


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_not_be_decided_is_refused_with_a_sentence_for_the_steward(case: str) -> None:
    decide, says = REFUSED[case]
    with pytest.raises(DecisionError, match=says) as refusal:
        decide()
    assert "{" not in str(refusal.value)


def test_every_refusal_and_kind_has_words() -> None:
    assert set(WORDS.kinds) == set(DecisionKind)
    assert all(text.endswith(".") for text in WORDS.refusals.values())
    assert WORDS.reason_of(seen(found(), reason="Lihat SK.")) == f"{WORDS.reasons['SESUAI_SUMBER']}: Lihat SK."


def test_the_same_decision_is_one_whatever_zone_its_moment_is_told_in() -> None:
    one = waiver()
    assert one.decision_id == replace(one, at=DAY.astimezone(ZoneInfo("Asia/Jakarta"))).decision_id
    assert one.decision_id != replace(one, reason="Lain.").decision_id
    assert one.decision_id != replace(one, until_on=TODAY).decision_id


def test_a_decision_holds_from_its_day_through_its_period_until_withdrawn() -> None:
    one = waiver(from_on=TODAY + timedelta(days=2), until_on=TODAY + timedelta(days=5))
    both = [one, withdrawal(one, days=4)]
    days = [offset for offset in range(-1, 8) if in_force([one], TODAY + timedelta(days=offset))]
    assert days == [2, 3, 4, 5]
    assert [offset for offset in range(-1, 8) if in_force(both, TODAY + timedelta(days=offset))] == [2, 3]


def test_a_waived_blocking_finding_stays_visible_and_blocks_nothing() -> None:
    blocking = found(severity=Severity.BLOCKING)
    one = waiver()
    (left,) = settle([blocking], [one], TODAY, DIGESTS)
    assert (left.status, left.decision_id, left.severity) == ("waived", one.decision_id, Severity.BLOCKING)
    assert left.effective is Severity.INFO
    assert outcome_of([left]) is Outcome.ACCEPTED
    (after,) = settle([blocking], [one], TODAY + timedelta(days=31), DIGESTS)
    assert (after.status, outcome_of([after])) == ("open", Outcome.RETURNED)


@pytest.mark.parametrize(
    "other",
    [
        {"code": "A02"},
        {"opd_code": "DISDIK"},
        {"stage": "administrasi"},
        {"cycle": 2023},
        {"district_code": "17.04"},
        {"question_id": "9.P9"},
    ],
)
def test_a_waiver_holds_for_its_rule_office_stage_and_question_only(other: dict[str, object]) -> None:
    one = waiver(question_id="1.P1")
    assert [it.status for it in settle([found(), replace(found(), **other)], [one], TODAY, DIGESTS)] == [  # type: ignore[arg-type]
        "waived",
        "open",
    ]


SAME = {"code": "A01", "question_id": "1.P1", "value": "x"}
FACTS = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["A01", "A02"]),
        "question_id": st.sampled_from(["1.P1", "1.P2"]),
        "value": st.sampled_from(["x", "y"]),
    }
)


@given(FACTS, st.sampled_from(["d1", "d9"]), st.integers(1, 40), st.text("abc", min_size=1, max_size=3))
def test_an_acknowledgement_carries_forward_exactly_while_code_question_value_and_rule_stay_the_same(
    facts: dict[str, str], digest: str, row: int, sha256: str
) -> None:
    one = seen(found(**SAME))
    later = found(row=row, sha256=sha256, **facts)  # type: ignore[arg-type]
    (left,) = settle([later], [one], TODAY + timedelta(days=200), {**DIGESTS, "A01": digest})
    is_same = facts == SAME and digest == "d1"
    assert left.status == ("acknowledged" if is_same else "open")
    assert left.is_owed == (not is_same)


def test_one_acknowledgement_settles_one_of_several_alike_its_own_cell_first() -> None:
    three = [found(row=row) for row in (7, 8, 9)]
    assert [it.status for it in settle(three, [seen(three[1])], TODAY, DIGESTS)] == ["open", "acknowledged", "open"]
    moved = [found(row=row) for row in (17, 18, 19)]
    left = settle(moved, [seen(three[1]), seen(three[0])], TODAY, DIGESTS)
    assert [it.status for it in left].count("acknowledged") == 2
    twice = [seen(three[1]), seen(three[1], who="Ani")]
    assert [it.status for it in settle(moved, twice, TODAY, DIGESTS)].count("acknowledged") == 1


def test_what_is_about_no_question_is_acknowledged_by_sheet_and_value() -> None:
    one = seen(found(question_id="", row=7))
    assert settle([found(question_id="", row=9)], [one], TODAY, DIGESTS)[0].status == "acknowledged"
    elsewhere = found(question_id="", row=9, sheet="Klaster I")
    assert settle([elsewhere], [one], TODAY, DIGESTS)[0].status == "open"


def test_settling_again_without_the_decision_opens_the_finding_again() -> None:
    one = waiver()
    waived = settle([found()], [one], TODAY, DIGESTS)
    assert settle(waived, [one, withdrawal(one, days=0)], TODAY, DIGESTS)[0].status == "open"


def problems(reading: Reading, *decisions: Decision, day: date = TODAY) -> list[tuple[str, str, str, str]]:
    told = with_decisions(FILE.receipt, reading, decisions, day, 2024)
    return [
        (it.kind, it.cell, it.expected if it.kind == RETURNED else it.value, it.question_id) for it in told.problems
    ]


def returned(**more: object) -> Decision:
    given: dict[str, object] = {"who": "Siti", "at": DAY, "reason": "SK belum ditandatangani.", **more}
    return send_back(DINKES, WORDS, **given)  # type: ignore[arg-type]


CONTENT = content_of(FILE.reading.answers[0].raw, [FILE.reading.evidence[0].raw])


def test_what_was_sent_back_goes_back_wherever_it_stands_until_it_says_something_else() -> None:
    one = returned(question_id="1.P1", content=CONTENT)
    told = ("returned_by_steward", "F7", "SK belum ditandatangani.", "1.P1")
    assert problems(FILE.reading, one) == [told]
    moved = form("DINKES", answer("1.P1", 12, "ada_sah"), evidence=(proof("1.P1", 9),), name="lain.xlsx").reading
    assert problems(moved, one) == [(told[0], "F12", *told[2:])]
    for mended in (
        form("DINKES", answer("1.P1", 7, "ada_belum_sah"), evidence=(proof("1.P1", 5),)).reading,
        form("DINKES", answer("1.P1", 7, "ada_sah"), evidence=(proof("1.P1", 5, "SK baru"),)).reading,
    ):
        assert problems(mended, one) == []
    assert problems(FILE.reading, one, withdrawal(one, days=0)) == []
    assert problems(FILE.reading, one, day=TODAY - timedelta(days=1)) == []


def test_a_whole_version_sent_back_returns_all_it_answers_and_no_blank() -> None:
    one = returned(sha256=FILE.receipt.sha256)
    assert [cell for _, cell, _, _ in problems(FILE.reading, one)] == ["F7"]
    assert problems(FILE.reading, replace(one, sha256="0" * 64)) == []


def test_a_rejected_repair_blocks_its_cell_until_it_says_something_else() -> None:
    one = reject_repair(DINKES, REPAIR, WORDS, who="Siti", at=DAY, reason="Bukan ribuan.")
    mended = replace(FILE.reading, repairs=(replace(REPAIR, cell="I9", row_key="Kelembagaan!9"),))
    assert problems(mended, one) == [("repair_rejected", "I9", "1.234", "1.P1")]
    assert problems(replace(FILE.reading, repairs=(replace(REPAIR, original="1.235", result="1235"),)), one) == []


def test_the_last_alias_counts_and_may_say_that_a_text_means_nothing() -> None:
    def alias(meaning: str, days: int) -> Decision:
        at = DAY + timedelta(days=days)
        return learn_alias(
            "63.10", 2024, WORDS, kind="office", text="Dinkes KB", meaning=meaning, who="S", at=at, reason="x"
        )

    taken = [alias("", 2), alias("DINKES", 1)]
    assert aliases(taken, TODAY + timedelta(days=1)) == {"office": {"Dinkes KB": "DINKES"}}
    assert aliases(taken, TODAY + timedelta(days=2)) == {"office": {"Dinkes KB": ""}}


def test_a_verdict_knows_the_decisions_it_was_given_under() -> None:
    place = ("63.10", 2024, "mandiri", "DINKES")
    one, later = waiver(), TODAY + timedelta(days=31)
    accepted = accept(DINKES, WORDS, who="Siti", at=DAY, reason="Sesuai.")
    assert digest_of([], TODAY, *place) == digest_of([accepted], TODAY, *place) == ""
    assert digest_of([one], TODAY, *place) != ""
    assert digest_of([one], TODAY, "63.10", 2024, "mandiri", "DISDIK") == ""
    assert digest_of([one], later, *place) == digest_of([one, withdrawal(one)], TODAY + timedelta(days=1), *place) == ""


def test_each_district_is_settled_by_its_own_decisions_on_its_own_day() -> None:
    elsewhere = found(district_code="17.04")
    settlement = Settlement(
        {"63.10": [waiver()], "17.04": [replace(waiver(), district_code="17.04")]},
        {"63.10": TODAY, "17.04": TODAY - timedelta(days=1)},
        {"63.10": 2024, "17.04": 2024},
        DIGESTS,
    )
    assert [it.status for it in settlement.settled([elsewhere, found(), elsewhere])] == ["open", "waived", "open"]
    assert settlement.digest(FILE.receipt, FILE.reading) != ""
