"""What a night leaves alone, and that no change goes unseen: of facts, of decisions, of files, of code, law and texts."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sent_form import send

from flows import ledger
from flows.nightly import run_night
from flows.part import take_in
from kla.decisions import Decision, DecisionKind
from kla.io import made_from, project
from kla.io.sample_marks import stamp_path
from kla.io.samples import sample_days
from kla.io.warehouse import Warehouse
from kla.io.warehouse.freshness import marks, touch
from kla.night import Night, NightStatus
from tasks.effect import plainly
from tasks.plan import Plan, make_plan
from tasks.rest import resting

if TYPE_CHECKING:
    from conftest import SampleNight

CODE = "17.04"
SCORES, DRAWS = "nilai", "terbitkan"


@pytest.fixture
def var(sample_night: SampleNight, own_var: Path) -> Path:
    """A copy of what the sample night left, with the inbox of one district."""
    own_var.mkdir(parents=True)
    shutil.copytree(sample_night.var / "public", own_var / "public")
    shutil.copytree(sample_night.var / "archive", own_var / "archive")
    shutil.copytree(sample_night.var / "inbox" / CODE, own_var / "inbox" / CODE)
    for name in ("warehouse.db", stamp_path(Path("inbox")).name):
        shutil.copy2(sample_night.var / name, own_var / name)
    return own_var


def plan_of(*codes: str, later: int = 0) -> Plan:
    days = {code: sample_days()[code] + timedelta(days=later) for code in codes}
    return make_plan(codes, days, None)


def night(plan: Plan) -> tuple[Night, set[str]]:
    """Return a night and the verbs in which something was done."""
    with plainly() as seconds, ledger.run("nightly", plan, who="uji", reason="", parameters={}) as book:
        book.night = run_night(plan, book.run_id)
    return book.night, set(seconds)


def is_at_rest(later: int = 0) -> bool:
    plan = plan_of(CODE, later=later)
    try:
        return CODE in resting(plan).lines
    finally:
        plan.close()


def test_a_second_night_on_the_same_day_neither_scores_nor_draws_and_tells_the_same(
    var: Path, sample_night: SampleNight
) -> None:
    shutil.rmtree(var / "inbox")
    told, verbs = night(plan_of(*sorted(sample_days())))
    assert not verbs & {SCORES, DRAWS}

    def shown(one: Night) -> list[tuple[object, ...]]:
        return [
            (it.district_code, it.name, it.stage, it.score, it.predikat, it.target_predikat, it.points_to_target)
            for it in one.lines
        ]

    assert shown(told) == shown(sample_night.night)
    assert [it.days_left for it in told.lines] == [it.days_left for it in sample_night.night.lines]
    assert {it.is_page_new for it in told.lines} == {False}


def test_on_another_day_pages_are_drawn_and_points_stand_as_they_are(var: Path) -> None:
    told, verbs = night(plan_of(CODE, later=1))
    assert (SCORES in verbs, DRAWS in verbs) == (False, True)
    assert (told.lines[0].is_page_new, told.lines[0].days_left) == (True, 27)
    assert is_at_rest(later=1)
    assert not is_at_rest()


def redatable(later: int, *codes: str) -> set[str]:
    """Return the districts whose pages only have to name another day."""
    plan = plan_of(*codes or (CODE,), later=later)
    try:
        return set(resting(plan).redated)
    finally:
        plan.close()


def files(public: Path) -> dict[str, bytes]:
    """Return the files of all districts."""
    found = (path for folder in public.glob("[0-9]*") for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(public)): path.read_bytes() for path in found}


def test_pages_of_the_next_day_are_those_that_would_be_drawn_whole_and_are_not(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(var / "inbox")
    codes = sorted(sample_days())
    alike = redatable(1, *codes)
    assert len(alike) >= 4
    with monkeypatch.context() as patch:
        patch.setattr("kla.io.rendering.district_pages", _broken)
        told, _ = night(plan_of(*sorted(alike), later=1))
    assert told.troubles == ()
    assert {it.is_page_new for it in told.lines} == {True}
    assert redatable(1, *alike) == set()
    redated = files(var / "public")
    shutil.rmtree(var / "public")
    whole, _ = night(plan_of(*codes, later=1))
    assert {it.district_code: it for it in whole.lines if it.district_code in alike} == {
        it.district_code: it for it in told.lines
    }
    drawn = files(var / "public")
    assert {name: it for name, it in redated.items() if name[:5] in alike} == {
        name: it for name, it in drawn.items() if name[:5] in alike
    }


def test_a_day_on_which_a_stage_is_over_has_its_pages_drawn_whole(var: Path) -> None:
    left = json.loads((var / "public" / CODE / "2024" / "scores.json").read_bytes())["deadline"]["days_left"]
    assert (redatable(left), redatable(left + 1)) == (set(), set())
    assert CODE in redatable(1)


def test_a_page_that_was_harmed_and_looks_the_same_is_drawn_whole(var: Path) -> None:
    page = var / PAGE
    times, content = page.stat(), page.read_bytes()
    page.write_bytes(b"x" * len(content))
    os.utime(page, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert CODE in redatable(1)
    night(plan_of(CODE, later=1))
    assert page.read_bytes().startswith(b"<!doctype html>")


def test_a_fault_while_pages_are_redated_has_them_drawn_whole(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kla.io import rendering

    drawn: list[object] = []
    whole = rendering.district_pages
    monkeypatch.setattr("kla.io.redating.redated_pages", _broken)
    monkeypatch.setattr(rendering, "district_pages", lambda view: drawn.append(view) or whole(view))
    told, _ = night(plan_of(CODE, later=1))
    assert len(drawn) == 1
    assert (told.status, told.lines[0].is_page_new, told.lines[0].days_left) == (NightStatus.COMPLETE, True, 27)
    assert is_at_rest(later=1)


def test_a_form_that_a_killed_run_loaded_and_never_published_is_scored_and_drawn(var: Path) -> None:
    send(var / "inbox", sample_days()[CODE].isoformat(), {}, folder="DINKES")
    plan = plan_of(CODE)
    with plainly(), ledger.run("nightly", plan, who="uji", reason="", parameters={}) as book:
        assert take_in(plan, book.run_id, None).counts[CODE].total() == 1
    told, verbs = night(plan_of(CODE))
    assert {SCORES, DRAWS} <= verbs
    assert (told.lines[0].received, told.lines[0].is_page_new) == (0, True)
    assert is_at_rest()


def test_what_went_wrong_while_pages_were_made_is_tried_again(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = var / "public" / CODE / "2024" / "index.html"
    index.unlink()
    with monkeypatch.context() as patch:
        patch.setattr("kla.io.rendering.district_pages", _broken)
        assert [it.step for it in night(plan_of(CODE))[0].troubles] == ["publish"]
    assert not is_at_rest()
    night(plan_of(CODE))
    assert is_at_rest()
    assert index.is_file()


def _broken(*_: object) -> None:
    raise ValueError("uji")


def _decide(_: Path, plan: Plan) -> None:
    words = {"who": "Siti", "at": datetime(2024, 5, 3, 8, tzinfo=UTC), "reason": "uji", "reason_code": "LAIN"}
    plan.warehouse.add_decision(
        Decision(DecisionKind.ACCEPTANCE, CODE, 2024, "mandiri", "DINKES", **words)  # type: ignore[arg-type]
    )


def _write(name: str, content: bytes) -> Callable[[Path, Plan], None]:
    return lambda folder, _: (folder / name).write_bytes(content) and None


def _notice(folder: Path, _: Plan) -> None:
    stamp = stamp_path(folder / "inbox")
    facts = json.loads(stamp.read_bytes())
    stamp.write_text(json.dumps({code: it for code, it in facts.items() if code != CODE}), encoding="utf-8")


def _queue(_: Path, plan: Plan) -> None:
    from kla.submission import NearMatch

    with plan.warehouse.reading() as connection:
        run_id = connection.exec_driver_sql("SELECT run_id FROM run").scalar_one()
    near = NearMatch("office", "Dinas Anu", "DINKES", 90, "", "")
    plan.warehouse.queue_aliases(CODE, [near], "0" * 64, "a.xlsx", run_id)


PAGE = f"public/{CODE}/2024/findings.html"


def test_a_fault_in_telling_what_may_rest_is_told_and_all_is_drawn(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_at_rest()
    monkeypatch.setattr("flows.part.resting", _broken)
    told, verbs = night(plan_of(CODE))
    assert {SCORES, DRAWS} <= verbs
    assert [it.district_code for it in told.lines] == [CODE]
    assert [(it.step, it.district_code) for it in told.troubles] == [("rest", "")]
    assert told.status is NightStatus.PARTIAL
    assert "ValueError" in told.troubles[0].what


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_decide, id="a steward decided"),
        pytest.param(_queue, id="a name waits"),
        pytest.param(_notice, id="the data are no samples any more"),
        pytest.param(_write(PAGE, b"x"), id="a page was edited"),
        pytest.param(_write(f"public/{CODE}/2024/opd/baru.html", b"x"), id="a file lies beside the pages"),
        pytest.param(lambda folder, _: _interrupted(folder).mkdir(), id="a killed run left a folder"),
        pytest.param(lambda folder, _: (folder / PAGE).unlink(), id="a page is gone"),
        pytest.param(lambda folder, _: shutil.rmtree(folder / "public" / CODE), id="all pages are gone"),
        pytest.param(lambda _, plan: _touched(plan.warehouse), id="a fact of it was written"),
    ],
)
def test_no_change_goes_unseen(var: Path, change: Callable[[Path, Plan], None]) -> None:
    plan = plan_of(CODE)
    assert list(resting(plan).lines) == [CODE]
    change(var, plan)
    assert list(resting(plan).lines) == []
    plan.close()


def _interrupted(folder: Path) -> Path:
    return folder / "public" / CODE / ".2024.percobaan"


def test_what_a_run_left_beside_pages_is_gone_after_the_next_night_and_the_district_rests_again(var: Path) -> None:
    whole = {path: path.read_bytes() for path in (var / "public" / CODE).rglob("*") if path.is_file()}
    _interrupted(var).mkdir()
    told, verbs = night(plan_of(CODE))
    assert (told.status, SCORES in verbs) == (NightStatus.COMPLETE, False)
    assert {path: path.read_bytes() for path in (var / "public" / CODE).rglob("*") if path.is_file()} == whole
    assert not _interrupted(var).exists()
    assert is_at_rest()


def _touched(warehouse: Warehouse) -> None:
    with warehouse.writing() as connection:
        touch(connection, CODE)


def test_a_rehearsal_and_another_warehouse_leave_nothing_out(var: Path, tmp_path: Path) -> None:
    plan = plan_of(CODE)
    plan.is_rehearsal = True
    assert resting(plan).lines == {}
    plan.close()
    (var / "warehouse.db").rename(tmp_path / "lama.db")
    assert not is_at_rest()


def test_the_mark_of_one_district_is_not_anothers(var: Path) -> None:
    plan = plan_of(CODE, "63.10")
    before = marks(plan.warehouse, plan.districts)
    _touched(plan.warehouse)
    after = marks(plan.warehouse, plan.districts)
    assert {code for code in plan.districts if before[code] != after[code]} == {CODE}
    plan.close()


@pytest.mark.parametrize(
    "name",
    [
        "instrument/2024/scales.yaml",
        "expectations/answers.yaml",
        "expectations/limits.yaml",
        "reports/text.id.yaml",
        "reports/templates/index.html.j2",
        "sql/views",
        "districts/libur",
        "districts/zones.yaml",
    ],
)
def test_an_edit_of_law_rules_texts_views_or_holidays_is_seen(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("instrument", "expectations", "reports", "sql", "districts"):
        shutil.copytree(project.data(folder), tmp_path / folder)
    monkeypatch.setattr(made_from.project, "data", lambda folder: tmp_path / folder)
    before = made_from.program_version.__wrapped__()
    own = made_from.district_version(CODE)
    path = tmp_path / name
    path = sorted(path.iterdir())[0] if path.is_dir() else path
    path.write_bytes(path.read_bytes() + b" ")
    assert made_from.program_version.__wrapped__() != before
    assert made_from.district_version(CODE) == own


def test_an_edit_of_a_districts_folder_is_its_own_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("instrument", "expectations", "reports", "sql", "districts"):
        shutil.copytree(project.data(folder), tmp_path / folder)
    monkeypatch.setattr(made_from.project, "data", lambda folder: tmp_path / folder)
    before, other = made_from.program_version.__wrapped__(), made_from.district_version("63.10")
    own = made_from.district_version(CODE)
    calendar = tmp_path / "districts" / CODE / "calendar.yaml"
    calendar.write_bytes(calendar.read_bytes() + b" ")
    assert made_from.district_version(CODE) != own
    assert (made_from.program_version.__wrapped__(), made_from.district_version("63.10")) == (before, other)


def test_a_day_earlier_than_the_one_shown_is_drawn_too(var: Path) -> None:
    assert not is_at_rest(later=-1)
    assert date.fromisoformat("2024-05-03") == sample_days()[CODE]
