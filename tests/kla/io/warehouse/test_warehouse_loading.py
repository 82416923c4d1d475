"""Versions, quarantine, ledger: what counts after which files, in whatever order they came."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kla.findings import Outcome
from kla.io.intake import folder_of
from kla.io.warehouse import Warehouse, loading, open_warehouse, scores
from kla.io.warehouse.engine import insert
from kla.scoring import Cause
from tests.kla.io.warehouse.district_of_tests import (
    DAY,
    INSTRUMENT,
    answer,
    district,
    finding,
    form,
    proof,
    recap,
    stated,
)

pytest_plugins = ["tests.kla.io.warehouse.engines"]

FACTS = (
    "receipt",
    "submission",
    "ignored",
    "answer",
    "evidence",
    "stated",
    "finding",
    "standing_finding",
    "score",
    "gap",
    "decision",
    "repair",
    "alias_queue",
    "finding_change",
)


def begin(warehouse: Warehouse) -> str:
    return warehouse.begin_run(kind="nightly", as_of="2024-05-20", code_version="c1", suite_version="s1")


def facts(warehouse: Warehouse, without: tuple[str, ...] = ()) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every fact table."""
    with warehouse.reading() as connection:
        found = {}
        for table in FACTS:
            rows = connection.execute(text(f"SELECT * FROM {table}")).mappings()
            found[table] = sorted(repr({k: v for k, v in row.items() if k not in without}) for row in rows)
    return found  # type: ignore[return-value]


def points(warehouse: Warehouse, run_id: str) -> dict[str, tuple[Cause, Decimal]]:
    stages, _ = warehouse.rescore(district(), INSTRUMENT, 2024, run_id)
    assert warehouse.failed_checks() == ()
    return {q.question_id: (q.cause, q.points) for q in stages[-1].sheet.questions}


GOOD = form("DP3AKB", answer("1.P1", 7, "ada_sah"), evidence=(proof("1.P1", 5),))
OTHER = form(
    "DINKES",
    answer("1.P2", 7, value_t1="80", denominator_t1="100"),
    answer("1.P1", 8, "tidak_ada"),
    evidence=(proof("1.P2", 5),),
)


def test_the_same_bytes_again_change_nothing(warehouse: Warehouse) -> None:
    first = begin(warehouse)
    warehouse.load_many((GOOD, OTHER), first)
    warehouse.rescore(district(), INSTRUMENT, 2024, first)
    before = facts(warehouse)
    second = begin(warehouse)
    again = warehouse.load_many((GOOD, OTHER, GOOD), second)
    _, changed = warehouse.rescore(district(), INSTRUMENT, 2024, second)
    assert (again.stored, len(again.known), again.touched, changed) == ((), 3, frozenset(), 0)
    assert facts(warehouse) == before
    assert warehouse.touched(first) == {("63.10", 2024)}
    assert warehouse.touched(second) == frozenset()
    assert warehouse.known("63.10") == {(folder_of(it.receipt), it.receipt.sha256) for it in (GOOD, OTHER)}


def test_a_file_that_comes_twice_at_once_is_stored_once(warehouse: Warehouse) -> None:
    loaded = warehouse.load_many((GOOD, OTHER, GOOD), begin(warehouse))
    assert (loaded.stored, loaded.known, loaded.failed) == ((GOOD, OTHER), (GOOD,), ())


def test_of_the_same_bytes_under_two_names_the_first_stands(warehouse: Warehouse) -> None:
    twin = replace(GOOD, receipt=replace(GOOD.receipt, file_name="salinan.xlsx"))
    warehouse.load_many((GOOD, twin), begin(warehouse))
    with warehouse.reading() as connection:
        names = connection.execute(text("SELECT DISTINCT file_name FROM receipt")).scalars().all()
    assert names == [GOOD.receipt.file_name]


