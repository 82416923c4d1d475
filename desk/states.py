"""`kla status --opd`: where each question of an office stands, since when, and every state it had before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from desk.frame import USAGE, out, stop, table
from desk.steward import sit
from kla.io.desk_words import items, say
from kla.io.page_words import word
from kla.wording import date_text

if TYPE_CHECKING:
    from kla.states import QuestionState, Step


def show_states(codes: Sequence[str], opd: str, as_of: str | None, is_json: bool) -> None:
    """Print the states of an office's questions at the first stage of the district's cycle, in the order of the card."""
    from kla.io.warehouse import open_reader

    if len(codes) != 1:
        stop(say("status.one_district"), USAGE)
    seat = sit(codes[0], None, None, as_of)
    opd_code = seat.sender(opd)
    with open_reader() as warehouse:
        if opd_code:
            found = warehouse.states(seat.district, seat.instrument, seat.cycle, seat.stage, seat.day)
        else:
            found = warehouse.recap_states(seat.district, seat.cycle, seat.stage, seat.day)
    own = [it for it in found if it.opd_code == opd_code]
    if is_json:
        for it in own:
            out(json.dumps(_json(it), ensure_ascii=False))
        return
    out(table(items("status.states_header"), [_row(it) for it in own]) if own else say("status.no_states"))


def _row(it: QuestionState) -> list[str]:
    since = date_text(it.since_at) if it.since_at else say("night.none")
    steps = [say("status.step", state=_name(step.state), at=date_text(step.at), by=_by(step)) for step in it.steps]
    role = say("status.lead" if it.is_lead else "status.supporter")
    return [it.question_id, role, _name(it.state), since, "; ".join(steps) or say("night.none")]


def _name(state: str) -> str:
    return word(f"state.{state}.name").lower()


def _by(step: Step) -> str:
    if step.version:
        return say("status.by_version", version=step.version)
    return say("status.by_decision", id=step.decision_id[:8]) if step.decision_id else say("status.by_calendar")


def _json(it: QuestionState) -> dict[str, Any]:
    def moment(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "district": it.district_code,
        "cycle": it.cycle,
        "stage": it.stage,
        "opd": it.opd_code,
        "question": it.question_id,
        "is_lead": it.is_lead,
        "state": it.state.value,
        "since": moment(it.since_at),
        "steps": [
            {"at": moment(step.at), "state": step.state.value, "version": step.version, "decision": step.decision_id}
            for step in it.steps
        ],
    }
