"""Whole files through the rules: what is found, where, and what becomes of the file."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from rows_of_tests import (
    ARRIVED,
    AS_OF,
    DISTRICTS,
    INSTRUMENT,
    RATIO,
    SEAL,
    TREND,
    answer,
    evidence,
    form,
    standing,
)

from kla.errors import RuleError
from kla.findings import CheckedFile, Outcome, StandingRow
from kla.io import project
from kla.io.expecting import failing_rows
from kla.io.frames.table import from_examples
from kla.io.rules import Rule, load_suites
from kla.io.suites import validate, validate_standing
from kla.submission import EvidenceRow, Layout, Ledger, Problem, Reading, Receipt, StatedLevel, StatedRow

OTHER_OFFICE = next(office.code for office in DISTRICTS["63.10"].offices if office.code != "DINKES")
PHOTO_IDS = ("12.P1", "12.P2", "12.P6", "13.P1", "13.P2")
EVIDENCE_FAULTS = {
    "D06": {"dated_on": date(2024, 1, 2)},
    "D07": {"dated_on": None},
    "D09": {"dated_on": None, "year": 2019},
    "D10": {"question_id": "99.P9"},
    "D11": {"question_id": "1.P1"},
    "D15": {"title": "", "number": "7"},
    "D16": {"number": ""},
}


def proof(question_id: str, row: int = 5) -> list[EvidenceRow]:
    return [evidence(question_id, row, kind="catatan_teks")]


def cases() -> dict[str, tuple[Receipt, Reading]]:
    """Every form these tests speak of; they are judged together, in one run."""
    error = Problem("error_cell", "Klaster III", "I8", "#DIV/0!", "value_t1", "12.P4")
    late = form([answer("12.P4", 8, **TREND)], proof("12.P4"))
    photos = [
        evidence(question_id, 5 + n, kind="foto", title="Foto", number="", link="IMG_1.jpg")
        for n, question_id in enumerate(PHOTO_IDS)
    ]
    faults = {
        code: form(evidence=[replace(evidence("12.P1", 5), **changes)]) for code, changes in EVIDENCE_FAULTS.items()
    }
    return faults | {
        "over": form(
            [answer("12.P3", 7, **RATIO | {"value_t1": "60"}), answer("12.P4", 8, **TREND)],
            [*proof("12.P3"), *proof("12.P4", 6)],
        ),
        "locked": form(problems=[Problem("encrypted")], layout=Layout.UNKNOWN, seal=None),
        "good": form([answer("12.P3", 7, **RATIO)], proof("12.P3")),
        "other office": form([answer("12.P3", 7, value_t1="60")], seal=replace(SEAL, opd_code=OTHER_OFFICE)),
        "error cell": form(
            [answer("12.P3", 7, **RATIO), answer("12.P4", 8), answer("12.P5", 9)], proof("12.P3"), [error]
        ),
        "foreign": form([answer("1.P1", 7, "ditetapkan")]),
        "unknown": form([answer("99.P1", 7, "ditetapkan")]),
        "contradiction": form(
            [answer("12.P4", 8, **TREND), answer("12.P4", 9, **TREND | {"value_t1": "2"})], proof("12.P4")
        ),
        "repetition": form([answer("12.P4", 8, **TREND), answer("12.P4", 9, **TREND)], proof("12.P4")),
        "one year": form([answer("12.P4", 8, value_t1="3")]),
        "bare claim": form([answer("12.P4", 8, **TREND)]),
        "future": form(
            [answer("12.P4", 8, **TREND)],
            [*proof("12.P4"), evidence("12.P4", 6, dated_on=date(2027, 3, 1), kind="sk")],
        ),
        "photo": form(evidence=photos),
        "other cycle": form(seal=replace(SEAL, cycle="2019"), cycle=2019),
        "office that is gone": form(seal=replace(SEAL, opd_code="DINAS_LAMA")),
        "other district": form(seal=replace(SEAL, district_code="62.02")),
        "untimed": (replace(late[0], received_at=datetime(2000, 1, 1, tzinfo=UTC)), late[1]),
        "late": (replace(late[0], received_at=datetime(2024, 12, 1, tzinfo=UTC)), late[1]),
        "card": ogan_ilir(),
    }


@pytest.fixture(scope="module")
def judged() -> dict[str, CheckedFile]:
    named = cases()
    pairs = [
        (replace(receipt, sha256=f"{n:064x}"), replace(reading, sha256=f"{n:064x}"))
        for n, (receipt, reading) in enumerate(named.values())
    ]
    checked = validate(pairs, DISTRICTS, {2024: INSTRUMENT}, AS_OF)
    assert [one.receipt for one in checked] == [receipt for receipt, _ in pairs]
    return dict(zip(named, checked, strict=True))


def told(checked: CheckedFile) -> set[tuple[str, str]]:
    """Codes and cells, but for the questions these short forms leave out."""
    return {(finding.code, finding.cell) for finding in checked.findings if finding.code != "W10"}


@pytest.mark.parametrize(
    ("case", "expected", "outcome"),
    [
        ("good", set(), Outcome.ACCEPTED),
        ("over", {("A10", "I7")}, Outcome.RETURNED),
        ("locked", {("F01", "")}, Outcome.REFUSED),
        ("other office", {("W04", "")}, Outcome.REFUSED),
        ("other cycle", {("W05", "")}, Outcome.REFUSED),
        ("error cell", {("W19", "I8"), ("A06", "I9")}, Outcome.RETURNED),
        ("foreign", {("A03", "F7")}, Outcome.RETURNED),
        ("unknown", {("A01", "F7")}, Outcome.RETURNED),
        ("contradiction", {("A04", "I8"), ("A04", "I9")}, Outcome.RETURNED),
        ("repetition", {("A05", "I9")}, Outcome.RETURNED),
        ("one year", {("A17", "G8")}, Outcome.RETURNED),
        ("bare claim", {("D01", "I8")}, Outcome.ACCEPTED),
        ("future", {("D04", "C6"), ("D05", "F6")}, Outcome.RETURNED),
        ("office that is gone", {("W25", "")}, Outcome.REFUSED),
        ("other district", {("W03", "")}, Outcome.REFUSED),
        ("untimed", set(), Outcome.ACCEPTED),
        ("late", {("F26", "")}, Outcome.REFUSED),
    ],
)
def test_a_file_has_exactly_its_findings_at_their_cells(judged, case, expected, outcome):
    assert (told(judged[case]), judged[case].outcome) == (expected, outcome)


@pytest.mark.parametrize("code", EVIDENCE_FAULTS)
def test_a_row_of_data_dukung_has_exactly_its_fault(judged, code):
    assert {found for found, _ in told(judged[code])} - {"D04"} == {code}


def test_a_blocked_row_goes_back_alone(judged):
    assert judged["over"].is_blocked("answers", "Klaster III", 7)
    assert not judged["over"].is_blocked("answers", "Klaster III", 8)


def test_a_cell_problem_sends_back_the_row_it_stands_in(judged):
    assert judged["error cell"].is_blocked("answers", "Klaster III", 8)
    assert not judged["error cell"].is_blocked("answers", "Klaster III", 9)


def test_a_refused_file_blocks_every_row(judged):
    assert judged["other office"].is_blocked("answers", "Klaster III", 7)


def test_an_sk_of_the_future_goes_back_alone(judged):
    assert judged["future"].is_blocked("evidence", "Data Dukung", 6)
    assert not judged["future"].is_blocked("evidence", "Data Dukung", 5)
    assert not judged["future"].is_blocked("answers", "Klaster III", 8)


def test_one_photo_for_five_questions_is_told_once_with_all_five(judged):
    (finding,) = (finding for finding in judged["photo"].findings if finding.code == "D12")
    assert finding.cell == "G5"
    assert ", ".join(PHOTO_IDS) in finding.tell


def ogan_ilir() -> tuple[Receipt, Reading]:
    """The real card of 2024, row by row, under its block and indicator headers."""
    folder = project.data("samples") / "16.10"
    questions = list(csv.DictReader((folder / "card.csv").read_text(encoding="utf-8").splitlines()))
    headers = list(csv.DictReader((folder / "headers.csv").read_text(encoding="utf-8").splitlines()))
    stated = [(StatedLevel(row["level"]), row["code"], row) for row in headers]
    stated += [(StatedLevel.QUESTION, row["question_id"], row) for row in questions]
    rows = tuple(
        StatedRow(
            "Rekap", number, level, key, "", Decimal(row["max_points_as_published"]),
            Decimal(row["points_as_published"]), "", "",
            {"key": f"A{number}", "max_points": f"C{number}", "points": f"D{number}"},
        )
        for number, (level, key, row) in enumerate(stated, 5)
    )  # fmt: skip
    receipt = Receipt("d" * 64, "16.10", "", "_rekap", "mandiri", None, Layout.RECAP, "kartu.xlsx", "", 1, ARRIVED)
    return receipt, Reading("d" * 64, Layout.RECAP, None, None, "mandiri", (), (), rows, (), Ledger(0, 0, {}), "")


@pytest.fixture
def card(judged) -> CheckedFile:
    return judged["card"]


def tells(card: CheckedFile, code: str) -> list[str]:
    return [finding.tell for finding in card.findings if finding.code == code]


def test_the_card_of_ogan_ilir_goes_back_for_one_row(card):
    assert tells(card, "A02") == ["Nilai 6 melebihi nilai maksimum 3 untuk pertanyaan 19.P4."]
    assert card.outcome is Outcome.RETURNED


def test_the_card_of_ogan_ilir_has_two_maxima_that_are_not_the_laws(card):
    assert tells(card, "R01") == [
        "Nilai maksimum pertanyaan 19.P4 tertulis 6; menurut instrumen 3.",
        "Nilai maksimum pertanyaan 21B.P2 tertulis 9; menurut instrumen 8.",
    ]


def test_the_card_of_ogan_ilir_heads_klaster_one_with_150_for_115(card):
    assert tells(card, "R05") == ["Nilai maksimum Hak Sipil dan Kebebasan tertulis 150; menurut instrumen 115."]


def test_six_indicators_of_ogan_ilir_differ_from_their_rows(card):
    assert [tell.split()[2] for tell in tells(card, "R02")] == ["1", "7", "17", "19", "21B", "26"]
    assert "42,60 (selisih 3)" in tells(card, "R02")[3]


def test_the_three_totals_of_ogan_ilir_are_each_named(card):
    (tell,) = tells(card, "R06")
    assert "771,81 menurut baris pertanyaan" in tell
    assert "765,46 menurut kepala indikator" in tell
    assert "770,36 menurut kepala bagian" in tell


def test_nothing_else_is_wrong_with_the_card_of_ogan_ilir(card):
    assert {finding.code for finding in card.findings} == {"A02", "R01", "R02", "R04", "R05", "R06"}
    assert len(tells(card, "R04")) == 2  # Klaster II and kecamatan/desa


def shared_question() -> tuple[str, str, str, str]:
    """A choice question with two owners: id, lead, supporter, best level."""
    for question in INSTRUMENT.questions:
        owners = DISTRICTS["63.10"].owners_of(question)
        if len(owners) > 1 and question.scale.code == "level5":
            return question.question_id, owners[0].code, owners[1].code, question.scale.levels[-1].key
    raise AssertionError("no question with two owners")


def across(*rows: StandingRow) -> list[tuple[str, str]]:
    found = validate_standing(rows, DISTRICTS, {2024: INSTRUMENT})
    return [(finding.code, finding.question_id) for finding in found if finding.code not in ("X03", "X04", "X08")]


def test_two_offices_that_contradict_each_other_are_both_named():
    question_id, lead, supporter, best = shared_question()
    worst = INSTRUMENT.question(question_id).scale.levels[0].key
    rows = [standing(question_id, supporter, worst), standing(question_id, lead, best, is_lead=True)]
    (finding,) = (f for f in validate_standing(rows, DISTRICTS, {2024: INSTRUMENT}) if f.code == "X01")
    names = [DISTRICTS["63.10"].office(code).name for code in (lead, supporter)]
    assert all(name in finding.tell for name in names)
    assert (finding.row_key, finding.sha256, finding.frame) == (question_id, "", "questions")


def test_two_offices_that_agree_are_no_finding():
    question_id, lead, supporter, best = shared_question()
    assert across(standing(question_id, lead, best), standing(question_id, supporter, best)) == []


def test_a_silent_lead_is_named_when_a_supporter_answered():
    question_id, lead, supporter, best = shared_question()
    assert across(standing(question_id, lead), standing(question_id, supporter, best)) == [("X02", question_id)]


def test_a_question_nobody_owns_is_named():
    orphan = INSTRUMENT.questions[0]
    district = replace(DISTRICTS["63.10"], owner_overrides={orphan.question_id: ()}, without_roles=frozenset())
    rows = [standing(*shared_question()[:2], shared_question()[3])]
    found = validate_standing(rows, {"63.10": district}, {2024: INSTRUMENT})
    assert orphan.question_id in {finding.question_id for finding in found if finding.code == "X03"}


def rule(**changes: object) -> Rule:
    stated = next(suite for suite in load_suites() if suite.name == "stated")
    return replace(stated.rules[0], **changes)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"kwargs": {"column_A": "gone", "column_B": "points"}}, "the expectation raised"),
        ({"type": "expect_column_values_to_be_between", "kwargs": {"column": "key", "max_value": 3}}, "raised"),
        ({"type": "expect_the_unexpected"}, "cannot be built"),
    ],
)
def test_an_expectation_that_raises_fails_the_run_and_is_named(changes, cause):
    suite = next(suite for suite in load_suites() if suite.name == "stated")
    table = from_examples(suite.columns, [{}, {}])
    with pytest.raises(RuleError, match=rf"expectations/stated\.yaml, A02: .*{cause}"):
        failing_rows(replace(suite, rules=(rule(**changes),)), table)


def test_cutting_a_table_into_chunks_finds_the_same_rows():
    suite = next(suite for suite in load_suites() if suite.name == "stated")
    table = from_examples(suite.columns, [{"points": points} for points in (1, 6, 3, -1, 4, 2, 9)])
    assert failing_rows(suite, table, chunk_rows=3) == failing_rows(suite, table)
    assert failing_rows(suite, table)["A02"] == [1, 4, 6]


def test_nothing_to_judge_is_judged_at_once():
    assert validate([], DISTRICTS, {2024: INSTRUMENT}, AS_OF) == ()
    assert validate_standing([], DISTRICTS, {2024: INSTRUMENT}) == ()
