"""What stewards decided, what the reader mended, which names wait for a steward, how findings came and went."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from kla.io.warehouse.columns import METADATA, TEXT, count, maybe, means, of, of_run, row_id, text

_PLACE_OF_ROW = {"sheet": "sheet of the workbook; '' when about no cell", "cell": "A1 address; '' when there is none"}

decision = Table(
    "decision",
    METADATA,
    text("decision_id", "digest of all else", primary_key=True),
    text("kind", "waiver, acknowledgement, acceptance, return, rejected_repair, alias or withdrawal"),
    text("district_code", "Kemendagri code"),
    count("cycle", "of the evaluation"),
    text("stage", "mandiri, administrasi, vlh or final; '' for all"),
    text("opd_code", "the office it speaks of; '' for the district"),
    text("who", "who decided"),
    text("at", "the moment of the decision"),
    text("reason", "why, in the steward's words"),
    text("reason_code", "key of reports/decisions.id.yaml"),
    text("requested_by", "who asked for a waiver"),
    text("question_id", "'' for all questions of the office"),
    text("code", "the rule waived or acknowledged, or of the repair; of an alias, what it names: office, header ..."),
    *(text(name, about) for name, about in _PLACE_OF_ROW.items()),
    text("value", "what was acknowledged, sent back (digest), mended, or named"),
    text("result", "what the alias or repair makes of it"),
    text("rule_digest", "digest of the rule acknowledged"),
    maybe("from_on", "first day of a waiver"),
    maybe("until_on", "last day of a waiver"),
    text("withdraws", "the decision a withdrawal ends"),
    text("sha256", "the version of the office's file it speaks of"),
    Index("ix_decision_place", "district_code", "cycle", "stage", "opd_code"),
    info=means("What stewards decided. Only added to: the database refuses to change or remove a row."),
)

repair = Table(
    "repair",
    METADATA,
    row_id("repair_id"),
    of("submission_id", "the file", index=True),
    *(text(name, about) for name, about in _PLACE_OF_ROW.items()),
    text("frame", "answers, evidence or stated; '' for the file"),
    text("field", "column of the table"),
    text("row_key", "sheet!row"),
    text("question_id", "'' when about no question"),
    text("original", "as written"),
    text("result", "as read"),
    text("rule", "trim, number, date, level, question_id, kind, office_alias or header; several joined by +"),
    info=means("Cells that were read as something other than what is written there, one row per cell."),
)

alias_queue = Table(
    "alias_queue",
    METADATA,
    row_id("alias_id"),
    text("district_code", "Kemendagri code"),
    text("kind", "office, header, level or kind"),
    text("text", "as written"),
    text("candidate", "what it most likely means; '' when nothing is near"),
    count("score", "how near, 0 to 100"),
    text("sha256", "of the file it was first seen in"),
    text("file_name", "of that file, as sent"),
    *(text(name, about) for name, about in _PLACE_OF_ROW.items()),
    of_run("the run that first saw it"),
    UniqueConstraint("district_code", "kind", "text"),
    info=means("Names that were near a known one but not certain. A steward's choice is a decision of kind alias."),
)

finding_change = Table(
    "finding_change",
    METADATA,
    Column("run_id", TEXT, ForeignKey("run.run_id"), primary_key=True, doc="the run after which it was so"),
    row_id("change_id"),
    text("district_code", "Kemendagri code"),
    Column("cycle", Integer, nullable=False, doc="of the evaluation"),
    text("stage", "mandiri, administrasi, vlh or final"),
    text("opd_code", "whom it is told; '' for a recap"),
    text("code", "of the rule"),
    text("frame", "the suite that found it"),
    text("question_id", "'' when about no question"),
    *(text(name, about) for name, about in _PLACE_OF_ROW.items()),
    count("position", "which one of several alike, from 1"),
    text("change", "new, fixed, persisting or returned (fixed once, back again)"),
    Index("ix_finding_change_place", "district_code", "cycle", "stage"),
    info=means("How an office's findings came and went, run by run; a run that brought nothing new adds no row."),
)
