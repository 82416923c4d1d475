"""The tables of the warehouse, the same on SQLite and PostgreSQL. Made by sql/migrations; a test holds both equal.

Conventions: points are INTEGER hundredths (`_hundredths`); other decimals are exact plain text ("12.50"); moments (`_at`)
are UTC, fixed-width ISO text, so they sort as time; dates (`_on`) ISO text; booleans 0 or 1; district codes text.
Ids follow from what they name (a file's folder and sha256, a row's place in its file), so a rebuilt warehouse has them again.
Text sorts by code point on both engines. `doc` and `info["means"]` are the data dictionary (docs/reference/warehouse.md).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Table, UniqueConstraint

from kla.io.warehouse.attached import attachment
from kla.io.warehouse.backfill_tables import backfill_step, published
from kla.io.warehouse.columns import METADATA, TEXT
from kla.io.warehouse.columns import count as _count
from kla.io.warehouse.columns import flag as _flag
from kla.io.warehouse.columns import maybe as _maybe
from kla.io.warehouse.columns import means as _means
from kla.io.warehouse.columns import of as _of
from kla.io.warehouse.columns import of_run as _run
from kla.io.warehouse.columns import row_id as _id
from kla.io.warehouse.columns import row_of_file as _row_of_file
from kla.io.warehouse.columns import text as _text
from kla.io.warehouse.decision_tables import alias_queue, decision, finding_change, repair
from kla.io.warehouse.freshness import freshness
from kla.io.warehouse.reminder_tables import reminder

__all__ = [
    "METADATA",
    "TEXT",
    "alias_queue",
    "answer",
    "attachment",
    "backfill_step",
    "decision",
    "evidence",
    "finding",
    "finding_change",
    "freshness",
    "gap",
    "ignored",
    "lease",
    "meta",
    "published",
    "receipt",
    "reminder",
    "repair",
    "run",
    "score",
    "standing_finding",
    "stated",
    "submission",
]

meta = Table(
    "meta",
    METADATA,
    _text("key", "name of the fact", primary_key=True),
    _text("value", "its value"),
    info=_means("What the warehouse knows of itself, such as the digest of the views it holds."),
)

run = Table(
    "run",
    METADATA,
    _text("run_id", "random", primary_key=True),
    _text("kind", "which flow: nightly, rerun"),
    _text("who", "who started it"),
    _text("reason", "why it was started"),
    _text("as_of", "the moment it took for now"),
    _text("parameters", "what it was asked to do, JSON"),
    _text("status", "running, complete, partial, failed or abandoned"),
    _text("started_at", "by the clock"),
    _maybe("finished_at", "by the clock; NULL while it runs"),
    _text("code_version", "version of the program"),
    _text("suite_version", "digest of the rules in expectations/"),
    _text("message", "what went wrong, for the steward"),
    Column(
        "token", BigInteger, nullable=False, server_default="0", doc="rises with every run that took leases; 0: none"
    ),
    _text("process", "machine and process it lives in, which tell whether it is dead", server_default=""),
    info=_means("The ledger of runs: the only place of clock readings and random ids."),
)

lease = Table(
    "lease",
    METADATA,
    _text("district_code", "the district only its holder may write about", primary_key=True),
    _run("the holder"),
    Column("token", BigInteger, nullable=False, doc="the holder's, so that a late one is known as late"),
    _text("expires_at", "moment after which another run may take it over, unless it is renewed"),
    info=_means("Who may write about a district now. A run renews its leases while it lives and gives them back."),
)

receipt = Table(
    "receipt",
    METADATA,
    _id("receipt_id"),
    _text("district_code", "whose inbox it came into"),
    _text("folder", "the office's folder, as found"),
    _text("sha256", "of its bytes; names the copy in the archive"),
    _text("file_name", "as sent"),
    Column("size_bytes", BigInteger, nullable=False, doc="size of the file"),
    _text("received_at", "moment of arrival"),
    _run("the run that received it"),
    UniqueConstraint("district_code", "folder", "sha256"),
    info=_means("Every file that arrived, once: the same bytes again in the same folder change nothing."),
)

submission = Table(
    "submission",
    METADATA,
    _id("submission_id"),
    _of("receipt_id", "the arrival it came from", unique=True),
    _text("district_code", "Kemendagri code"),
    _count("cycle", "of the evaluation"),
    _text("stage", "mandiri, administrasi, vlh or final"),
    _text("opd_code", "the office as its district writes it; '' for a recap"),
    _text("layout", "form, recap or unknown"),
    _text("outcome", "accepted, returned or refused"),
    _text("code", "of the first blocking finding; '' when accepted"),
    _text("sha256", "of its bytes"),
    _text("file_name", "as sent"),
    _text("received_at", "moment of arrival; the latest counts"),
    _text("template_version", "of the form, from its seal"),
    _text("reader", "what read it: calamine or openpyxl"),
    _count("cells_read", "non-blank cells; the sum of the next three"),
    _count("cells_loaded", "in rows that count"),
    _count("cells_quarantined", "in rows sent back"),
    _count("cells_ignored", "outside the tables, by rule in `ignored`"),
    _count("cells_repaired", "cells that were read as something other than written, each in `repair`"),
    _text("suite_version", "digest of the rules that judged it"),
    _text("decisions", "digest of the decisions it was judged under; '' when there were none"),
    _run("the run that judged it"),
    Index("ix_submission_office", "district_code", "cycle", "stage", "opd_code", "received_at"),
    info=_means("What became of every file: a version of an office's form, or a recap."),
)

ignored = Table(
    "ignored",
    METADATA,
    _of("submission_id", "the file", primary_key=True),
    _text("rule", "why they hold no data: cover, header, lists ...", primary_key=True),
    _count("cells", "how many"),
    info=_means("Cells that were read and hold no data, by rule."),
)

answer = Table(
    "answer",
    METADATA,
    _id("answer_id"),
    _text("question_id", "such as 14.P10"),
    _text("answer", "as written"),
    _text("level", "key of the matched level of its scale; '' when none"),
    _maybe("value_t2", "figure or numerator of the earlier year"),
    _maybe("denominator_t2", "denominator of the earlier year"),
    _maybe("value_t1", "figure or numerator of the later year"),
    _maybe("denominator_t1", "denominator of the later year"),
    _text("note", "the office's remark"),
    _flag("is_blank", "1: no answer was given"),
    _text("content", "digest of what the office wrote for this question, data dukung included; '' for nothing"),
    *_row_of_file(),
    info=_means("One row per question row of an office form, blank or not."),
)

evidence = Table(
    "evidence",
    METADATA,
    _id("evidence_id"),
    _text("question_id", "the question it supports"),
    _text("kind", "key of its kind; '' when not matched"),
    _text("title", "of the document"),
    _text("number", "of the document"),
    _maybe("dated_on", "date of the document"),
    Column("year", Integer, nullable=True, doc="when only a year was given"),
    _text("link", "link or file name"),
    _text("note", "the office's remark"),
    *_row_of_file(),
    info=_means("One row per line of data dukung."),
)

stated = Table(
    "stated",
    METADATA,
    _id("stated_id"),
    _text("level", "question, indicator, block, total or predikat"),
    _text("key", "question id, indicator number, block code, total or predikat"),
    _text("label", "as written; of a predikat its name as the bands print it, '' for none"),
    _maybe("max_points", "exactly as stated, so not hundredths"),
    _maybe("points", "exactly as stated, so not hundredths"),
    _text("reason", "why points were cut"),
    _text("offices", "as written"),
    *_row_of_file(),
    info=_means("One row per line of a recap: what a district or a verifier states."),
)

_FINDING = {
    "code": "of the rule; see findings.md",
    "severity": "blocking, warning or info",
    "sha256": "of the file; '' across offices",
    "district_code": "Kemendagri code",
    "opd_code": "whom it is told; '' for a recap",
    "stage": "mandiri, administrasi, vlh or final",
    "file_name": "as sent",
    "sheet": "'' when about the whole file",
    "cell": "A1 address; '' when there is none",
    "question_id": "'' when about no question",
    "value": "what stands in the cell",
    "tell": "what is wrong, in Bahasa Indonesia",
    "fix": "how to mend it, in Bahasa Indonesia",
    "frame": "the suite of expectations/ that found it",
    "row_key": "sheet!row; '' when about the whole file",
    "cells": "every cell it speaks of, where one finding tells several rows together; blanks between",
    "status": "open, waived or acknowledged",
    "decision_id": "the decision that waived or acknowledged it; '' when open",
}
_AT_STAKE = "maximum of the question"

finding = Table(
    "finding",
    METADATA,
    _id("finding_id"),
    _of("submission_id", "the file", index=True),
    *(_text(name, means) for name, means in _FINDING.items()),
    Column("cycle", Integer, nullable=True, doc="of the evaluation; NULL when unknown"),
    _count("points_at_stake_hundredths", _AT_STAKE),
    info=_means("What the rules found in a file."),
)

standing_finding = Table(
    "standing_finding",
    METADATA,
    _id("finding_id"),
    *(_text(name, means) for name, means in _FINDING.items()),
    _count("cycle", "of the evaluation"),
    _count("points_at_stake_hundredths", _AT_STAKE),
    _run("the run that found it"),
    Index("ix_standing_finding_stage", "district_code", "cycle", "stage"),
    info=_means("Findings across offices: recomputed over all current answers, so rows come and go."),
)


def _of_stage() -> tuple[Column[Any], ...]:
    return (
        _text("district_code", "Kemendagri code", primary_key=True),
        Column("cycle", Integer, primary_key=True, autoincrement=False, doc="of the evaluation"),
        _text("stage", "mandiri, administrasi, vlh or final", primary_key=True),
    )


score = Table(
    "score",
    METADATA,
    *_of_stage(),
    _text("level", "question, indicator, block or total", primary_key=True),
    _text("key", "question id, indicator number, block code or total", primary_key=True),
    _count("position", "order of the card within its level"),
    _count("points_hundredths", "what it earns"),
    _count("max_hundredths", "what it can earn"),
    _count("claimed_hundredths", "what a question would earn with its data dukung in order; else the points"),
    _text("cause", "why it earns less than its maximum; questions only"),
    _text("opd_code", "the lead; questions only"),
    _text("indicator_number", "its indicator; questions only"),
    _text("block_code", "its block; questions only"),
    _text("predikat", "of the total only; '' below the first band"),
    _of("answer_id", "the row of a form that earns it", nullable=True),
    _of("stated_id", "the row of a recap that states it, or that gives the final predikat (a total)", nullable=True),
    _text("instrument_version", "digest of instrument/"),
    _text("code_version", "version of the program"),
    _text("suite_version", "digest of expectations/"),
    _run("the run that last changed it"),
    info=_means("Points per stage: question, indicator, block, total."),
)

gap = Table(
    "gap",
    METADATA,
    *_of_stage(),
    _text("question_id", "the question that loses them", primary_key=True),
    _text("cause", "why they are lost", primary_key=True),
    _count("position", "the dearest first"),
    _text("indicator_number", "of the question"),
    _text("block_code", "of the question"),
    _text("opd_code", "the lead that can win them back; '' when nobody owns it"),
    _count("lost_hundredths", "points lost"),
    _count("max_hundredths", "maximum of the question"),
    _run("the run that last changed it"),
    info=_means("Points lost per question and cause; a stage's losses sum to its maximum minus its score."),
)
