"""Verifiers' recaps of all three stages through the real intake: read in odd layouts, checked, scored, handed back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import odd_recaps
import pytest
from openpyxl import load_workbook

from desk.main import app
from kla.comparison import Waterfall
from kla.findings import Severity
from kla.io import outlook
from kla.io.districts import load_district
from kla.io.instruments import load_instrument
from kla.io.warehouse import open_warehouse
from kla.picture import Picture

CODE = "16.10"
INSTRUMENT = load_instrument(2024)
CLAIMED = odd_recaps.claimed(INSTRUMENT)
HALF = {key: (points / 2).quantize(Decimal("0.01")) for key, points in CLAIMED.items()}
ADMINISTRASI = {**CLAIMED, "1.P1": Decimal(0), "4.P2": HALF["4.P2"], "14.P1": HALF["14.P1"]}
VLH = {**ADMINISTRASI, "4.P2": CLAIMED["4.P2"], "12.P1": Decimal(0)}
FINAL = {**VLH, "20.P1": Decimal(0)}
REASONS = {"1.P1": "Perda belum ada SK", "4.P2": "Foto tidak jelas", "14.P1": "bukti kedaluwarsa (2020)"}
EXTRA = (
    (None, "99.P1", "Pertanyaan titipan", None, 5, None, None, 5),
    (None, "12.P3", "Sekali lagi", None, None, None, None, 1),
    (None, "26.P17", "Pekerja anak ada?", None, 0, None, None, 2),
    (None, "Bonus inovasi", None, None, None, None, None, 3),
)


@dataclass
class Verified:
    """A district after one night over its four recaps."""

    var: Path
    picture: Picture
    falls: tuple[Waterfall, ...]

    def codes(self, stage: str) -> set[tuple[str, str]]:
        found = (it for it in self.picture.findings if it.stage == stage and it.severity is not Severity.INFO)
        return {(it.code, f"{it.sheet}!{it.cell}") for it in found}


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory, prefect_home: Path) -> Iterator[Verified]:
    from flows.nightly import nightly

    var = tmp_path_factory.mktemp("verified") / "var"
    over = {**VLH, "12.P2": CLAIMED["12.P2"] + 1}
    odd_recaps.sent(
        var / "inbox" / CODE,
        {
            "_rekap/mandiri/Kartu.xlsx": odd_recaps.card(INSTRUMENT, CLAIMED),
            "_verifikasi/2024/administrasi/Hasil provinsi.xlsx": odd_recaps.province(INSTRUMENT, ADMINISTRASI, REASONS),
            "_verifikasi/vlh/BA VLH.xlsx": odd_recaps.field_visit(
                INSTRUMENT, over, {"12.P1": "Bukti tidak jelas"}, EXTRA, "K1", wrong_by=2
            ),
            "_verifikasi/final/Verifikasi akhir.xlsx": odd_recaps.decision(INSTRUMENT, FINAL, "Nindya"),
        },
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLA_VAR", str(var))
        nightly(districts=[CODE], as_of={CODE: "2025-07-31"}, who="uji")
        district = load_district(CODE)
        with open_warehouse(f"sqlite:///{var / 'warehouse.db'}") as warehouse:
            picture = warehouse.picture(district, INSTRUMENT, 2024, date(2025, 7, 31))
            ground = outlook.ground_of(warehouse, district, INSTRUMENT, 2024)
            assert ground is not None
            yield Verified(var, picture, outlook.waterfalls(ground))


def test_every_stage_has_the_points_its_recap_gives(verified: Verified) -> None:
    totals = {sheet.stage: sheet.total.points for sheet in verified.picture.stages}
    # What goes back does not count: 12.P2 lies over its maximum.
    vlh = sum(VLH.values()) - CLAIMED["12.P2"]
    assert totals == {
        "mandiri": 1000,
        "administrasi": sum(ADMINISTRASI.values()),
        "vlh": vlh,
        "final": sum(FINAL.values()),
    }


def test_odd_layouts_alone_give_no_findings(verified: Verified) -> None:
    assert verified.codes("administrasi") == set()
    assert verified.codes("mandiri") == set()


def test_each_mistake_of_a_verifier_has_its_own_code_at_its_cell(verified: Verified) -> None:
    found = verified.codes("vlh")
    by_code = {code: {place for other, place in found if other == code} for code, _ in found}
    assert set(by_code) == {"A02", "A31", "A33", "R06", "R07", "R09", "R12", "R14"}
    assert all(len(places) == 1 for places in by_code.values())
    values = {it.code: it.value for it in verified.picture.findings if it.stage == "vlh"}
    assert (values["A31"], values["R14"]) == ("99.P1", "2")
    assert {it.question_id for it in verified.picture.findings if it.code == "A02"} == {"12.P2"}


def test_the_final_predikat_is_kept_as_given_and_its_doubt_is_told(verified: Verified) -> None:
    final = verified.picture.stages[-1]
    assert (final.stage, final.total.points, final.predikat) == ("final", sum(FINAL.values()), "Nindya")
    given = verified.picture.decided
    assert given is not None
    assert (given.predikat, given.file_name, given.sheet) == ("Nindya", "Verifikasi akhir.xlsx", "Final")
    (doubt,) = [it for it in verified.picture.findings if it.stage == "final"]
    assert (doubt.code, f"{doubt.sheet}!{doubt.cell}") == ("R13", f"Final!{given.cell}")
    assert "Nindya" in doubt.tell
    assert "KLA" in doubt.tell


def test_falls_are_told_by_the_verifiers_reasons_without_a_rest(verified: Verified) -> None:
    first, second, third = verified.falls
    assert [it.residual for it in verified.falls] == [0, 0, 0]
    lost = {step.question_id: step.change.value for step in first.steps}
    assert lost == {"1.P1": "no_legal_form", "4.P2": "unclear", "14.P1": "outdated"}
    assert {step.question_id: step.change.value for step in second.steps} == {
        "4.P2": "raised",
        "12.P1": "unclear",
        "12.P2": "not_stated",
    }
    assert {step.question_id: step.change.value for step in third.steps} == {"12.P2": "raised", "20.P1": "no_reason"}


def test_status_and_pages_say_that_the_predikat_was_decided(
    verified: Verified, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KLA_VAR", str(verified.var))
    with pytest.raises(SystemExit):
        app(["status", "--district", CODE, "--as-of", "2025-07-31"])
    assert "predikat final (ditetapkan): Nindya · Verifikasi akhir.xlsx · lembar Final" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        app(["status", "--district", CODE, "--as-of", "2025-07-31", "--json"])
    assert json.loads(capsys.readouterr().out)["predikat_final"]["predikat"] == "Nindya"
    page = (verified.var / "public" / CODE / "2024" / "index.html").read_text(encoding="utf-8")
    assert "Predikat final (ditetapkan)" in page


def test_findings_go_back_to_whoever_sent_the_recap(verified: Verified) -> None:
    public = verified.var / "public" / CODE / "2024"
    page = (public / "wali-data.html").read_text(encoding="utf-8")
    back = sorted((public / "percobaan").glob(f"*-{CODE}-2024-vlh-01-*"))
    listed, marked = back
    assert listed.name.startswith("findings-KLA-")
    book = load_workbook(marked)
    assert "Perbaikan" in book.sheetnames
    assert "BA VLH" in book.sheetnames
    told = {str(cell.value) for row in book["Perbaikan"].iter_rows() for cell in row if cell.value}
    assert "Tim verifikasi lapangan hybrid" in told
    for path in back:
        assert re.search(rf'href="percobaan/{re.escape(path.name)}"', page), path.name
    (kept,) = (public / "percobaan").glob(f"*-{CODE}-2024-administrasi-01-*")
    assert kept.name.startswith("findings-KLA-")
