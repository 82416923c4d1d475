"""The matrix holds each office and indicator that belong together; it says who works alone and what nobody owns."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from kla.coordination import coordination_of
from kla.findings import Severity
from reports import factory

PICTURE = replace(factory.picture(office_count=6, questions_per_block=4), findings=())
OWNERS = {q.question_id: [o.code for o in PICTURE.district.owners_of(q)] for q in PICTURE.instrument.questions}
SHARED = next(q for q in PICTURE.instrument.questions if len(OWNERS[q.question_id]) > 1)


def test_led_and_supported_questions_of_all_parts_are_the_districts_ownership() -> None:
    found = coordination_of(PICTURE)
    assert sum(part.led for part in found.parts) == len(PICTURE.instrument.questions)
    assert sum(part.owned for part in found.parts) == sum(len(codes) for codes in OWNERS.values())
    assert all(part.delivered == part.owned for part in found.parts)
    assert (found.alone, found.alone_questions, found.unowned, found.disputes) == ((), (), (), ())
    assert found.part("NIHIL", "1") is None


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(range(len(PICTURE.answers)))))
def test_whoever_alone_delivered_is_named_with_all_that_are_silent(lost: set[int]) -> None:
    kept = tuple(line for place, line in enumerate(PICTURE.answers) if place not in lost)
    found = coordination_of(replace(PICTURE, answers=kept))
    came = {(line.question_id, line.opd_code) for line in kept}
    expected = {
        question_id: [code for code in codes if (question_id, code) in came]
        for question_id, codes in OWNERS.items()
        if len(codes) > 1
    }
    alone = {it.question_id: it for it in found.alone_questions}
    assert {key: [it.opd_code] for key, it in alone.items()} == {k: v for k, v in expected.items() if len(v) == 1}
    assert all({it.opd_code, *it.silent} == set(OWNERS[key]) for key, it in alone.items())
    assert sum(part.delivered for part in found.parts) == len(came)
    for it in found.alone:
        parts = [part for part in found.parts if part.indicator_number == it.indicator_number]
        assert [part.opd_code for part in parts if part.delivered] == [it.opd_code]
        assert [part.opd_code for part in parts if not part.delivered] == list(it.silent)


def test_a_blank_answer_without_data_dukung_is_nothing_delivered() -> None:
    blank = tuple(replace(line, answer="", evidence_accepted=0) for line in PICTURE.answers)
    assert {part.delivered for part in coordination_of(replace(PICTURE, answers=blank)).parts} == {0}
    documents = tuple(replace(line, answer="") for line in PICTURE.answers)
    assert all(part.delivered == part.owned for part in coordination_of(replace(PICTURE, answers=documents)).parts)


def test_a_question_nobody_owns_is_listed_and_whether_that_is_meant() -> None:
    first, second, *_ = PICTURE.instrument.questions
    nobody = {first.question_id: (), second.question_id: ()}
    district = replace(PICTURE.district, owner_overrides=nobody, without_roles=frozenset(second.owners))
    found = coordination_of(replace(PICTURE, district=district))
    assert [(it.question_id, it.is_meant) for it in found.unowned] == [
        (first.question_id, False),
        (second.question_id, True),
    ]
    assert found.unowned[0].max_points == first.max_points


def test_a_lead_the_district_moved_and_a_lead_that_lets_others_answer_are_told() -> None:
    lead, other = OWNERS[SHARED.question_id]
    moved = replace(PICTURE.district, owner_overrides={SHARED.question_id: (other, lead)})
    silent = tuple(line for line in PICTURE.answers if (line.question_id, line.opd_code) != (SHARED.question_id, other))
    found = coordination_of(replace(PICTURE, district=moved, answers=silent))
    assert [(it.question_id, it.from_opd, it.to_opd) for it in found.moved] == [(SHARED.question_id, lead, other)]
    assert [(it.question_id, it.opd_code, it.answered) for it in found.silent_leads] == [
        (SHARED.question_id, other, (lead,))
    ]
    assert coordination_of(PICTURE).moved == coordination_of(PICTURE).silent_leads == ()


def test_only_open_findings_that_hold_offices_against_each_other_are_disputes() -> None:
    one = replace(factory.finding(1, OWNERS[SHARED.question_id][0], Severity.WARNING, SHARED), code="X01")
    silent, waived = replace(one, code="X02"), replace(one, code="X05", status="acknowledged")
    found = coordination_of(replace(PICTURE, findings=(waived, one, silent)))
    (dispute,) = found.disputes
    assert (dispute.question_id, dispute.codes) == (SHARED.question_id, ("X01",))
    assert dispute.opd_codes == tuple(OWNERS[SHARED.question_id])
    touched = {part.opd_code for part in found.parts if part.disputed}
    assert touched == set(OWNERS[SHARED.question_id])
