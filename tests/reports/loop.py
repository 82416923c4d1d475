"""A picture in which the whole loop has run once: returned, mended, decided, and something still waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from reports.factory import WITA, small_picture, submission

from kla.decisions import Decision, DecisionKind
from kla.delta import CellChange
from kla.findings import Outcome, Severity
from kla.picture import Attempt, OfficeDelta, PendingAlias, Picture, RepairLine
from kla.receipts import receipt_number
from kla.states import QuestionState, State
from kla.submission import NearMatch, Repair

OFFICE = "DINAS03"
WAIVER = Decision(
    kind=DecisionKind.WAIVER,
    district_code="99.01",
    cycle=2024,
    stage="",
    opd_code=OFFICE,
    who="Siti Aminah",
    at=datetime(2025, 5, 2, 10, 0, tzinfo=WITA),
    reason="Data baru terbit bulan Juni",
    requested_by="Budi",
    code="A02",
    from_on=date(2025, 5, 2),
    until_on=date(2025, 6, 1),
)
ACKNOWLEDGEMENT = replace(
    WAIVER,
    kind=DecisionKind.ACKNOWLEDGEMENT,
    opd_code="DINAS02",
    code="D01",
    reason="",
    reason_code="SESUAI_SUMBER",
    requested_by="",
    from_on=None,
    until_on=None,
    cell="F11",
    sheet="Klaster III",
)


def loop_picture(text: str = "") -> Picture:
    """DINAS03 sent twice, one rule is waived for it; a warning of DINAS02 is acknowledged; a name waits."""
    base = small_picture()
    first, second = submission(OFFICE, Outcome.RETURNED), submission(OFFICE, Outcome.ACCEPTED, 2)
    questions = [question.question_id for question in base.instrument.questions[:3]]
    held = {Severity.BLOCKING: ("waived", WAIVER), Severity.WARNING: ("acknowledged", ACKNOWLEDGEMENT)}
    findings = tuple(
        replace(it, status=held[it.severity][0], decision_id=held[it.severity][1].decision_id)
        if it.severity in held and it.opd_code == held[it.severity][1].opd_code
        else it
        for it in (*base.findings, replace(base.findings[0], opd_code=OFFICE))
    )
    changes = (
        CellChange("Klaster III", "F12", questions[0], "value_t1", text or "12", text or "10"),
        CellChange("Data Dukung", "D8", questions[1], "title", "", text or "SK Bupati"),
    )
    repair = Repair(
        "Klaster III", "F14", "answers", "value_t1", "Klaster III!14", questions[2], " 961,86", "961.86", "trim+number"
    )
    return replace(
        base,
        findings=findings,
        submissions=(*(row for row in base.submissions if row.opd_code != OFFICE), first, second),
        decisions=(WAIVER, ACKNOWLEDGEMENT),
        states=tuple(
            QuestionState("99.01", 2024, "mandiri", OFFICE, key, is_lead=True, state=state, answer=state)
            for key, state in zip(questions, (State.CORRECTED, State.RETURNED, State.ACCEPTED), strict=True)
        ),
        attempts=tuple(
            Attempt(
                opd_code=OFFICE,
                stage="mandiri",
                version=row.version,
                receipt_number=receipt_number("99.01", OFFICE, 2024, "mandiri", row.version, row.sha256),
                sha256=row.sha256,
                file_name=row.file_name,
                received_at=row.received_at,
                outcome=row.outcome,
                changes=changes if row.version == 2 else (),
                findings=tuple(it for it in findings if it.opd_code == OFFICE) if row.version == 1 else (),
                repairs=(repair,),
            )
            for row in (first, second)
        ),
        deltas=(
            OfficeDelta(OFFICE, "mandiri", "run-1", 1, date(2025, 4, 20), 4, 0, 0, 0),
            OfficeDelta(OFFICE, "mandiri", "run-2", 2, date(2025, 5, 19), 1, 1, 2, 2),
        ),
        repairs=(
            RepairLine(OFFICE, "mandiri", second.sha256, second.file_name, replace(repair, original=text or " 961,86")),
        ),
        pending_aliases=(
            PendingAlias(NearMatch("office", text or "Dinas Kesehatn", "DINAS01", 91), "0" * 64, text or "isian.xlsx"),
        ),
    )
