"""The tables of the warehouse, the same on SQLite and PostgreSQL. Made by sql/migrations; a test holds both equal.

Conventions: points are INTEGER hundredths (`_hundredths`); other decimals are exact plain text ("12.50"); moments (`_at`)
are UTC, fixed-width ISO text, so they sort as time; dates (`_on`) ISO text; booleans 0 or 1; district codes text.
Ids follow from what they name (a file's folder and sha256, a row's place in its file), so a rebuilt warehouse has them again.
Text sorts by code point on both engines.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, TEXT, nullable=False, **options)


def _maybe(name: str) -> Column[str]:
    return Column(name, TEXT, nullable=True)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _flag(name: str) -> Column[int]:
    return Column(name, SmallInteger, nullable=False)


def _run() -> Column[str]:
    return Column("run_id", TEXT, ForeignKey("run.run_id"), nullable=False)


def _row_of_file() -> tuple[Column[Any], ...]:
    """Return the columns every row read from a workbook has: whose it is, and where it stands."""
    return (
        Column("submission_id", BigInteger, ForeignKey("submission.submission_id"), nullable=False, index=True),
        _text("sheet"),
        Column("sheet_row", Integer, nullable=False),
        _text("cell"),
        _text("written"),  # JSON: field -> [A1 address, text as written], filled cells only
        _flag("is_quarantined"),
    )


def _id(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


meta = Table("meta", METADATA, _text("key", primary_key=True), _text("value"))

run = Table(
    "run",
    METADATA,
    _text("run_id", primary_key=True),
    _text("kind"),
    _text("who"),
    _text("reason"),
    _text("as_of"),
    _text("parameters"),  # JSON
    _text("status"),  # running, complete, partial, failed
    _text("started_at"),
    _maybe("finished_at"),
    _text("code_version"),
    _text("suite_version"),
    _text("message"),
)

receipt = Table(
    "receipt",
    METADATA,
    _id("receipt_id"),
    _text("district_code"),
    _text("folder"),
    _text("sha256"),
    _text("file_name"),
    Column("size_bytes", BigInteger, nullable=False),
    _text("received_at"),
    _run(),
    UniqueConstraint("district_code", "folder", "sha256"),
)

submission = Table(
    "submission",
    METADATA,
    _id("submission_id"),
    Column("receipt_id", BigInteger, ForeignKey("receipt.receipt_id"), nullable=False, unique=True),
    _text("district_code"),
    Column("cycle", Integer, nullable=False),
    _text("stage"),
    _text("opd_code"),
    _text("layout"),
    _text("outcome"),
    _text("code"),  # of the first blocking finding
    _text("sha256"),
    _text("file_name"),
    _text("received_at"),
    _text("template_version"),
    _text("reader"),
    _count("cells_read"),
    _count("cells_loaded"),
    _count("cells_quarantined"),
    _count("cells_ignored"),
    _text("suite_version"),
    _run(),
    Index("ix_submission_office", "district_code", "cycle", "stage", "opd_code", "received_at"),
)

ignored = Table(
    "ignored",
    METADATA,
    Column("submission_id", BigInteger, ForeignKey("submission.submission_id"), primary_key=True),
    _text("rule", primary_key=True),
    _count("cells"),
)

answer = Table(
    "answer",
    METADATA,
    _id("answer_id"),
    _text("question_id"),
    _text("answer"),
    _text("level"),
    _maybe("value_t2"),
    _maybe("denominator_t2"),
    _maybe("value_t1"),
    _maybe("denominator_t1"),
    _text("note"),
    _flag("is_blank"),
    *_row_of_file(),
)

evidence = Table(
    "evidence",
    METADATA,
    _id("evidence_id"),
    _text("question_id"),
    _text("kind"),
    _text("title"),
    _text("number"),
    _maybe("dated_on"),
    Column("year", Integer, nullable=True),
    _text("link"),
    _text("note"),
    *_row_of_file(),
)

stated = Table(
    "stated",
    METADATA,
    _id("stated_id"),
    _text("level"),
    _text("key"),
    _text("label"),
    _maybe("max_points"),  # exactly as stated, so text and not hundredths
    _maybe("points"),
    _text("reason"),
    _text("offices"),
    *_row_of_file(),
)

_FINDING = (
    *("code", "severity", "sha256", "district_code", "opd_code", "stage", "file_name", "sheet", "cell"),
    *("question_id", "value", "tell", "fix", "frame", "row_key"),
)

finding = Table(
    "finding",
    METADATA,
    _id("finding_id"),
    Column("submission_id", BigInteger, ForeignKey("submission.submission_id"), nullable=False, index=True),
    *(_text(name) for name in _FINDING),
    Column("cycle", Integer, nullable=True),
    _count("points_at_stake_hundredths"),
)

# Findings across offices: recomputed over all current answers, so rows come and go.
standing_finding = Table(
    "standing_finding",
    METADATA,
    _id("finding_id"),
    *(_text(name) for name in _FINDING),
    Column("cycle", Integer, nullable=False),
    _count("points_at_stake_hundredths"),
    _run(),
    Index("ix_standing_finding_stage", "district_code", "cycle", "stage"),
)


def _of_stage() -> tuple[Column[Any], ...]:
    return (
        _text("district_code", primary_key=True),
        Column("cycle", Integer, primary_key=True, autoincrement=False),
        _text("stage", primary_key=True),
    )


score = Table(
    "score",
    METADATA,
    *_of_stage(),
    _text("level", primary_key=True),  # question, indicator, block, total
    _text("key", primary_key=True),
    _count("position"),  # order of the card within its level
    _count("points_hundredths"),
    _count("max_hundredths"),
    _count("claimed_hundredths"),
    _text("cause"),  # questions only, like the two below; "" elsewhere
    _text("opd_code"),
    _text("indicator_number"),
    _text("block_code"),
    _text("predikat"),  # the total only; "" below the first band
    Column("answer_id", BigInteger, ForeignKey("answer.answer_id"), nullable=True),
    Column("stated_id", BigInteger, ForeignKey("stated.stated_id"), nullable=True),
    _text("instrument_version"),
    _text("code_version"),
    _text("suite_version"),
    _run(),
)

gap = Table(
    "gap",
    METADATA,
    *_of_stage(),
    _text("question_id", primary_key=True),
    _text("cause", primary_key=True),
    _count("position"),
    _text("indicator_number"),
    _text("block_code"),
    _text("opd_code"),
    _count("lost_hundredths"),
    _count("max_hundredths"),
    _run(),
)
