"""What planning rests on is data that holds together, for every cycle and district there is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kla.back_test import back_test
from kla.causes import Change, classify
from kla.errors import SettingsError
from kla.io.districts import district_codes, load_district
from kla.io.form_style import text
from kla.io.instruments import available_cycles, load_instrument
from kla.io.planning import basis_text, load_causes, load_drops, load_efforts, load_efforts_from, planning_folder
from kla.io.solver import solve
from kla.measures import Action, EffortClass
from kla.route import IntegerProgram, Row
from kla.safe_score import expected_score

SAMPLE_REASONS = {
    "no_evidence": Change.NO_EVIDENCE,
    "no_sk": Change.NO_LEGAL_FORM,
    "photo_unclear": Change.UNCLEAR,
    "photo_repeated": Change.REUSED,
    "outdated": Change.OUTDATED,
    "not_standard": Change.NOT_STANDARD,
    "not_documented": Change.NOT_DOCUMENTED,
}


@pytest.mark.parametrize(("key", "change"), SAMPLE_REASONS.items())
def test_the_words_of_the_recaps_are_understood(key: str, change: Change) -> None:
    assert classify(text(f"recap.reasons.{key}"), load_causes().changes) is change


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("Data dukung belum diunggah", Change.NO_EVIDENCE),
        ("SK sudah ada namun belum ditandatangani Bupati", Change.NO_LEGAL_FORM),
        ("Foto buram dan tanpa keterangan", Change.UNCLEAR),
        ("SK lama (2019), masa berlaku habis", Change.OUTDATED),
        ("Menggunakan foto yang sama dengan 5.P2", Change.REUSED),
        ("Puskesmas belum terstandar", Change.NOT_STANDARD),
        ("Belum ada inovasi", Change.NOT_DONE),
        ("", Change.NO_REASON),
        ("Perlu pendalaman", Change.OTHER),
    ],
)
def test_words_verifiers_use_are_understood(reason: str, change: Change) -> None:
    assert classify(reason, load_causes().changes) is change


def test_no_alias_stands_under_two_causes_and_each_cause_is_reached_by_its_own_aliases() -> None:
    words = load_causes().changes
    aliases = [alias for entry in words.values() for alias in entry.aliases]
    assert len(aliases) == len(set(aliases))
    assert [a for change, entry in words.items() for a in entry.aliases if classify(a, words) is not change] == []


def test_every_kind_of_question_and_every_office_has_its_effort() -> None:
    table = load_efforts()
    for cycle in available_cycles():
        assert {question.measure for question in load_instrument(cycle).questions} <= set(table.measures)
    for code in district_codes():
        district = load_district(code)
        assert all(table.capacity_of(district, office.code) > 0 for office in district.offices)
    efforts = [*table.actions.values(), *(raising.effort for raising in table.measures.values())]
    assert all(effort.assumption and 0 <= effort.certainty <= 1 for effort in efforts)
    assert table.effort_class(Decimal("0.25")) is EffortClass.LIGHT
    assert table.effort_class(Decimal(20)) is EffortClass.HEAVY


def test_prerequisites_name_questions_of_the_instrument_and_run_in_no_circle() -> None:
    rules = load_efforts().prerequisites
    latest = load_instrument(available_cycles()[-1])
    assert all(latest.has_question(rule.question_id) and latest.has_question(rule.needs_id) for rule in rules)
    assert ("2.P4", "2.P1") in {(rule.question_id, rule.needs_id) for rule in rules}
    first = {rule.question_id: {r.needs_id for r in rules if r.question_id == rule.question_id} for rule in rules}
    for question_id in first:
        seen, waiting = set(), set(first[question_id])
        while waiting:
            seen |= waiting
            waiting = {needed for it in waiting for needed in first.get(it, ())} - seen
        assert question_id not in seen


def test_every_cause_of_the_scoring_asks_for_an_action() -> None:
    assert load_causes().actions()
    assert {words.needs for words in load_causes().losses.values()} <= {*Action, "raise"}


def test_the_back_test_over_the_public_pairs_is_told_as_it_is() -> None:
    past = load_drops()
    strict = back_test(past.drops, (), past.prior_pairs)
    assert (strict.tested, strict.covered, strict.mean_error) == (4, 2, Decimal("148.72"))
    kind = back_test(past.drops, past.summaries, past.prior_pairs)
    assert (kind.is_strict, kind.tested, kind.covered, kind.mean_error) == (False, 4, 4, Decimal("101.32"))


def test_an_expected_score_says_what_it_rests_on() -> None:
    past = load_drops()
    kaur = expected_score(Decimal(300), "mandiri", "17.04", past.drops, past.summaries, past.prior_pairs)
    assert "4 pasangan terbuka daerah lain serta ringkasan 17 pasangan terbuka; daerah ini belum" in basis_text(kaur)
    kotim = expected_score(Decimal(476), "mandiri", "62.02", past.drops, past.summaries, past.prior_pairs)
    assert "3 pasangan nilai daerah ini sendiri dan 1 pasangan" in basis_text(kotim)
    assert "sekitar 88% kejadian" in basis_text(kotim)
    assert expected_score(Decimal(800), "vlh", "63.10", past.drops, past.summaries) is None
    assert basis_text(None).startswith("Belum ada satu pun")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("certainty: 0.7,", "certainty: 1.7,", "outside 0 to 1"),
        ("  upload: {effort_days", "  uplaod: {effort_days", "exactly what it must"),
        ("margin: 5", "margin: lima", "not a number"),
        ("{action: sign, effort_days: 20", "{action: pray, effort_days: 20", "no action"),
        (
            "effort_days: 0.25, wait_days: 1, certainty: 0.7",
            "effort_days: -1, wait_days: 1, certainty: 0.7",
            "negative",
        ),
    ],
)
def test_a_broken_table_of_efforts_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    written = (planning_folder() / "efforts.yaml").read_text(encoding="utf-8")
    assert old in written
    (tmp_path / "efforts.yaml").write_text(written.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=complaint):
        load_efforts_from(tmp_path / "efforts.yaml")


def test_the_solver_proves_small_programs_and_says_when_nothing_fits() -> None:
    both = Row({0: 1, 1: 1}, low=2)
    assert solve(IntegerProgram((3, 4), (both,))) == (1, 1)
    assert solve(IntegerProgram((3, 4), (both, Row({0: 5}, high=4)))) is None
    assert solve(IntegerProgram((-1, 1), ())) == (1, 0)
    assert solve(IntegerProgram((), ())) == ()
    assert solve(IntegerProgram((), (Row({}, low=1),))) is None