def test_files_whose_commit_was_not_heard_of_count_as_new_and_are_stored_once(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, tries = loading._stored, []

    def unheard(*given: Any, **named: Any) -> Any:
        found = stored(*given, **named)
        tries.append(found)
        if len(tries) == 1:
            raise DBAPIError("COMMIT", None, Exception("line cut"), connection_invalidated=True)
        return found

    monkeypatch.setattr(loading, "_stored", unheard)
    loaded = warehouse.load_many((GOOD, OTHER), begin(warehouse))
    assert (loaded.stored, loaded.known, loaded.failed, len(tries)) == ((GOOD, OTHER), (), (), 2)
    assert warehouse.known("63.10") == {(folder_of(it.receipt), it.receipt.sha256) for it in (GOOD, OTHER)}


def test_a_new_run_marks_only_the_rows_it_changed(warehouse: Warehouse) -> None:
    first = begin(warehouse)
    warehouse.load(GOOD, first)
    warehouse.rescore(district(), INSTRUMENT, 2024, first)
    second = begin(warehouse)
    warehouse.load(OTHER, second)
    warehouse.rescore(district(), INSTRUMENT, 2024, second)
    with warehouse.reading() as connection:
        rows = connection.execute(text("SELECT key, run_id FROM score WHERE level = 'question'")).all()
    assert {key for key, run_id in rows if run_id == second} == {"1.P2"}


def test_what_comes_while_points_are_decided_counts(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = begin(warehouse)
    warehouse.load(GOOD, run_id)
    compute, decided = scores.compute, []

    def overtaken(*given: Any) -> Any:
        decided.append(compute(*given))
        if len(decided) == 1:
            with open_warehouse(str(warehouse._engine.url.render_as_string(hide_password=False))) as other:
                other.load(OTHER, run_id)
        return decided[-1]

    monkeypatch.setattr(scores, "compute", overtaken)
    stages, _ = warehouse.rescore(district(), INSTRUMENT, 2024, run_id)
    assert len(decided) == 2
    assert stages == decided[-1] != decided[0]
    assert warehouse.sheets("63.10", INSTRUMENT, 2024) == tuple(it.sheet for it in stages)


def test_a_row_sent_back_keeps_the_earlier_answer_in_force(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    newer = form(
        "DP3AKB",
        answer("1.P1", 7, "ada_belum_sah"),
        evidence=(proof("1.P1", 5),),
        blocked={"answers:Kelembagaan!7": "A01"},
        at=DAY + timedelta(days=1),
    )
    warehouse.load_many((GOOD, newer), run_id)
    assert points(warehouse, run_id)["1.P1"] == (Cause.FULL, Decimal(400))


def test_a_row_sent_back_with_nothing_before_it_says_so(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    warehouse.load(form("DP3AKB", answer("1.P1", 7, "ada_sah"), blocked={"answers:Kelembagaan!7": "A01"}), run_id)
    found = points(warehouse, run_id)
    assert found["1.P1"][0] is Cause.ANSWER_RETURNED
    assert found["2.P1"][0] is Cause.BLANK


def test_a_row_sent_back_after_a_blank_says_so_but_a_blank_after_it_is_a_blank(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    warehouse.load(form("DP3AKB", answer("1.P1", 7)), run_id)
    back = form(
        "DP3AKB", answer("1.P1", 7, "ada_sah"), blocked={"answers:Kelembagaan!7": "A01"}, at=DAY + timedelta(days=1)
    )
    warehouse.load(back, run_id)
    assert points(warehouse, run_id)["1.P1"][0] is Cause.ANSWER_RETURNED
    warehouse.load(form("DP3AKB", answer("1.P1", 7), at=DAY + timedelta(days=2), name="kosong.xlsx"), run_id)
    assert points(warehouse, run_id)["1.P1"][0] is Cause.BLANK


def test_a_newer_blank_replaces_an_older_answer(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    warehouse.load_many((GOOD, form("DP3AKB", answer("1.P1", 7), at=DAY + timedelta(days=1))), run_id)
    assert points(warehouse, run_id)["1.P1"] == (Cause.BLANK, Decimal(0))


def test_a_refused_file_leaves_the_earlier_one_in_force_and_stores_none_of_its_rows(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    refused = form("DP3AKB", answer("1.P1", 7, "tidak_ada"), outcome=Outcome.REFUSED, at=DAY + timedelta(days=1))
    warehouse.load_many((GOOD, refused), run_id)
    assert points(warehouse, run_id)["1.P1"] == (Cause.FULL, Decimal(400))
    with warehouse.reading() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM answer")).scalar() == 1


def test_evidence_sent_back_alone_takes_the_points_with_its_own_cause(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    warehouse.load(
        form(
            "DP3AKB",
            answer("1.P1", 7, "ada_sah"),
            evidence=(proof("1.P1", 5),),
            blocked={"evidence:Data Dukung!5": "D01"},
        ),
        run_id,
    )
    assert points(warehouse, run_id)["1.P1"] == (Cause.EVIDENCE_REJECTED, Decimal(0))


def test_evidence_of_a_supporter_supports_the_leads_claim(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    warehouse.load(form("DP3AKB", answer("1.P1", 7, "ada_sah")), run_id)
    assert points(warehouse, run_id)["1.P1"][0] is Cause.NO_EVIDENCE
    warehouse.load(form("DINKES", answer("1.P1", 8, "tidak_ada"), evidence=(proof("1.P1", 5),)), run_id)
    assert points(warehouse, run_id)["1.P1"] == (Cause.FULL, Decimal(400))


def test_the_order_in_which_versions_are_loaded_is_irrelevant(tmp_path_factory: pytest.TempPathFactory) -> None:
    levels = ("ada_sah", "", "ada_belum_sah", "tidak_ada")
    versions = [
        form(
            "DP3AKB",
            answer("1.P1", 7, level),
            evidence=(proof("1.P1", 5),),
            at=DAY + timedelta(hours=n),
            name=f"v{n}.xlsx",
        )
        for n, level in enumerate(levels)
    ]
    results = []
    for number, order in enumerate(permutations(versions)):
        with open_warehouse(f"sqlite:///{tmp_path_factory.mktemp('order') / f'{number}.db'}") as warehouse:
            run_id = begin(warehouse)
            warehouse.load_many(order, run_id)
            warehouse.rescore(district(), INSTRUMENT, 2024, run_id)
            results.append(facts(warehouse, without=("run_id",)))
    assert all(result == results[0] for result in results)


def test_every_filled_cell_is_loaded_quarantined_or_ignored_by_a_rule(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    half = form(
        "DINKES",
        answer("1.P1", 7, "ada_sah"),
        answer("1.P2", 8, value_t1="1"),
        blocked={"answers:Kelembagaan!8": "A03"},
    )
    refused = form("DISDIK", answer("2.P2", 7, "ada_sah"), outcome=Outcome.REFUSED)
    warehouse.load_many((half, refused), run_id)
    lines = {line.opd_code: line for line in warehouse_lines(warehouse, run_id)}
    assert (lines["DINKES"].cells_loaded, lines["DINKES"].cells_quarantined, lines["DINKES"].cells_ignored) == (1, 1, 7)
    assert (lines["DISDIK"].cells_loaded, lines["DISDIK"].cells_quarantined, lines["DISDIK"].cells_ignored) == (0, 1, 7)


def warehouse_lines(warehouse: Warehouse, run_id: str) -> tuple[object, ...]:
    points(warehouse, run_id)
    return warehouse.picture(district(), INSTRUMENT, 2024, DAY.date()).submissions


def test_a_file_that_cannot_be_stored_leaves_nothing_and_stops_no_other(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(connection: object, table: object, rows: object) -> None:
        if table.name == "evidence" and "RUSAK" in str(rows):  # type: ignore[attr-defined]
            raise SQLAlchemyError("disk is full")
        insert(connection, table, rows)  # type: ignore[arg-type]

    monkeypatch.setattr("kla.io.warehouse.loading.insert", failing)
    run_id = begin(warehouse)
    broken = form("DP3AKB", answer("1.P1", 7, "ada_sah"), evidence=(proof("1.P1", 5, "RUSAK"),))
    loaded = warehouse.load_many((broken, OTHER), run_id)
    assert [failure.checked for failure in loaded.failed] == [broken]
    assert loaded.stored == (OTHER,)
    assert not warehouse.is_known("63.10", folder_of(broken.receipt), broken.receipt.sha256)
    monkeypatch.undo()
    assert warehouse.load(broken, run_id).stored == (broken,)


def test_a_file_that_shares_its_id_with_another_gets_the_next_one(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kla.io.warehouse.loading.id_of", lambda key: 1 << 21)
    run_id = begin(warehouse)
    assert warehouse.load_many((GOOD, OTHER), run_id).stored == (GOOD, OTHER)
    assert points(warehouse, run_id)["1.P1"] == (Cause.FULL, Decimal(400))


def test_a_recap_counts_row_by_row_beside_the_stage_before(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    card = recap(
        "administrasi",
        stated("1.P1", 4, "300.50"),
        stated("1.P2", 5, "999"),
        stated("2.P1", 6, None),
        blocked={"stated:Rekap!5": "A02"},
    )
    warehouse.load_many((GOOD, card), run_id)
    found = points(warehouse, run_id)
    assert found == {
        "1.P1": (Cause.CUT_BY_VERIFIER, Decimal("300.5")),
        "1.P2": (Cause.ANSWER_RETURNED, Decimal(0)),
        "2.P1": (Cause.BLANK, Decimal(0)),
        "2.P2": (Cause.NOT_SUBMITTED, Decimal(0)),
        "3.P1": (Cause.NOT_SUBMITTED, Decimal(0)),
    }
    assert warehouse.stages("63.10", INSTRUMENT, 2024) == ("mandiri", "administrasi")


def test_a_recap_may_be_all_there_is_of_the_first_stage(warehouse: Warehouse) -> None:
    run_id = begin(warehouse)
    warehouse.load(recap("mandiri", stated("1.P1", 4, "6")), run_id)
    assert points(warehouse, run_id)["1.P1"] == (Cause.BELOW_FULL, Decimal(6))
    assert warehouse.stages("63.10", INSTRUMENT, 2024) == ("mandiri",)


def test_findings_across_offices_are_replaced_only_where_they_differ(warehouse: Warehouse) -> None:
    first, second = begin(warehouse), begin(warehouse)
    one, other = (finding(GOOD.receipt, code, "questions", "") for code in ("X01", "X02"))
    assert warehouse.replace_standing_findings("63.10", 2024, "mandiri", (one, other), first) == 2
    assert warehouse.replace_standing_findings("63.10", 2024, "mandiri", (other, one), second) == 0
    assert warehouse.replace_standing_findings("63.10", 2024, "mandiri", (other,), second) == 1
    assert [found.code for found in warehouse.findings("63.10", 2024)] == ["X02"]
    with warehouse.reading() as connection:
        assert connection.execute(text("SELECT run_id FROM standing_finding")).scalar() == first
