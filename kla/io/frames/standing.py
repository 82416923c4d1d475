"""Frame `questions`: one row per district, cycle, stage and question, with what its offices say now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from kla.findings import StandingRow
from kla.instrument import AnswerKind, Question
from kla.io.frames.context import Facts, Setting, Settings
from kla.io.frames.files import listed
from kla.io.frames.table import Frame, Subject, columns_of, typed
from kla.io.rule_data import RightfulLead, load_rightful_leads
from kla.record import record
from kla.wording import number_text

Group = tuple[str, int, str]


@record(frozen=True, slots=True)
class _Item:
    """A question with the lead's current row, the filled rows of the others, and how many answers differ from the lead's."""

    question: Question
    facts: Facts
    setting: Setting
    group: Group
    lead: StandingRow | None
    others: tuple[StandingRow, ...]
    differing: tuple[StandingRow, ...]


def _figures(value: Decimal | None, denominator: Decimal | None) -> str:
    if value is None:
        return ""
    return number_text(value) if denominator is None else f"{number_text(value)} dari {number_text(denominator)}"


def answer_text(question: Question, row: StandingRow) -> str:
    """Return an office's answer as people read it: the level's label, else the figures, the later year first."""
    if question.scale.answer is AnswerKind.CHOICE:
        found = [level.label for level in question.scale.levels if level.key == row.level]
        return found[0] if found else ""
    later, earlier = _figures(row.value_t1, row.denominator_t1), _figures(row.value_t2, row.denominator_t2)
    return f"{later} (tahun sebelumnya {earlier})" if earlier and later else later or earlier


def _differs(question: Question, lead: StandingRow, other: StandingRow) -> bool:
    """Whether two offices chose different levels; figures are compared in the frame `figures`."""
    return question.scale.answer is AnswerKind.CHOICE and bool(lead.level and other.level and lead.level != other.level)


def _leading(item: _Item) -> tuple[str, list[str]]:
    """Return the leading role of a question and the offices that fill it alike, where none was named on purpose."""
    district, question = item.setting.district, item.question
    if not question.owners or question.question_id in district.owner_overrides:
        return "", []
    role = question.owners[0]
    return role, [office.name for office in district.offices_serving(role)]


def _rightful(item: _Item) -> tuple[RightfulLead | None, str]:
    """Return who should lead and does not, with the name that role has in the district; (None, "") where all is well."""
    rightful = load_rightful_leads().get(item.question.question_id)
    district, owners = item.setting.district, item.facts.owners
    if rightful is None or not owners or rightful.role in district.without_roles:
        return None, ""
    filling = district.offices_serving(rightful.role)
    if owners[0] in {office.code for office in filling}:
        return None, ""
    role = item.setting.instrument.roles.get(rightful.role, rightful.role)
    return rightful, filling[0].name if filling else role


def _item(question: Question, setting: Setting, group: Group, rows: Sequence[StandingRow]) -> _Item:
    facts = setting.of(question.question_id)
    owners = facts.owners
    by_office = {row.opd_code: row for row in rows if not row.is_blank}
    lead = by_office.get(owners[0]) if owners else None
    others = tuple(by_office[code] for code in owners[1:] if code in by_office)
    differing = tuple(row for row in others if lead is not None and _differs(question, lead, row))
    return _Item(question, facts, setting, group, lead, others, differing)


def _items(rows: Sequence[StandingRow], settings: Settings) -> list[_Item]:
    grouped: dict[Group, dict[str, list[StandingRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        grouped[row.district_code, row.cycle, row.stage][row.question_id].append(row)
    found = []
    for group in sorted(grouped):
        setting = settings.of(group[0], group[1])
        found += [
            _item(question, setting, group, grouped[group].get(question.question_id, []))
            for question in setting.instrument.questions
        ]
    return found


def _named(item: _Item, rows: Sequence[StandingRow]) -> str:
    office = item.setting.district.office
    return listed([office(row.opd_code).name for row in rows]) if rows else ""


def _says(item: _Item, rows: Sequence[StandingRow]) -> str:
    """Return "Dinas Kesehatan: 12 dari 40; ..." for the given rows."""
    office = item.setting.district.office
    return "; ".join(f"{office(row.opd_code).name}: {answer_text(item.question, row)}" for row in rows)


def _subject(item: _Item) -> Subject:
    district, owners = item.setting.district, item.facts.owners
    place = item.lead or (item.others[0] if item.others else None)
    return Subject(
        sha256="",
        district_code=district.code,
        district_name=district.name,
        opd_code=owners[0] if owners else "",
        opd_name=item.facts.lead_name,
        cycle=item.group[1],
        stage=item.group[2],
        file_name=place.file_name if place else "",
    )


def _is_role_absent(item: _Item) -> bool:
    """Whether the district has said on purpose that nobody there fills any of the question's roles."""
    return set(item.question.owners) <= item.setting.district.without_roles


def questions_frame(rows: Sequence[StandingRow], settings: Settings) -> Frame:
    """Return all questions of each district, cycle and stage that has rows; columns as expectations/questions.yaml says."""
    items = _items(rows, settings)
    facts = [item.facts for item in items]
    leading, rightful = [_leading(item) for item in items], [_rightful(item) for item in items]
    data: dict[str, Sequence[object]] = {
        "question_id": [item.question.question_id for item in items],
        "label": [item.question.label for item in items],
        "max_points": [fact.max_points for fact in facts],
        "block": [item.setting.instrument.block(item.question.block_code).sheet for item in items],
        "lead_name": [fact.lead_name for fact in facts],
        "roles": [listed([item.setting.instrument.roles.get(r, r) for r in item.question.owners]) for item in items],
        "has_owner": [bool(fact.owners) for fact in facts],
        "is_role_absent": [_is_role_absent(item) for item in items],
        "is_lead_silent": [item.lead is None for item in items],
        "lead_answer": [answer_text(item.question, item.lead) if item.lead else "" for item in items],
        "others_answering": [len(item.others) for item in items],
        "others_names": [_named(item, item.others) for item in items],
        "others_differing": [len(item.differing) for item in items],
        "differing_answers": [_says(item, item.differing) for item in items],
        "leads": [max(1, len(names)) for _, names in leading],
        "leads_names": [listed(names) for _, names in leading],
        "rightful_name": [name for _, name in rightful],
        "rightful_why": [lead.why if lead else "" for lead, _ in rightful],
        "rightful_source": [lead.source if lead else "" for lead, _ in rightful],
    }
    places = [item.lead or (item.others[0] if item.others else None) for item in items]
    return Frame(
        "questions",
        typed(columns_of("questions"), data),
        [_subject(item) for item in items],
        [place.sheet if place else "" for place in places],
        [0] * len(items),
        [{"answer": place.cell} if place else {} for place in places],
        ["questions"] * len(items),
        [item.question.question_id for item in items],
    )
