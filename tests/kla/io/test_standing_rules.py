"""Across offices: one figure, one number; one question, one lead, and the one the law names."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from rows_of_tests import DISTRICTS, INSTRUMENT, standing

from kla.district import District
from kla.findings import Finding, StandingRow
from kla.io.rule_data import Tolerance, load_limits, load_rightful_leads, load_shared_figures
from kla.io.suites import validate_standing

DISTRICT = DISTRICTS["63.10"]
# A question whose answer carries figures, with its lead and a supporter.
SHARED = "24A.P1"
LEAD, SUPPORTER = (office.code for office in DISTRICT.owners_of(INSTRUMENT.question(SHARED))[:2])


def found(*rows: StandingRow, district: District = DISTRICT) -> list[Finding]:
    return list(validate_standing(rows, {district.code: district}, {2024: INSTRUMENT}))


def stating(opd_code: str, value: str, question_id: str = SHARED, field: str = "value_t1") -> StandingRow:
    is_lead = DISTRICT.owners_of(INSTRUMENT.question(question_id))[0].code == opd_code
    return standing(question_id, opd_code, is_lead=is_lead, is_blank=False, **{field: Decimal(value)})


def codes(findings: list[Finding]) -> list[str]:
    return [it.code for it in findings if it.code in ("X05", "X06", "X07")]


def test_figures_within_the_tolerance_are_no_finding():
    assert codes(found(stating(LEAD, "100"), stating(SUPPORTER, "95"))) == []
    assert codes(found(stating(LEAD, "3"), stating(SUPPORTER, "1"))) == []


def test_figures_beyond_the_tolerance_name_both_offices_and_the_difference():
    (finding,) = (it for it in found(stating(LEAD, "100"), stating(SUPPORTER, "80")) if it.code == "X05")
    names = [DISTRICT.office(code).name for code in (LEAD, SUPPORTER)]
    assert f"{names[0]} menulis 100, {names[1]} menulis 80 (selisih 20; batas wajar 5)" in finding.tell
    assert (finding.question_id, finding.opd_code, finding.sha256) == (SHARED, LEAD, "")


def test_of_both_years_only_the_worst_difference_is_told():
    years = {"value_t2": Decimal(50), "value_t1": Decimal(100)}
    other = {"value_t2": Decimal(40), "value_t1": Decimal(20)}
    rows = [standing(SHARED, LEAD, is_blank=False, **years), standing(SHARED, SUPPORTER, is_blank=False, **other)]
    (finding,) = (it for it in found(*rows) if it.code == "X05")
    assert "selisih 80" in finding.tell


def test_what_only_one_of_them_states_is_no_difference():
    assert codes(found(stating(LEAD, "100"), stating(SUPPORTER, "20", field="value_t2"))) == []


def test_a_figure_two_questions_share_is_compared_where_two_offices_lead():
    other = next(office.code for office in DISTRICT.offices if office.code != "DISDUKCAPIL")
    district = replace(DISTRICT, owner_overrides={**DISTRICT.owner_overrides, "4.P3": (other,)})
    lead = DISTRICT.owners_of(INSTRUMENT.question("4.P1"))[0].code
    rows = [
        standing("4.P1", lead, is_lead=True, is_blank=False, denominator_t1=Decimal(60000)),
        standing("4.P2", lead, is_lead=True, is_blank=False, denominator_t1=Decimal(10)),
        standing("4.P3", other, is_lead=True, is_blank=False, denominator_t1=Decimal(70000)),
    ]
    (finding,) = (it for it in found(*rows, district=district) if it.code == "X06")
    assert "Angka jumlah anak 2023 berbeda" in finding.tell
    assert "selisih 10.000, batas wajar 3.500" in finding.tell


def test_two_offices_that_fill_the_leading_role_are_named():
    twin = replace(DISTRICT.office(LEAD), code="KEMBAR", name="Dinas Kembaran")
    district = replace(DISTRICT, offices=(*DISTRICT.offices, twin))
    told = [it for it in found(stating(LEAD, "1"), district=district) if it.code == "X07"]
    assert SHARED in {it.question_id for it in told}
    assert all("Dinas Kembaran" in it.tell for it in told)


def test_naming_the_lead_on_purpose_settles_who_leads():
    twin = replace(DISTRICT.office(LEAD), code="KEMBAR", name="Dinas Kembaran")
    overrides = {q.question_id: (LEAD,) for q in INSTRUMENT.questions}
    district = replace(DISTRICT, offices=(*DISTRICT.offices, twin), owner_overrides=overrides)
    assert "X07" not in codes(found(stating(LEAD, "1"), district=district))


def doctor(district: District) -> list[str]:
    return [it.tell for it in found(stating(LEAD, "1"), district=district) if it.code == "X08"]


def test_marriage_dispensation_belongs_to_the_religious_court():
    (tell,) = doctor(DISTRICT)
    assert "7.P2" in tell
    assert tell.endswith("yang tepat: Pengadilan Agama Batulicin.")
    court = next(office.code for office in DISTRICT.offices if "PENGADILAN_AGAMA" in office.serves)
    assert doctor(replace(DISTRICT, owner_overrides={"7.P2": (court,)})) == []


def test_a_district_without_such_an_office_is_left_in_peace():
    assert doctor(replace(DISTRICT, without_roles=frozenset({"PENGADILAN_AGAMA"}))) == []


def test_what_the_tables_name_exists():
    _, figures = load_shared_figures()
    places = {question_id for figure in figures for question_id, _ in figure.places} | set(load_rightful_leads())
    assert all(INSTRUMENT.has_question(question_id) for question_id in places)
    assert {lead.role for lead in load_rightful_leads().values()} <= set(INSTRUMENT.roles)
    limits = load_limits()
    assert set(limits.change) | limits.lasting_measures <= {question.measure for question in INSTRUMENT.questions}
    assert limits.lasting_kinds <= set(INSTRUMENT.evidence_kinds)
    for scale, levels in limits.legal_levels.items():
        assert levels <= {level.key for level in INSTRUMENT.scales[scale].levels}


NUMBERS = st.decimals(0, 10**7, places=2)


@given(NUMBERS, NUMBERS)
def test_a_tolerance_has_no_sides(one, other):
    tolerance = Tolerance(Decimal(5), Decimal(2))
    assert tolerance.allowed(one, other) == tolerance.allowed(other, one) >= 2
