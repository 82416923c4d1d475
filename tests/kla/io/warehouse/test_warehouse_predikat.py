"""The predikat a verifier gives: kept as given on the decided stage, told beside every other, never worked out there."""

from __future__ import annotations

from dataclasses import replace

from kla.io.warehouse import Warehouse
from kla.submission import StatedLevel, StatedRow
from tests.kla.io.warehouse import district_of_tests
from tests.kla.io.warehouse.district_of_tests import DAY, district, recap, stated
from tests.kla.io.warehouse.test_warehouse_loading import GOOD, begin

pytest_plugins = ["tests.kla.io.warehouse.engines"]

INSTRUMENT = replace(district_of_tests.INSTRUMENT, stages=("mandiri", "administrasi", "vlh", "final"))


def given(predikat: str, row: int = 9) -> StatedRow:
    """A row that gives a predikat."""
    plain = stated("predikat", row, None, StatedLevel.PREDIKAT)
    return replace(plain, label=predikat, cells={"predikat": f"D{row}"}, raw={"predikat": predikat})


def loaded(warehouse: Warehouse, *files: object) -> Warehouse:
    run_id = begin(warehouse)
    assert warehouse.load_many(files, run_id).failed == ()  # type: ignore[arg-type]
    warehouse.rescore(district(), INSTRUMENT, 2024, run_id)
    return warehouse


def test_a_decision_without_questions_scores_nothing_and_is_told(warehouse: Warehouse) -> None:
    loaded(warehouse, GOOD, recap("final", given("Nindya")))
    picture = warehouse.picture(district(), INSTRUMENT, 2024, DAY.date())
    assert [sheet.stage for sheet in picture.stages] == ["mandiri"]
    assert picture.decided is not None
    assert (picture.decided.predikat, picture.decided.cell) == ("Nindya", "D9")
    status = warehouse.status(district(), INSTRUMENT, 2024, DAY.date())
    assert status.decided == picture.decided


def test_the_decided_stage_has_what_was_given_and_nothing_before(warehouse: Warehouse) -> None:
    question = INSTRUMENT.questions[0].question_id
    loaded(warehouse, recap("final", stated(question, 3, "1")))
    final = warehouse.sheets(district().code, INSTRUMENT, 2024)[-1]
    assert (final.stage, final.predikat, final.predikat_id) == ("final", None, None)
    loaded(warehouse, recap("final", stated(question, 3, "1"), given("Utama", 4), name="dengan predikat.xlsx"))
    final = warehouse.sheets(district().code, INSTRUMENT, 2024)[-1]
    assert final.predikat == "Utama"
    assert final.predikat_id is not None
    assert warehouse.failed_checks() == ()


def test_a_predikat_of_another_stage_is_told_and_changes_no_score(warehouse: Warehouse) -> None:
    question = INSTRUMENT.questions[0].question_id
    loaded(warehouse, recap("vlh", stated(question, 3, "1"), given("Utama", 4)))
    picture = warehouse.picture(district(), INSTRUMENT, 2024, DAY.date())
    assert [(it.stage, it.predikat) for it in picture.given_predikats] == [("vlh", "Utama")]
    assert picture.decided is None
    assert picture.stages[-1].predikat is None
