"""Every check of sql/checks selects nothing on a sound warehouse, and something once its promise is broken."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from kla.io import project
from kla.io.warehouse import Warehouse
from kla.io.warehouse.tables import decision
from tests.kla.io.warehouse.district_of_tests import INSTRUMENT, answer, district, form, proof, recap, stated
from tests.kla.io.warehouse.test_warehouse_loading import OTHER, begin

pytest_plugins = ["tests.kla.io.warehouse.engines"]

NAMES = [column.name for column in decision.columns][2:]
# What breaks each promise. A check without a line here fails the test below.
BREAKS = {
    "block_is_the_sum_of_its_questions": "UPDATE score SET points_hundredths = 1 WHERE level = 'block' AND key = 'K0'",
    "blocked_row_is_sent_back": "UPDATE answer SET is_quarantined = 0 WHERE question_id = '2.P2'",
    "every_receipt_is_judged": "UPDATE submission SET outcome = 'lost'",
    "gap_has_its_score": "UPDATE gap SET question_id = '9.P9' WHERE question_id = '2.P2'",
    "gaps_are_maximum_minus_score": "UPDATE gap SET lost_hundredths = lost_hundredths + 1 WHERE question_id = '2.P2'",
    "indicator_is_the_sum_of_its_questions": "UPDATE score SET max_hundredths = 1 WHERE level = 'indicator' AND key = '2'",
    "ledger_adds_up": "UPDATE submission SET cells_loaded = cells_loaded + 1",
    "one_current_version": "",
    "points_lie_between_zero_and_the_maximum": "UPDATE score SET points_hundredths = 99999 WHERE key = '1.P1'",
    "quarantined_row_never_counts": "UPDATE answer SET is_quarantined = 1 WHERE question_id = '1.P1'",
    "refused_file_has_no_rows": "UPDATE submission SET outcome = 'refused', code = 'F01'",
    "repairs_are_the_changed_cells": "UPDATE submission SET cells_repaired = cells_repaired + 1",
    "score_counts_the_right_row": "UPDATE score SET opd_code = 'DISDIK' WHERE key = '1.P1' AND stage = 'mandiri'",
    "score_traces_to_its_row_or_cause": "UPDATE score SET answer_id = NULL, stated_id = NULL WHERE key = '1.P1'",
    "settled_finding_names_its_decision": "UPDATE finding SET status = 'waived', decision_id = 'nobody'",
    "total_is_the_sum_at_every_level": "UPDATE score SET points_hundredths = 0 WHERE level = 'total'",
    "withdrawal_names_a_decision": f"INSERT INTO decision (decision_id, kind, {', '.join(NAMES)}) SELECT 'x', 'withdrawal', "
    + ", ".join("'63.10'" if name == "district_code" else "2024" if name == "cycle" else "''" for name in NAMES),
}
# The primary keys already forbid two versions in force; the check guards the view, so the view is what is broken.
BROKEN_VIEW = (
    "DROP VIEW current_finding",
    "DROP VIEW current_evidence",
    "DROP VIEW current_submission",
    "CREATE VIEW current_submission AS SELECT * FROM submission UNION ALL SELECT * FROM submission",
)


@pytest.fixture
def filled(warehouse: Warehouse) -> Warehouse:
    run_id = begin(warehouse)
    good = form("DP3AKB", answer("1.P1", 7, "ada_sah"), evidence=(proof("1.P1", 5),))
    back = form("DISDIK", answer("2.P2", 7, "ada_sah"), blocked={"answers:Kelembagaan!7": "A01"})
    warehouse.load_many((good, OTHER, back, recap("administrasi", stated("1.P1", 4, "300"))), run_id)
    warehouse.rescore(district(), INSTRUMENT, 2024, run_id)
    return warehouse


def test_every_check_is_tried() -> None:
    assert {path.stem for path in (project.data("sql") / "checks").glob("*.sql")} == set(BREAKS)


def test_a_sound_warehouse_passes_every_check(filled: Warehouse) -> None:
    assert filled.failed_checks() == ()


@pytest.mark.parametrize("check", sorted(BREAKS))
def test_each_check_finds_its_broken_promise(filled: Warehouse, check: str) -> None:
    with filled.writing() as connection:
        for statement in (BREAKS[check],) if BREAKS[check] else BROKEN_VIEW:
            connection.execute(text(statement))
    failed = dict(filled.failed_checks())
    assert failed[check]
