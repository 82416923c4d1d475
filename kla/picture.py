"""The picture of one district and cycle: everything its pages show, and nothing else. Same picture, same bytes of page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

from kla.decisions import Decision
from kla.delta import CellChange
from kla.district import District
from kla.errors import KlaError
from kla.findings import Finding, Outcome
from kla.gaps import Gap
from kla.instrument import Instrument
from kla.predikat import DECIDED_STAGE
from kla.record import record
from kla.scoring import ScoreSheet
from kla.states import QuestionState
from kla.submission import NearMatch, Repair
from kla.turnout import Turnout


class NotReadError(KlaError):
    """A part of a picture was asked for that was not read."""


class _NotRead:
    """Stands for a part of a picture that was not read: to look into it is an error, never a blank."""

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)  # Python itself asks what an object can do
        raise NotReadError("the day part of a picture", f"asked for {name} of what was not read", "Read all of it.")

    def __repr__(self) -> str:
        return "NOT_READ"

    def _refuse(self, *_: object) -> NoReturn:
        raise NotReadError("the day part of a picture", "it has no such part", "Read all of it.")

    __iter__ = __len__ = __bool__ = __str__ = __format__ = __contains__ = __getitem__ = _refuse
    __eq__ = __lt__ = __gt__ = __le__ = __ge__ = __add__ = __sub__ = _refuse
    __hash__ = None  # type: ignore[assignment]


NOT_READ: Any = _NotRead()


@dataclass(frozen=True, slots=True)
class SubmissionLine:
    """One version an office (or, with opd_code "", a verifier) handed in.

    `version` counts from 1 per office and stage; `is_on_time` None when the stage has no closing date.
    """

    sha256: str
    opd_code: str
    stage: str
    file_name: str
    version: int
    outcome: Outcome
    code: str  # the code of the first blocking finding, "" when accepted
    received_at: datetime
    is_on_time: bool | None
    cells_read: int
    cells_loaded: int
    cells_quarantined: int
    cells_ignored: int
    ignored: tuple[tuple[str, int], ...] = ()  # of these how many by which rule


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """Where one expected office stands at the form stage. `status` is a key of reports/text.id.yaml (expected, returned ...)."""

    opd_code: str
    status: str
    questions_owned: int
    questions_led: int
    questions_answered: int
    points: Decimal  # earned by the questions it leads
    max_points: Decimal
    submission: SubmissionLine | None


@record(frozen=True, slots=True)
class AnswerLine:
    """One current answer (or stated points) of a question, for the klaster and office pages and for `kla trace`."""

    question_id: str
    opd_code: str
    is_lead: bool
    answer: str  # as people read it: level label, percentage or counts
    file_name: str
    sheet: str
    cell: str
    is_counted: bool
    run_id: str
    evidence_accepted: int
    evidence_rejected: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One version of an office's form (from 1), and each cell that differs from the version before; () for the first.

    A recap's has opd_code "" and goes back to whoever sent it; its changes are not told.
    `findings` are those of this file, as decisions left them; `repairs` what was read as something other than written.
    """

    opd_code: str
    stage: str
    version: int
    receipt_number: str
    sha256: str
    file_name: str
    received_at: datetime
    outcome: Outcome
    changes: tuple[CellChange, ...] = ()
    findings: tuple[Finding, ...] = ()
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True)
class OfficeDelta:
    """How many findings of an office came and went in one run; only runs that changed something for it.

    `position` counts those runs from 1; `received_on` is the local day of the newest file it brought, None when what
    was here already was judged again.
    """

    opd_code: str
    stage: str
    run_id: str
    position: int
    received_on: date | None
    new: int
    fixed: int
    persisting: int
    returned: int


@dataclass(frozen=True, slots=True)
class GivenPredikat:
    """A predikat that a recap of a stage gives, and where it stands; `predikat` "" where it says that there is none."""

    stage: str
    predikat: str
    file_name: str
    sheet: str
    cell: str


@dataclass(frozen=True, slots=True)
class RepairLine:
    """A cell of an office's form in force that was read as something other than written."""

    opd_code: str
    stage: str
    sha256: str
    file_name: str
    repair: Repair


@dataclass(frozen=True, slots=True)
class PendingAlias:
    """A name that was near a known one but not certain, and the file it was first seen in; it waits for a steward."""

    near: NearMatch
    sha256: str
    file_name: str


@dataclass(frozen=True, slots=True)
class StageReason:
    """What a stage's recap says beside a question's points; never blank."""

    stage: str
    question_id: str
    text: str


@dataclass(frozen=True, slots=True)
class OtherCycle:
    """Another cycle of the same district: its sheets in the order of the stages."""

    cycle: int
    sheets: tuple[ScoreSheet, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is published of one district and cycle as of a day.

    `stages` are in the instrument's order, only those with something to show. `days_left` counts to `deadline_stage`'s
    closing (0 on the day itself, negative after, None when no window is set). `gaps` belong to the last stage with a score.
    `decisions` are those in force, oldest first; `deltas` the last runs of each office, oldest first; `states`,
    `attempts` and `repairs` speak of the form stage, by office; after these attempts come those of recaps, by stage.
    `other_cycles` are those with a score, oldest first.
    """

    district: District
    instrument: Instrument
    cycle: int
    as_of: date
    stages: tuple[ScoreSheet, ...]
    current_stage: str
    target_predikat: str
    points_to_target: Decimal  # 0 when reached
    deadline_stage: str
    deadline_on: date | None
    days_left: int | None
    offices: tuple[OfficeLine, ...]
    submissions: tuple[SubmissionLine, ...]
    answers: tuple[AnswerLine, ...]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    suite_version: str
    code_version: str
    last_run_id: str  # the run that last changed a fact of this picture
    notices: tuple[str, ...] = ()  # what a reader must know first: keys of `notice` in reports/text.id.yaml
    decisions: tuple[Decision, ...] = ()
    states: tuple[QuestionState, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    deltas: tuple[OfficeDelta, ...] = ()
    repairs: tuple[RepairLine, ...] = ()
    pending_aliases: tuple[PendingAlias, ...] = ()
    turnouts: tuple[Turnout, ...] = ()  # of each stage with a closing or something sent, in their order
    reasons: tuple[StageReason, ...] = ()
    other_cycles: tuple[OtherCycle, ...] = ()
    given_predikats: tuple[GivenPredikat, ...] = ()  # in the order of stages

    @property
    def decided_stage(self) -> str:
        """The stage whose predikat is decided, not computed."""
        return DECIDED_STAGE

    @property
    def decided(self) -> GivenPredikat | None:
        """The predikat that was decided, as given; None while none was."""
        return next((it for it in self.given_predikats if it.stage == DECIDED_STAGE), None)

    @property
    def current(self) -> ScoreSheet:
        """The score sheet of the current stage."""
        return next(sheet for sheet in self.stages if sheet.stage == self.current_stage)
