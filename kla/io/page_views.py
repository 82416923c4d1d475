"""A picture arranged for its pages: what belongs together, in the order it is shown. No sentences and no markup here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from kla.district import Office, StageWindow
from kla.findings import Outcome, Severity
from kla.gaps import Gap
from kla.instrument import Band, Block
from kla.io.attempt_files import AttemptFiles, attempt_files
from kla.io.page_findings import SEVERITIES, placed_findings
from kla.io.page_ledger import LedgerSum, ledger_sum
from kla.io.page_lines import (
    EMPTY,
    NOTHING,
    CodeLine,
    LossLine,
    PlacedFinding,
    QuestionLine,
    RecapLine,
    StageLine,
    grouped,
    is_by_recap,
    is_in,
    losses,
    page_names,
)
from kla.io.page_loop import Loop
from kla.io.page_outlook import Outlook
from kla.picture import OfficeLine, Picture, SubmissionLine
from kla.scoring import ScoreSheet


@dataclass(frozen=True)
class PictureView:
    """A picture and its cross references, each worked out once, on first use."""

    picture: Picture
    has_attempts: bool = False  # the files of the attempts are published beside the pages

    @cached_property
    def attempt_files(self) -> tuple[AttemptFiles, ...]:
        """The files of each attempt, where they are published."""
        return attempt_files(self.picture) if self.has_attempts else ()

    @cached_property
    def loop(self) -> Loop:
        """Decisions, states, attempts and what changed."""
        return Loop(self.picture, self.attempt_files)

    @cached_property
    def outlook(self) -> Outlook:
        """What lies before the district."""
        return Outlook(self.picture)

    @cached_property
    def sheet(self) -> ScoreSheet | None:
        """The score sheet of the current stage; None when nothing is scored yet."""
        stages = self.picture.stages
        return next((sheet for sheet in stages if sheet.stage == self.picture.current_stage), None)

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        """The bands of the cycle, lowest first."""
        return tuple(sorted(self.picture.instrument.bands, key=lambda band: band.at_least))

    @cached_property
    def target(self) -> Band | None:
        """The band aimed at; None when the instrument has none of that name."""
        return next((band for band in self.bands if band.predikat == self.picture.target_predikat), None)

    @cached_property
    def office_of(self) -> Mapping[str, Office]:
        """Every office of the district by its code."""
        return {office.code: office for office in self.picture.district.offices}

    @cached_property
    def office_pages(self) -> Mapping[str, str]:
        """The page of each office that owes a form, by code, inside the folder opd/."""
        return page_names(line.opd_code for line in self.picture.offices)

    @cached_property
    def block_pages(self) -> Mapping[str, str]:
        """The page of each block, by code, inside the folder klaster/."""
        return page_names(block.code for block in self.picture.instrument.blocks)

    @cached_property
    def findings(self) -> tuple[PlacedFinding, ...]:
        """All findings, each with its anchor: by office as listed, recaps last, in the order to mend them.

        What is still owed first, of that what holds up a whole file, then by points at stake and days left.
        """
        return placed_findings(self.picture)

    @cached_property
    def findings_of_office(self) -> Mapping[str, tuple[PlacedFinding, ...]]:
        """Findings by office code ("" for recaps), only offices that have any, in the order of `findings`."""
        return grouped((placed.finding.opd_code, placed) for placed in self.findings)

    @cached_property
    def findings_of_question(self) -> Mapping[str, tuple[PlacedFinding, ...]]:
        """Findings by question id ("" where there is none)."""
        return grouped((placed.finding.question_id, placed) for placed in self.findings)

    @cached_property
    def codes(self) -> tuple[CodeLine, ...]:
        """How often each code was found, the gravest and most frequent first."""
        by_code = grouped((placed.finding.code, placed) for placed in self.findings)
        lines = [CodeLine(code, rows[0].finding.severity, len(rows), rows[0]) for code, rows in by_code.items()]
        return tuple(sorted(lines, key=lambda line: (SEVERITIES.index(line.severity), -line.count, line.code)))

    def count(self, findings: Sequence[PlacedFinding], severity: Severity) -> int:
        """Return how many of these findings have this severity and are still open."""
        return sum(it.finding.severity == severity and it.finding.status == "open" for it in findings)

    def settled(self, findings: Sequence[PlacedFinding], status: str) -> int:
        """Return how many of these findings a decision has settled this way."""
        return sum(placed.finding.status == status for placed in findings)

    def outcome_count(self, outcome: Outcome) -> int:
        """Return how many expected offices' latest form has this outcome, empty forms left out."""
        forms = [line.submission for line in self.picture.offices if line.submission and line.status != EMPTY]
        return sum(form.outcome == outcome for form in forms)

    @cached_property
    def empty_count(self) -> int:
        """How many expected offices sent a form in which nothing is filled in."""
        return sum(line.status == EMPTY for line in self.picture.offices)

    @property
    def is_by_recap(self) -> bool:
        """Whether the score comes from recaps alone."""
        return is_by_recap(self.picture)

    severities = SEVERITIES

    @cached_property
    def holding(self) -> tuple[OfficeLine, ...]:
        """Offices without a usable form, those with the most points at stake first."""
        missing = [line for line in self.picture.offices if not is_in(line)]
        return tuple(sorted(missing, key=lambda line: (-line.max_points, line.opd_code)))

    @cached_property
    def tasks(self) -> tuple[LossLine, ...]:
        """Lost points by cause and office, dearest first: what to do, and with whom."""
        return losses(((gap.cause, gap.opd_code), gap) for gap in self.picture.gaps)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """All gaps, dearest first, then in the order of the card."""
        return tuple(sorted(self.picture.gaps, key=lambda gap: -gap.lost_points))

    @cached_property
    def lost(self) -> Decimal:
        """All points lost at the current stage."""
        return sum((gap.lost_points for gap in self.picture.gaps), NOTHING)

    def lost_in(self, code: str) -> Decimal:
        """Return the points lost in one block at the current stage."""
        return sum((gap.lost_points for gap in self.picture.gaps if gap.block_code == code), NOTHING)

    @cached_property
    def indicator_names(self) -> Mapping[str, str]:
        """The name of each indicator by its number."""
        return {indicator.number: indicator.name for indicator in self.picture.instrument.indicators}

    def answer_place(self, question_id: str) -> str:
        """Return the row that names a question's cell, inside the district's folder: its lead's page, else its block's."""
        page = self.office_pages.get(next(iter(self.owners[question_id]), ""))
        if page is None:
            page = self.block_pages[self.picture.instrument.question(question_id).block_code]
            return f"klaster/{page}#{question_id}"
        return f"opd/{page}#{question_id}"

    @cached_property
    def stage_lines(self) -> tuple[StageLine, ...]:
        """The stages of the cycle that have a score or a window, in the instrument's order."""
        sheets = {sheet.stage: sheet for sheet in self.picture.stages}
        windows = {window.stage: window for window in self.picture.district.windows(self.picture.cycle)}
        lines: list[StageLine] = []
        before: ScoreSheet | None = None
        for stage in self.picture.instrument.stages:
            sheet = sheets.get(stage)
            if sheet is None and stage not in windows:
                continue
            change = sheet.total.points - before.total.points if sheet and before else None
            lines.append(StageLine(stage, sheet, windows.get(stage), change))
            before = sheet or before
        return tuple(lines)

    @cached_property
    def deadline_window(self) -> StageWindow | None:
        """The window whose end people look at; None without a calendar."""
        found = (line.window for line in self.stage_lines if line.stage == self.picture.deadline_stage)
        return next(found, None)

    @property
    def is_vlh_ahead(self) -> bool:
        """Whether the days left count to a field verification (VLH), not to a closing."""
        window = self.deadline_window
        return window is not None and window.vlh_on is not None and window.vlh_on == self.picture.deadline_on

    @cached_property
    def closes_at(self) -> datetime | None:
        """The last moment at which the current stage takes files; None when it is over or not set."""
        window = self.deadline_window
        if window is None or window.closes_on < self.picture.as_of:
            return None
        return window.closes_at(self.picture.district.zone)

    @cached_property
    def vlh_on(self) -> date | None:
        """The day of the field verification, when it is set and still to come."""
        days = [line.window.vlh_on for line in self.stage_lines if line.window and line.window.vlh_on]
        return next((day for day in days if day >= self.picture.as_of), None)

    def block_points(self, sheet: ScoreSheet, code: str) -> Decimal:
        """Return the points of one block on a sheet."""
        return next((block.points for block in sheet.blocks if block.key == code), NOTHING)

    def indicator_points(self, number: str) -> Decimal | None:
        """Return the points of one indicator at the current stage; None before anything is scored."""
        if self.sheet is None:
            return None
        return next((row.points for row in self.sheet.indicators if row.key == number), NOTHING)

    @cached_property
    def owners(self) -> Mapping[str, tuple[str, ...]]:
        """The codes of the offices that own each question, the lead first, by question id."""
        shown = self.picture
        return {
            question.question_id: tuple(office.code for office in shown.district.owners_of(question))
            for question in shown.instrument.questions
        }

    @cached_property
    def lines(self) -> Mapping[str, QuestionLine]:
        """Every question of the card with what its row shows, by question id."""
        answers = grouped((answer.question_id, answer) for answer in self.picture.answers)
        scores = [(sheet.stage, {row.question_id: row for row in sheet.questions}) for sheet in self.picture.stages]
        current = dict(scores).get(self.picture.current_stage, {})
        found = {}
        for question in self.picture.instrument.questions:
            key = question.question_id
            given = tuple(sorted(answers.get(key, ()), key=lambda row: (not row.is_lead, bool(row.opd_code))))
            found[key] = QuestionLine(
                question=question,
                score=current.get(key),
                by_stage=tuple((stage, rows[key].points) for stage, rows in scores if key in rows),
                owners=self.owners[key],
                answers=given,
                evidence_accepted=sum(row.evidence_accepted for row in given),
                evidence_rejected=sum(row.evidence_rejected for row in given),
                findings=self.findings_of_question.get(key, ()),
            )
        return found

    def block_lines(self, block: Block) -> tuple[QuestionLine, ...]:
        """Return the rows of one block, in the order of the card."""
        return tuple(self.lines[question.question_id] for question in block.questions)

    @cached_property
    def office_lines(self) -> Mapping[str, tuple[tuple[QuestionLine, bool], ...]]:
        """(row, is lead) of the questions each office owns, by office, in the order of the card."""
        return grouped((code, (line, line.owners[0] == code)) for line in self.lines.values() for code in line.owners)

    @cached_property
    def last_received_at(self) -> datetime | None:
        """The moment at which the last file arrived; None before the first one."""
        return max((row.received_at for row in self.picture.submissions), default=None)

    @cached_property
    def ledger(self) -> LedgerSum:
        """The ledger of cells over every file there is."""
        return ledger_sum(self.picture.submissions)

    def submissions_of(self, code: str) -> tuple[SubmissionLine, ...]:
        """Return the versions one office handed in, the newest first."""
        mine = [row for row in self.picture.submissions if row.opd_code == code]
        return tuple(sorted(mine, key=lambda row: (row.received_at, row.version), reverse=True))

    @cached_property
    def recap_rows(self) -> tuple[RecapLine, ...]:
        """Stated rows that were sent back, with the points that count for their question at that stage."""
        return tuple(self._recap_line(row) for row in self.findings if self._is_blocked(row))

    @cached_property
    def recap_sums(self) -> tuple[RecapLine, ...]:
        """Stated sums and maxima (subject R) that do not agree; those about the whole card, without a key, first."""
        found = [row for row in self.findings if row.finding.code.startswith("R") and not self._is_blocked(row)]
        return tuple(self._recap_line(row) for row in sorted(found, key=lambda row: row.finding.value != ""))

    @staticmethod
    def _is_blocked(placed: PlacedFinding) -> bool:
        return placed.finding.frame == "stated" and placed.finding.severity is Severity.BLOCKING

    def _recap_line(self, placed: PlacedFinding) -> RecapLine:
        finding = placed.finding
        label, counted = "", None
        if self.picture.instrument.has_question(finding.question_id):
            label = self.picture.instrument.question(finding.question_id).label
            sheet = next((sheet for sheet in self.picture.stages if sheet.stage == finding.stage), self.sheet)
            rows = sheet.questions if sheet else ()
            counted = next((row.points for row in rows if row.question_id == finding.question_id), None)
        return RecapLine(placed, label, counted)
