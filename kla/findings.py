"""What a rule found, what it means for the file, and which findings are only the echo of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kla.record import record
from kla.submission import Reading, Receipt


class Severity(StrEnum):
    """What a finding does.

    BLOCKING (Great Expectations' `critical`): the row does not load; on a file, none of its rows do.
    WARNING: loads and counts, and is shown until mended or acknowledged. INFO: is shown.
    """

    BLOCKING = "blocking"
    WARNING = "warning"
    INFO = "info"


# What is looked at first, and what a broken one leaves nothing to say about.
PHASES = ("file", "structure", "field", "cross_field", "cross_sheet", "cross_office", "history")


class Outcome(StrEnum):
    """What became of a file; exactly one of them."""

    ACCEPTED = "accepted"  # every row loads
    RETURNED = "returned"  # read, but at least one row goes back to the office
    REFUSED = "refused"  # nothing of it can be used


@dataclass(frozen=True, slots=True)
class Finding:
    """One place, one cause, one remedy, one code.

    `tell` and `fix` are finished Indonesian sentences; `sheet` and `cell` are "" where the finding is about a whole file.
    `frame` and `row_key` name the row it belongs to: ("answers", "Klaster III!12") is sheet and row; row_key "" is the file.
    `points_at_stake` is the maximum of the question concerned, 0 where there is none.
    `severity` is what the rule says. `status` is "open", or what a steward's decision (`decision_id`) made of it:
    "waived" or "acknowledged".
    """

    code: str
    severity: Severity
    sha256: str
    district_code: str
    opd_code: str
    cycle: int | None
    stage: str
    file_name: str
    sheet: str
    cell: str
    question_id: str
    value: str
    tell: str
    fix: str
    frame: str
    row_key: str
    points_at_stake: Decimal = Decimal(0)
    cells: tuple[str, ...] = ()  # every cell it speaks of, where one finding tells several rows together
    status: str = "open"
    decision_id: str = ""

    @property
    def effective(self) -> Severity:
        """What the finding does after decisions: a waived one blocks nothing and is only shown."""
        return Severity.INFO if self.status == "waived" else self.severity

    @property
    def is_owed(self) -> bool:
        """Whether the office still has to do something about it."""
        return self.status == "open" and self.severity is not Severity.INFO


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file after validation: what was read, what was found, what became of it."""

    receipt: Receipt
    reading: Reading
    findings: tuple[Finding, ...]
    outcome: Outcome
    decisions: str = ""  # digest of the steward's decisions it was judged under

    def is_blocked(self, frame: str, sheet: str, row: int) -> bool:
        """Whether a row of `answers`, `evidence` or `stated` goes back to the office instead of counting."""
        key, table = f"{sheet}!{row}", f"{sheet}!"
        return self.outcome is Outcome.REFUSED or any(
            finding.effective is Severity.BLOCKING
            and (finding.row_key == table or (finding.frame == frame and finding.row_key == key))
            for finding in self.findings
        )


@dataclass(frozen=True, slots=True)
class PreviousAnswer:
    """One office's answer to one question as it counted at the end of an earlier cycle: what this cycle's is held against.

    `years` are that cycle's evidence years (T-2, T-1); `level` is the matched level's key ("" when none).
    """

    cycle: int
    years: tuple[int, int]
    level: str
    value_t2: Decimal | None
    denominator_t2: Decimal | None
    value_t1: Decimal | None
    denominator_t1: Decimal | None


# (district code, question id, office code) -> what that office answered the cycle before.
PreviousAnswers = Mapping[tuple[str, str, str], PreviousAnswer]


@record(frozen=True, slots=True)
class StandingRow:
    """One office's current answer to one question, as the warehouse keeps it: what offices are compared by.

    `is_lead` says whether the office leads the question in its district; `level` is the matched level's key ("" when
    none); the four numbers are None where nothing was given. `cell` is the answer's A1 address in `file_name`.
    """

    district_code: str
    cycle: int
    stage: str
    question_id: str
    opd_code: str
    is_lead: bool
    level: str
    value_t2: Decimal | None
    denominator_t2: Decimal | None
    value_t1: Decimal | None
    denominator_t1: Decimal | None
    is_blank: bool
    file_name: str
    sheet: str
    cell: str
    sha256: str


_FILE = ("", "")


def _table(finding: Finding) -> tuple[str, str]:
    return "", finding.row_key.rpartition("!")[0] + "!"


def _place(finding: Finding) -> tuple[str, str]:
    """Return where a finding blocks: the file, a whole table, or a row of a frame (two tables may share a row)."""
    return ("" if finding.row_key.endswith("!") or not finding.row_key else finding.frame), finding.row_key


class _Broken:
    """Where one file is broken, and in which phase at the earliest."""

    def __init__(self, phases: Mapping[str, int]) -> None:
        self._phases = phases
        self._broken: dict[tuple[str, str], int] = {}

    def add(self, finding: Finding) -> None:
        """Take one finding of the file in."""
        if finding.effective is Severity.BLOCKING:
            place, phase = _place(finding), self._phases.get(finding.code, len(PHASES))
            self._broken[place] = min(phase, self._broken.get(place, phase))

    def silences(self, finding: Finding) -> bool:
        """Whether the finding's row, table or file is broken in an earlier phase, or its file refused.

        What is seen in the first phase (personal data in a sheet) is told of a refused file too.
        """
        phase = self._phases.get(finding.code, -1)
        is_first = phase == 0 and finding.severity is not Severity.INFO
        if _FILE in self._broken and not is_first and (finding.row_key or finding.severity is Severity.INFO):
            return True
        return any(self._broken.get(place, phase) < phase for place in (_FILE, _table(finding), _place(finding)))


def first_causes(
    findings: Iterable[Finding], silences: Mapping[str, tuple[str, ...]], phases: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """Return the findings that are not the echo of another one of the same file, in the given order.

    A file that is refused as a whole silences all its rows and all that is only shown. What blocks in one phase
    silences the later phases in its row; about a table (row_key "sheet!") or the file (row_key "") in all of it. Of
    what is left, a code silences those its rule names (codes or their beginnings) in its own row; about the file, in
    the whole file.

    Args:
        findings: of any number of files; a file is told by district, office, sha256 and name.
        silences: code -> codes or beginnings of codes, from the rules' `silences`.
        phases: code -> one of PHASES; a code without one neither silences by phase nor is silenced.
    """
    findings = tuple(findings)
    order = {code: PHASES.index(phase) for code, phase in (phases or {}).items()}
    broken: dict[tuple[str, ...], _Broken] = {}
    for finding in findings:
        broken.setdefault(_file_of(finding), _Broken(order)).add(finding)
    left = [finding for finding in findings if not broken[_file_of(finding)].silences(finding)]
    codes: dict[tuple[tuple[str, ...], str], set[str]] = {}
    for finding in left:
        codes.setdefault((_file_of(finding), finding.row_key), set()).add(finding.code)

    def is_echo(finding: Finding) -> bool:
        file = _file_of(finding)
        found = codes.get((file, ""), set()) | codes[file, finding.row_key]
        return any(code != finding.code and finding.code.startswith(silences.get(code) or ("?",)) for code in found)

    return tuple(finding for finding in left if not is_echo(finding))


def _file_of(finding: Finding) -> tuple[str, ...]:
    return finding.district_code, finding.opd_code, finding.stage, finding.sha256, finding.file_name


def outcome_of(findings: Iterable[Finding]) -> Outcome:
    """Return what became of one file: refused if something blocks it whole, returned if a row is blocked."""
    blocking = [finding for finding in findings if finding.effective is Severity.BLOCKING]
    if any(not finding.row_key for finding in blocking):
        return Outcome.REFUSED
    return Outcome.RETURNED if blocking else Outcome.ACCEPTED
