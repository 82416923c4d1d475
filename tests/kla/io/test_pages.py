"""Publishing: once per change, whole or not at all, and one district's fault stays its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from reports.factory import bare_picture, picture, recap_picture, small_picture
from reports.reading import Page

from kla.findings import Severity
from kla.io import pages, staging
from kla.io.overview import from_json, overview_line, ranked, to_json
from kla.picture import Picture

CHECKOUT = Path(__file__).resolve().parents[3]


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def named(shown: Picture, code: str, name: str = "Kabupaten Contoh") -> Picture:
    return replace(shown, district=replace(shown.district, code=code, name=name))


def test_a_district_gets_its_pages_lists_and_manifest(tmp_path: Path) -> None:
    assert pages.publish(small_picture(), tmp_path)
    found = set(held(tmp_path / "99.01" / "2024"))
    assert {"index.html", "findings.html", "gap.xlsx", "findings.xlsx", "scores.json", "manifest.json"} <= found
    assert {f"klaster/{code}.html" for code in ("k0", "k1", "k2", "k3", "k4", "k5", "kd")} <= found
    assert {f"opd/dinas{n:02}.html" for n in (1, 2, 3)} <= found
    assert {"jalan.html", "antartahap.html", "kehilangan.html"} <= found
    assert len(found) == 10 + 7 + 3


@pytest.mark.parametrize("make", [small_picture, picture, recap_picture, bare_picture])
def test_the_same_picture_is_published_once_and_the_same_bytes_each_time(
    tmp_path: Path, make: Callable[[], Picture]
) -> None:
    assert pages.publish(make(), tmp_path / "a")
    before = held(tmp_path / "a")
    assert not pages.publish(make(), tmp_path / "a")
    assert pages.publish(make(), tmp_path / "b")
    assert held(tmp_path / "a") == before == held(tmp_path / "b")


def test_an_unchanged_district_is_not_rendered_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages.publish(small_picture(), tmp_path)
    monkeypatch.setattr(pages, "_files", lambda *_: pytest.fail("rendered again"))
    assert not pages.publish(small_picture(), tmp_path)
    assert [made.is_changed for made in pages.publish_many([small_picture()], tmp_path)] == [False]


def test_a_folder_that_cannot_be_flushed_costs_its_own_district(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = staging._flush

    def failing(path: Path) -> None:
        if path.name == "99.02":
            raise OSError(5, "Input/output error")
        really(path)

    monkeypatch.setattr(staging, "_flush", failing)
    made = pages.publish_many([named(small_picture(), code) for code in ("99.01", "99.02", "99.03")], tmp_path, 1)
    assert [bool(one.error) for one in made] == [False, True, False]


LISTS = ("gap.xlsx", "findings.xlsx")


def test_lists_that_say_the_same_on_another_day_are_carried_over(tmp_path: Path) -> None:
    shown, folder = small_picture(), tmp_path / "99.01" / "2024"
    pages.publish(shown, tmp_path)
    before = {name: (folder / name).stat().st_ino for name in LISTS}
    later = replace(shown, as_of=shown.as_of + timedelta(days=1))
    assert pages.publish(later, tmp_path)
    assert {name: (folder / name).stat().st_ino for name in LISTS} == before
    pages.publish(later, tmp_path / "new")
    assert held(tmp_path / "new" / "99.01" / "2024") == held(folder)


def test_a_list_that_says_something_else_or_was_harmed_is_made_again(tmp_path: Path) -> None:
    shown, folder = small_picture(), tmp_path / "99.01" / "2024"
    pages.publish(shown, tmp_path)
    fewer = replace(shown, findings=shown.findings[1:])
    (folder / "gap.xlsx").write_bytes(b"harmed")
    pages.publish(fewer, tmp_path)
    pages.publish(fewer, tmp_path / "new")
    assert held(folder) == held(tmp_path / "new" / "99.01" / "2024")


def test_lists_are_made_again_once_their_code_or_texts_are_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.publish(small_picture(), tmp_path)
    before = (tmp_path / "99.01" / "2024" / "gap.xlsx").stat().st_ino
    monkeypatch.setattr(pages, "attempts_version", lambda: "lain")
    pages.publish(replace(small_picture(), last_run_id="run-9"), tmp_path)
    assert (tmp_path / "99.01" / "2024" / "gap.xlsx").stat().st_ino != before


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "a later day": lambda shown: replace(shown, as_of=shown.as_of + timedelta(days=1)),
    "fewer days left": lambda shown: replace(shown, days_left=15),
    "one finding less": lambda shown: replace(shown, findings=shown.findings[1:]),
    "one finding told otherwise": lambda shown: replace(
        shown, findings=(replace(shown.findings[0], severity=Severity.INFO), *shown.findings[1:])
    ),
    "another target": lambda shown: replace(shown, target_predikat="KLA", points_to_target=Decimal(101)),
    "another instrument": lambda shown: replace(shown, instrument=replace(shown.instrument, version="lain")),
    "another run": lambda shown: replace(shown, last_run_id="run-2"),
    "another note": lambda shown: replace(shown, district=replace(shown.district, notes=("Catatan.",))),
    "roles nobody fills": lambda shown: replace(shown, district=replace(shown.district, without_roles=frozenset())),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_in_the_picture_is_published_anew(
    tmp_path: Path, change: Callable[[Picture], Picture]
) -> None:
    pages.publish(small_picture(), tmp_path)
    assert pages.publish(change(small_picture()), tmp_path)


def test_a_page_that_was_harmed_removed_or_added_is_put_right(tmp_path: Path) -> None:
    pages.publish(small_picture(), tmp_path)
    folder = tmp_path / "99.01" / "2024"
    whole = held(folder)
    harms: list[Callable[[], object]] = [
        lambda: (folder / "index.html").write_bytes(b""),
        lambda: (folder / "opd" / "dinas01.html").unlink(),
        lambda: (folder / "opd" / "stale.html").write_bytes(b"x"),
        lambda: (folder / "manifest.json").write_bytes(b"{"),
    ]
    for harm in harms:
        harm()
        assert pages.publish(small_picture(), tmp_path)
        assert held(folder) == whole


def test_the_page_of_an_office_that_left_is_gone(tmp_path: Path) -> None:
    shown = small_picture()
    pages.publish(shown, tmp_path)
    pages.publish(replace(shown, offices=shown.offices[:2]), tmp_path)
    assert not (tmp_path / "99.01" / "2024" / "opd" / "dinas03.html").exists()


def test_a_fault_while_rendering_leaves_the_old_pages_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.publish(small_picture(), tmp_path)
    before = held(tmp_path)

    def broken(*_: object) -> None:
        raise RuntimeError("no chart")

    monkeypatch.setattr("kla.io.page_charts.charts", broken)
    with pytest.raises(RuntimeError, match="no chart"):
        pages.publish(replace(small_picture(), last_run_id="run-2"), tmp_path)
    assert held(tmp_path) == before


@pytest.mark.parametrize("name", [".2024.new", ".2024.percobaan"])
def test_what_an_interrupted_run_left_is_cleared_also_where_nothing_is_to_be_drawn(tmp_path: Path, name: str) -> None:
    pages.publish(small_picture(), tmp_path)
    (tmp_path / "99.01" / name / "opd").mkdir(parents=True)
    (made,) = pages.publish_many([small_picture()], tmp_path)
    assert not made.is_changed
    assert [path.name for path in (tmp_path / "99.01").iterdir()] == ["2024"]


def test_one_failing_district_never_stops_the_others(tmp_path: Path) -> None:
    base = small_picture()
    broken = replace(named(base, "99.02"), current_stage="tak dikenal", deadline_stage="tak dikenal")
    made = pages.publish_many([named(base, "99.01"), broken, named(base, "99.03")], tmp_path, workers=1)
    assert [(row.district_code, row.is_changed, bool(row.error)) for row in made] == [
        ("99.01", True, False),
        ("99.02", False, True),
        ("99.03", True, False),
    ]
    assert not (tmp_path / "99.02").exists()


def test_children_make_the_same_pages_and_report_their_own_faults(tmp_path: Path) -> None:
    base = small_picture()
    broken = replace(named(base, "99.02"), deadline_stage="tak dikenal")
    shown = [named(base, "99.01"), broken, named(base, "99.03"), named(base, "99.04")]
    pages.publish_many(shown, tmp_path / "one", workers=1)
    made = pages.publish_many(shown, tmp_path / "many", workers=2)
    assert [bool(row.error) for row in made] == [False, True, False, False]
    assert held(tmp_path / "one") == held(tmp_path / "many")


def test_the_digest_is_the_same_in_every_process() -> None:
    """Sets are ordered by a hash that differs from process to process; the digest must not."""
    script = (
        "import sys; sys.path[:0] = ['tests', '.']\n"
        "from reports.factory import small_picture\nfrom kla.io.page_digest import digest_of\nprint(digest_of(small_picture()))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=CHECKOUT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_nothing_heavy_is_imported_when_nothing_changed(tmp_path: Path) -> None:
    pages.publish(small_picture(), tmp_path)
    script = (
        "import sys; sys.path[:0] = ['tests', '.']\nfrom pathlib import Path\n"
        "from reports.factory import small_picture\nfrom kla.io.pages import publish\n"
        f"assert not publish(small_picture(), Path({str(tmp_path)!r}))\n"
        "print([name for name in ('matplotlib', 'jinja2', 'openpyxl', 'numpy') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_manifest_says_what_the_pages_were_made_from(tmp_path: Path) -> None:
    shown = small_picture()
    pages.publish(shown, tmp_path)
    folder = tmp_path / "99.01" / "2024"
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["instrument_version"] == "instrumen-uji"
    assert manifest["suite_version"] == "aturan-uji"
    assert manifest["code_version"] == "program-uji"
    assert manifest["last_run_id"] == "run-1"
    assert {row["sha256"] for row in manifest["submissions"]} == {row.sha256 for row in shown.submissions}
    files = held(folder)
    del files["manifest.json"]
    assert manifest["files"] == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_scores_json_holds_exact_points_as_text(tmp_path: Path) -> None:
    shown = small_picture()
    pages.publish(shown, tmp_path)
    scores = json.loads((tmp_path / "99.01" / "2024" / "scores.json").read_bytes(), parse_float=pytest.fail)
    last = scores["stages"][-1]
    assert (last["stage"], last["points"], last["predikat"]) == ("administrasi", "800.00", "Nindya")
    assert sum(Decimal(row["points"]) for row in last["questions"]) == Decimal(last["points"])
    assert sum(Decimal(row["points"]) for row in last["blocks"]) == Decimal(last["points"])


@pytest.mark.parametrize("make", [small_picture, bare_picture])
def test_an_overview_line_comes_back_from_the_manifest(tmp_path: Path, make: Callable[[], Picture]) -> None:
    pages.publish(make(), tmp_path)
    assert pages.published_lines(tmp_path) == (overview_line(make()),)
    assert from_json(json.loads(json.dumps(to_json(overview_line(make()))))) == overview_line(make())


def test_pages_that_another_run_is_writing_are_not_in_the_overview(tmp_path: Path) -> None:
    pages.publish(small_picture(), tmp_path)
    shutil.copytree(tmp_path / "99.01" / "2024", tmp_path / "99.01" / ".2024.new")
    assert pages.published_lines(tmp_path) == (overview_line(small_picture()),)


def test_districts_are_ranked_by_distance_and_days_with_earlier_cycles_beside_them() -> None:
    low, high = overview_line(picture(shares=(("mandiri", "0.3"),))), overview_line(small_picture())
    rows = ranked(
        [
            replace(overview_line(bare_picture()), district_code="99.03"),
            replace(low, district_code="99.01"),
            replace(high, points=Decimal(950), points_to_target=Decimal(0), district_code="99.04"),
            replace(high, district_code="99.02"),
            replace(high, district_code="99.05", days_left=3),
            replace(high, district_code="99.06", days_left=-1),
            replace(high, district_code="99.01", cycle=2023),
        ]
    )
    assert [(line.district_code, line.cycle, [old.cycle for old in earlier]) for line, earlier in rows] == [
        ("99.05", 2024, []),
        ("99.02", 2024, []),
        ("99.06", 2024, []),
        ("99.01", 2024, [2023]),
        ("99.04", 2024, []),
        ("99.03", 2024, []),
    ]


def test_the_overview_leads_to_every_district_and_is_written_once(tmp_path: Path) -> None:
    for code, name in (("99.01", "Kabupaten Satu"), ("99.02", "Kota <b>Dua</b>")):
        pages.publish(named(small_picture(), code, name), tmp_path)
    assert pages.publish_overview(pages.published_lines(tmp_path), tmp_path)
    assert not pages.publish_overview(pages.published_lines(tmp_path), tmp_path)
    page = Page((tmp_path / "index.html").read_bytes())
    assert "Kota <b>Dua</b>" in page.raw
    links = [link["href"] for link in page.all("a")]
    assert links == ["99.01/2024/index.html", "99.02/2024/index.html", "keadaan/index.html"]
    assert all((tmp_path / link).is_file() for link in links[:-1])  # the last is written by the ledger of runs
    for told in ("800,00 Administrasi", "Nindya", "Target: Utama kurang 1,00", "16 hari", "2 dari 3 0 diterima"):
        assert told in page.text


def test_a_district_known_by_its_card_is_not_said_to_have_sent_nothing(tmp_path: Path) -> None:
    pages.publish(recap_picture(), tmp_path)
    pages.publish_overview(pages.published_lines(tmp_path), tmp_path)
    assert "Kartu rekap 0 dari 34 isian perangkat daerah" in Page((tmp_path / "index.html").read_bytes()).text


def test_an_overview_without_districts_says_so(tmp_path: Path) -> None:
    assert pages.publish_overview((), tmp_path)
    assert "Belum ada daerah yang diterbitkan." in Page((tmp_path / "index.html").read_bytes()).text
