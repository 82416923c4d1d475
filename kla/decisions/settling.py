"""What decisions do to a file: problems they add before it is judged, findings they settle afterwards. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kla.decisions.opening import admission
from kla.decisions.record import Decision, DecisionKind, digest_of, in_force
from kla.delta import content_of
from kla.findings import Finding, Severity
from kla.submission import AnswerRow, Problem, Reading, Receipt, Repair, StatedLevel, StatedRow

RETURNED, REPAIR_REJECTED = "returned_by_steward", "repair_rejected"  # kinds of Problem
FORM_STAGE = "mandiri"  # where a file belongs that could not say so itself


def settle(
    findings: Iterable[Finding], decisions: Iterable[Decision], as_of: date, rule_digests: Mapping[str, str]
) -> tuple[Finding, ...]:
    """Return the findings, in order, each as decisions left it: open, waived or acknowledged.

    A waiver settles every finding of its rule and office (and question, where it names one) within its period. An
    acknowledgement settles one warning per file: the same code, question (a sheet, where there is none) and value
    under the same rule; the one at the same cell first. It lapses when any of these changes.

    Args:
        findings: of any number of files, and across offices.
        decisions: all of the district; only those in force on `as_of` act.
        rule_digests: code -> digest of the rule as it is now.
    """
    holding = in_force(decisions, as_of)
    waivers = [one for one in holding if one.kind is DecisionKind.WAIVER]
    seen = [one for one in holding if one.kind is DecisionKind.ACKNOWLEDGEMENT]
    settled = [_waived(replace(finding, status="open", decision_id=""), waivers) for finding in findings]
    return _acknowledged(settled, seen, rule_digests) if seen else tuple(settled)


def _waived(finding: Finding, waivers: Sequence[Decision]) -> Finding:
    for waiver in waivers:
        is_meant = waiver.code == finding.code and waiver.question_id in ("", finding.question_id)
        if is_meant and _concerns(waiver, finding):
            return replace(finding, status="waived", decision_id=waiver.decision_id)
    return finding


def _concerns(decision: Decision, finding: Finding) -> bool:
    return decision.concerns(finding.district_code, finding.cycle, finding.stage, finding.opd_code)


_Key = tuple[str, str, str, str]


def _acknowledged(
    findings: Sequence[Finding], seen: Sequence[Decision], rule_digests: Mapping[str, str]
) -> tuple[Finding, ...]:
    places: dict[tuple[str, ...], list[int]] = {}
    for index, it in enumerate(findings):
        if it.severity is Severity.WARNING and it.status == "open":
            places.setdefault((it.sha256, it.file_name, it.district_code, it.stage, it.opd_code), []).append(index)
    settled = list(findings)
    for indexes in places.values():
        left: dict[_Key, dict[tuple[str, str], Decision]] = {}
        for one in seen:
            if _concerns(one, findings[indexes[0]]) and one.rule_digest == rule_digests.get(one.code):
                left.setdefault(_key(one), {})[one.sheet, one.cell] = one
        # The cell that was acknowledged first, then those an inserted row has moved.
        ordered = sorted(indexes, key=lambda at: _cell(findings[at]) not in left.get(_key(findings[at]), {}))
        for index in ordered:
            meant = left.get(_key(findings[index]), {})
            if meant:
                found = meant.pop(_cell(findings[index]) if _cell(findings[index]) in meant else next(iter(meant)))
                settled[index] = replace(findings[index], status="acknowledged", decision_id=found.decision_id)
    return tuple(settled)


def _key(of: Finding | Decision) -> _Key:
    return of.code, of.question_id, "" if of.question_id else of.sheet, of.value


def _cell(of: Finding | Decision) -> tuple[str, str]:
    return of.sheet, of.cell


def stage_of(receipt: Receipt, reading: Reading) -> str:
    """Return the stage a file belongs to: its seal's, else its folder's, else the first."""
    return reading.stage or receipt.stage or FORM_STAGE


def with_decisions(
    receipt: Receipt, reading: Reading, decisions: Iterable[Decision], as_of: date, cycle: int
) -> Reading:
    """Return the reading with a problem for each answer a steward sent back, each repair a steward rejected, and for
    the late slot or repair window that took the file though its stage had closed.

    An answer, or a row of a recap, goes back when it says what was sent back, wherever it stands and whichever version
    says it; data dukung of the question is part of it. `cycle` is the district's current one, for a file that does not
    say its own.
    """
    own = reading.cycle or receipt.cycle or cycle
    place = (receipt.district_code, own, stage_of(receipt, reading), receipt.opd_code)
    acting = [one for one in in_force(decisions, as_of) if one.concerns(*place)]
    returns = [one for one in acting if one.kind is DecisionKind.RETURN]
    rejected = [one for one in acting if one.kind is DecisionKind.REJECTED_REPAIR]
    admitted = admission(acting, receipt.opd_code, receipt.received_at)
    added = [
        *_returned(reading, receipt, returns),
        *_rejected(reading.repairs, rejected),
        *([admitted] if admitted else ()),
    ]
    return replace(reading, problems=(*reading.problems, *added)) if added else reading


@dataclass(frozen=True, slots=True)
class Settlement:
    """Decisions at work on the files and findings of a run. All mappings are by district code.

    `decisions` are all of a district (those that hold on the district's day act), `cycles` its current cycle, for files
    that do not say theirs; `rule_digests` is code -> digest of the rule as it is now.
    """

    decisions: Mapping[str, Sequence[Decision]]
    as_of: Mapping[str, date]
    cycles: Mapping[str, int]
    rule_digests: Mapping[str, str]

    def prepared(self, receipt: Receipt, reading: Reading) -> Reading:
        """Return a reading with the problems that decisions make of it (`with_decisions`)."""
        code = receipt.district_code
        taken = self._of(code)
        return with_decisions(receipt, reading, taken, self.as_of[code], self.cycles[code]) if taken else reading

    def settled(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return findings of any districts, in order, each as its own district's decisions left it (`settle`)."""
        found = list(findings)
        for code in dict.fromkeys(finding.district_code for finding in found):
            if taken := self._of(code):
                own = [at for at, finding in enumerate(found) if finding.district_code == code]
                left = settle((found[at] for at in own), taken, self.as_of[code], self.rule_digests)
                for at, finding in zip(own, left, strict=True):
                    found[at] = finding
        return found

    def digest(self, receipt: Receipt, reading: Reading) -> str:
        """Return the digest of the decisions a file is judged under (`digest_of`)."""
        code = receipt.district_code
        cycle = reading.cycle or receipt.cycle or self.cycles.get(code, 0)
        taken = self._of(code)
        return (
            digest_of(taken, self.as_of[code], code, cycle, stage_of(receipt, reading), receipt.opd_code)
            if taken
            else ""
        )

    def _of(self, code: str) -> Sequence[Decision]:
        return self.decisions.get(code, ()) if code in self.as_of and code in self.cycles else ()


def _returned(reading: Reading, receipt: Receipt, returns: Sequence[Decision]) -> list[Problem]:
    if not returns:
        return []
    proofs: dict[str, list[Mapping[str, str]]] = {}
    for row in reading.evidence:
        proofs.setdefault(row.question_id, []).append(row.raw)
    found = []
    for answer in reading.answers:
        content = content_of(answer.raw, proofs.get(answer.question_id, ()))
        meant = [one for one in returns if content and _is_sent_back(one, answer.question_id, content, receipt.sha256)]
        if meant:
            found.append(_problem(answer, answer.question_id, meant[-1]))
    for stated in reading.stated:
        content = content_of(stated.raw, ())
        meant = [one for one in returns if content and _is_sent_back(one, stated.key, content, receipt.sha256)]
        if meant and stated.level is StatedLevel.QUESTION:
            found.append(_problem(stated, stated.key, meant[-1], "points"))
    return found


def _is_sent_back(decision: Decision, question_id: str, content: str, sha256: str) -> bool:
    if decision.question_id not in ("", question_id):
        return False
    return decision.value == content if decision.value else decision.sha256 == sha256


def _problem(row: AnswerRow | StatedRow, question_id: str, decision: Decision, field: str = "") -> Problem:
    if field not in row.cells:
        field = next((name for name in row.cells if row.raw.get(name)), next(iter(row.cells), ""))
    cell = row.cells.get(field, "")
    return Problem(RETURNED, row.sheet, cell, row.raw.get(field, ""), decision.reason, question_id)


def _rejected(repairs: Sequence[Repair], rejected: Sequence[Decision]) -> list[Problem]:
    def is_meant(repair: Repair, one: Decision) -> bool:
        told = (repair.rule, repair.question_id, repair.original, repair.result)
        is_same_place = bool(repair.question_id) or (repair.sheet, repair.cell) == (one.sheet, one.cell)
        return told == (one.code, one.question_id, one.value, one.result) and is_same_place

    return [
        Problem(REPAIR_REJECTED, repair.sheet, repair.cell, repair.original, repair.field, repair.question_id)
        for repair in repairs
        if any(is_meant(repair, one) for one in rejected)
    ]
