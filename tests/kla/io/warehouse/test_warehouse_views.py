"""What people see: offices, status, picture and trace agree with what was loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event, text

from kla.errors import WarehouseError
from kla.findings import Outcome, Severity
from kla.instrument import EvidenceKind
from kla.io.warehouse import Warehouse, filed
from kla.io.warehouse.filed import Filed
from kla.io.warehouse.standing import AnswerRow, Place, answers_in_force
from tests.kla.io.warehouse.district_of_tests import (
    CLOSES,
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
from tests.kla.io.warehouse.test_warehouse_loading import GOOD, OTHER, begin

pytest_plugins = ["tests.kla.io.warehouse.engines"]

LATE = DAY + timedelta(days=30)


def scored(warehouse: Warehouse, *files: object) -> str:
    run_id = begin(warehouse)
    assert warehouse.load_many(files, run_id).failed == ()  # type: ignore[arg-type]
    warehouse.rescore(district(), INSTRUMENT, 2024, run_id)
    return run_id


def statuses(warehouse: Warehouse, as_of: date = DAY.date()) -> dict[str, str]:
    return {line.opd_code: line.status for line in warehouse.picture(district(), INSTRUMENT, 2024, as_of).offices}


def test_each_office_stands_where_its_last_file_left_it(warehouse: Warehouse) -> None:
    scored(
        warehouse,
        form("DP3AKB", answer("1.P1", 7), answer("2.P1", 8)),
        form("DINKES", answer("1.P2", 7, value_t1="1", denominator_t1="2"), at=LATE),
    )
    assert statuses(warehouse) == {"DP3AKB": "empty", "DINKES": "late", "DISDIK": "expected"}
    assert statuses(warehouse, CLOSES + timedelta(days=1))["DISDIK"] == "overdue"
    assert statuses(warehouse, CLOSES)["DISDIK"] == "expected"


def test_what_offices_have_to_read_is_what_the_view_says(warehouse: Warehouse) -> None:
    sound, mended = form("DP3AKB", answer("1.P1", 7)), form("DP3AKB", answer("1.P1", 8), at=LATE)
    refused = form("DINKES", answer("1.P2", 7), at=LATE)
    told = {"A01": sound, "A02": mended, "A03": form("DINKES", answer("1.P2", 9)), "F01": refused}
    files = [
        replace(one, findings=(finding(one.receipt, code, "answers", "Kelembagaan!7", Severity.WARNING),))
        for code, one in told.items()
    ]
    files[-1] = replace(files[-1], outcome=Outcome.REFUSED)
    warehouse.load_many(files, begin(warehouse))
    with warehouse.reading() as connection:
        seen = set(connection.execute(text("SELECT code FROM current_finding")).scalars())
    assert {it.code for it in warehouse.findings("63.10", 2024)} == seen == {"A02", "A03", "F01"}


def test_counts_of_offices_never_exceed_those_expected(warehouse: Warehouse) -> None:
    scored(
        warehouse,
        GOOD,
        form("DP3AKB", answer("1.P1", 7, "ada_belum_sah"), at=LATE),
        form("DINKES", answer("1.P2", 7), outcome=Outcome.REFUSED),
        form("ORANG_LAIN", answer("1.P2", 7, value_t1="1", denominator_t1="2")),
        form("DISDIK", answer("2.P2", 7, "ada_sah"), blocked={"answers:Kelembagaan!7": "A01"}, at=LATE),
        recap("mandiri", stated("1.P1", 4, "6")),
    )
    found = warehouse.status(district(), INSTRUMENT, 2024, DAY.date())
    assert (found.expected, found.received, found.accepted, found.returned, found.refused, found.on_time) == (
        3,
        3,
        1,
        1,
        1,
        1,
    )


def test_status_tells_score_target_and_days_left(warehouse: Warehouse) -> None:
    before = warehouse.status(district(), INSTRUMENT, 2024, DAY.date())
    assert (before.stages, before.points_to_target, before.received) == ((), None, 0)
    scored(warehouse, GOOD, OTHER)
    found = warehouse.status(district(), INSTRUMENT, 2024, DAY.date())
    (stage,) = found.stages
    assert (stage.points, stage.predikat, [block.points for block in stage.blocks]) == (
        Decimal("550.37"),
        "Pratama",
        [Decimal("550.37"), Decimal(0)],
    )
    assert (found.points_to_target, found.deadline_stage, found.days_left) == (Decimal("250.63"), "mandiri", 11)


def test_the_picture_holds_answers_as_people_read_them_each_with_its_cell(warehouse: Warehouse) -> None:
    run_id = scored(warehouse, GOOD, OTHER)
    picture = warehouse.picture(district(), INSTRUMENT, 2024, DAY.date())
    assert [
        (a.question_id, a.opd_code, a.is_lead, a.is_counted, a.answer, a.sheet, a.cell) for a in picture.answers
    ] == [
        ("1.P1", "DP3AKB", True, True, "Ada, sah", "Kelembagaan", "F7"),
        ("1.P1", "DINKES", False, False, "Tidak ada", "Kelembagaan", "F8"),
        ("1.P2", "DINKES", True, True, "80/100 = 80,0%", "Kelembagaan", "I7"),
    ]
    assert sum(gap.lost_points for gap in picture.gaps) == 1000 - picture.current.total.points
    assert (picture.last_run_id, picture.code_version, picture.suite_version) == (run_id, "c1", "s1")
    assert [(line.version, line.is_on_time) for line in picture.submissions] == [(1, True), (1, True)]
    assert sum(line.points for line in picture.offices) == picture.current.total.points


def test_the_picture_shows_forms_beside_the_recap_of_a_later_stage(warehouse: Warehouse) -> None:
    scored(warehouse, GOOD, recap("administrasi", stated("1.P1", 4, "300")))
    picture = warehouse.picture(district(), INSTRUMENT, 2024, DAY.date())
    assert [(a.opd_code, a.answer, a.is_counted) for a in picture.answers] == [
        ("DP3AKB", "Ada, sah", True),
        ("", "300,00", True),
    ]
    assert picture.current_stage == "administrasi"
    assert [sheet.stage for sheet in picture.stages] == ["mandiri", "administrasi"]


def test_the_same_warehouse_gives_the_same_picture(warehouse: Warehouse) -> None:
    scored(warehouse, GOOD, OTHER)
    one, other = (warehouse.picture(district(), INSTRUMENT, 2024, DAY.date()) for _ in range(2))
    fields = ("stages", "offices", "submissions", "answers", "findings", "gaps", "last_run_id")
    assert all(getattr(one, name) == getattr(other, name) for name in fields)


def test_a_picture_before_any_score_is_our_mistake(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match="nothing is scored"):
        warehouse.picture(district(), INSTRUMENT, 2024, DAY.date())


def test_findings_are_those_of_the_last_file_and_of_the_one_in_force(warehouse: Warehouse) -> None:
    first = form("DP3AKB", answer("1.P1", 7, "ada_sah"), blocked={"answers:Kelembagaan!7": "A01"})
    second = form(
        "DP3AKB", answer("1.P1", 7, "x"), blocked={"answers:Kelembagaan!7": "A02"}, at=DAY + timedelta(days=1)
    )
    third = form("DP3AKB", outcome=Outcome.REFUSED, at=DAY + timedelta(days=2))
    scored(warehouse, first, second)
    assert [found.code for found in warehouse.findings("63.10", 2024)] == ["A02"]
    scored(warehouse, third)
    assert [found.code for found in warehouse.findings("63.10", 2024)] == ["F01", "A02"]


def test_a_number_can_be_followed_back_to_its_cell_and_run(warehouse: Warehouse) -> None:
    run_id = scored(warehouse, GOOD, OTHER, recap("administrasi", stated("1.P1", 4, "300")))
    mandiri, administrasi = warehouse.trace(district(), INSTRUMENT, 2024, "1.P1")
    (row,) = [row for row in mandiri.rows if row.is_counted]
    assert (row.opd_code, row.file_name, row.sheet, row.cell, row.value, row.run_id) == (
        *("DP3AKB", "DP3AKB.xlsx", "Kelembagaan", "F7", "Ada, sah"),
        run_id,
    )
    assert mandiri.score.points == 400
    assert mandiri.run.run_id == run_id
    assert {row.kind for row in mandiri.rows} == {"answer", "evidence"}
    (row,) = administrasi.rows
    assert (row.kind, row.value, row.cell, row.is_counted) == ("stated", "300", "C4", True)
    with pytest.raises(WarehouseError, match=r"9\.P9"):
        warehouse.trace(district(), INSTRUMENT, 2024, "9.P9")


def test_what_stands_in_a_cell_is_told_as_people_write_it(warehouse: Warehouse) -> None:
    scored(warehouse, GOOD, recap("administrasi", stated("1.P1", 4, "2.25")))
    instrument = replace(INSTRUMENT, evidence_kinds={"sk": EvidenceKind("sk", "Surat keputusan")})
    mandiri, administrasi = warehouse.trace(district(), instrument, 2024, "1.P1")
    (row,) = administrasi.rows
    assert row.value == "2,25"
    assert {row.value for row in mandiri.rows if row.kind == "evidence"} == {
        "Surat keputusan · SK Bupati · 1/2023 · 1 Februari 2023"
    }


def test_standing_rows_name_lead_file_and_cell(warehouse: Warehouse) -> None:
    scored(warehouse, GOOD, OTHER)
    found = warehouse.standing_rows(district(), INSTRUMENT, 2024, "mandiri")
    assert [(row.question_id, row.opd_code, row.is_lead, row.level, row.cell) for row in found] == [
        ("1.P1", "DINKES", False, "tidak_ada", "F8"),
        ("1.P1", "DP3AKB", True, "ada_sah", "F7"),
        ("1.P2", "DINKES", True, "", "I7"),
    ]
    assert found[2].value_t1 == 80


def test_the_views_only_add_up_what_is_stored(warehouse: Warehouse) -> None:
    scored(warehouse, GOOD, OTHER, recap("administrasi", stated("1.P1", 4, "300")))
    for sheet in warehouse.sheets("63.10", INSTRUMENT, 2024):
        with warehouse.reading() as connection:
            asked = {"stage": sheet.stage}
            klaster = connection.execute(
                text(
                    "SELECT block_code, points_hundredths FROM score_by_klaster WHERE stage = :stage ORDER BY position"
                ),
                asked,
            ).all()
            by_cause, by_office = (
                connection.execute(
                    text(f"SELECT SUM(lost_hundredths) FROM {view} WHERE stage = :stage"), asked
                ).scalar()
                for view in ("gap_by_cause", "gap_by_office")
            )
        assert [tuple(row) for row in klaster] == [(b.key, int(b.points * 100)) for b in sheet.blocks]
        assert int(by_cause) == int(by_office) == int((sheet.total.max_points - sheet.total.points) * 100)


def test_office_status_counts_answers_as_the_picture_does(warehouse: Warehouse) -> None:
    scored(warehouse, GOOD, OTHER, form("DISDIK", answer("2.P2", 7), evidence=(proof("2.P2", 5),)))
    with warehouse.reading() as connection:
        rows = connection.execute(text("SELECT opd_code, answered FROM office_status ORDER BY opd_code")).all()
    assert [tuple(row) for row in rows] == [("DINKES", 2), ("DISDIK", 0), ("DP3AKB", 1)]


def test_who_has_sent_is_told_per_stage_and_a_verifier_counts_as_one(warehouse: Warehouse) -> None:
    scored(warehouse, GOOD, form("DINKES", answer("1.P2", 7)), recap("administrasi", stated("1.P1", 4, "6")))
    found = {it.stage: it for it in warehouse.picture(district(), INSTRUMENT, 2024, DAY.date()).turnouts}
    forms = found["mandiri"]
    assert (forms.expected, forms.received, forms.valid, forms.on_time) == (3, 2, 1, 1)  # a blank form is not valid
    assert (found["administrasi"].expected, found["administrasi"].received) == (1, 1)
    assert found == {it.stage: it for it in warehouse.status(district(), INSTRUMENT, 2024, DAY.date()).turnouts}


def test_a_picture_asks_for_nothing_twice(warehouse: Warehouse) -> None:
    versions = [form("DP3AKB", answer("1.P1", 7 + day), at=DAY + timedelta(days=day)) for day in range(3)]
    scored(warehouse, *versions, recap("administrasi", stated("1.P1", 4, "6")), recap("vlh", stated("1.P1", 4, "5")))
    asked: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        asked.append(f"{statement} {parameters}")

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        warehouse.picture(district(), INSTRUMENT, 2024, DAY.date())
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert len(asked) > 10
    assert [it for it in asked if asked.count(it) > 1] == []


def test_the_answers_in_force_are_those_of_the_view(warehouse: Warehouse) -> None:
    older = form("DP3AKB", answer("1.P1", 7, "sudah"), answer("1.P1", 9, "belum"), answer("2.P1", 8, "sudah"))
    sent_back = {"answers:Kelembagaan!8": "A01"}
    newer = form("DP3AKB", answer("1.P1", 7), answer("2.P1", 8, "belum"), blocked=sent_back, at=LATE)
    same_moment = form("DP3AKB", answer("1.P1", 7, "belum"), at=LATE)
    refused = form("DINKES", answer("1.P2", 7), outcome=Outcome.REFUSED, at=LATE)
    files = (older, newer, same_moment, form("DINKES", answer("1.P2", 7, "lama")), refused)
    assert warehouse.load_many(files, begin(warehouse)).failed == ()
    sql = text("SELECT * FROM current_answer ORDER BY question_id, opd_code")
    with warehouse.reading() as connection:
        found = answers_in_force(connection, Place(district().code, 2024, "mandiri"))
        wanted = connection.execute(sql).mappings().all()
    assert [it.row for it in found] == [tuple(row[name] for name in AnswerRow._fields) for row in wanted]
    assert [it.file.submission_id for it in found] == [row["submission_id"] for row in wanted]
    assert {it.row.question_id for it in found} == {"1.P1", "1.P2", "2.P1"}


def test_files_are_numbered_as_the_view_numbers_them(warehouse: Warehouse) -> None:
    several = [form("DP3AKB", answer("1.P1", 7 + row), at=moment) for row, moment in enumerate((LATE, DAY, LATE, DAY))]
    refused = form("DP3AKB", answer("1.P1", 9, "lama"), outcome=Outcome.REFUSED, at=DAY + timedelta(days=1))
    recaps = [recap("administrasi", stated("1.P1", 4, points), at=DAY) for points in ("6", "5")]
    files = (*several, form("DINKES", answer("1.P2", 7)), refused, *recaps)
    assert warehouse.load_many(files, begin(warehouse)).failed == ()
    sql = text(f"SELECT {', '.join(Filed._fields)} FROM version ORDER BY stage, opd_code, version")
    with warehouse.reading() as connection:
        found = filed.read(connection, district().code, 2024)
        assert list(found) == [tuple(row) for row in connection.execute(sql)]
    assert max(it.version for it in found) == 5
