"""Everything that arrived, what counts, what it is worth."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "run",
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("who", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("as_of", TEXT, nullable=False),
        sa.Column("parameters", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("started_at", TEXT, nullable=False),
        sa.Column("finished_at", TEXT, nullable=True),
        sa.Column("code_version", TEXT, nullable=False),
        sa.Column("suite_version", TEXT, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run")),
    )
    op.create_table(
        "gap",
        sa.Column("district_code", TEXT, nullable=False),
        sa.Column("cycle", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("question_id", TEXT, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("indicator_number", TEXT, nullable=False),
        sa.Column("block_code", TEXT, nullable=False),
        sa.Column("opd_code", TEXT, nullable=False),
        sa.Column("lost_hundredths", sa.Integer(), nullable=False),
        sa.Column("max_hundredths", sa.Integer(), nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_gap_run_id")),
        sa.PrimaryKeyConstraint("district_code", "cycle", "stage", "question_id", "cause", name=op.f("pk_gap")),
    )
    op.create_table(
        "receipt",
        sa.Column("receipt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("district_code", TEXT, nullable=False),
        sa.Column("folder", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("file_name", TEXT, nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_at", TEXT, nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_receipt_run_id")),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("district_code", "folder", "sha256", name=op.f("uq_receipt")),
    )
    op.create_table(
        "standing_finding",
        sa.Column("finding_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("severity", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("district_code", TEXT, nullable=False),
        sa.Column("opd_code", TEXT, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("file_name", TEXT, nullable=False),
        sa.Column("sheet", TEXT, nullable=False),
        sa.Column("cell", TEXT, nullable=False),
        sa.Column("question_id", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("tell", TEXT, nullable=False),
        sa.Column("fix", TEXT, nullable=False),
        sa.Column("frame", TEXT, nullable=False),
        sa.Column("row_key", TEXT, nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("points_at_stake_hundredths", sa.Integer(), nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_standing_finding_run_id")),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_standing_finding")),
    )
    op.create_index("ix_standing_finding_stage", "standing_finding", ["district_code", "cycle", "stage"], unique=False)
    op.create_table(
        "submission",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("district_code", TEXT, nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("opd_code", TEXT, nullable=False),
        sa.Column("layout", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("file_name", TEXT, nullable=False),
        sa.Column("received_at", TEXT, nullable=False),
        sa.Column("template_version", TEXT, nullable=False),
        sa.Column("reader", TEXT, nullable=False),
        sa.Column("cells_read", sa.Integer(), nullable=False),
        sa.Column("cells_loaded", sa.Integer(), nullable=False),
        sa.Column("cells_quarantined", sa.Integer(), nullable=False),
        sa.Column("cells_ignored", sa.Integer(), nullable=False),
        sa.Column("suite_version", TEXT, nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.receipt_id"], name=op.f("fk_submission_receipt_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_submission_run_id")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_submission")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_submission")),
    )
    op.create_index(
        "ix_submission_office",
        "submission",
        ["district_code", "cycle", "stage", "opd_code", "received_at"],
        unique=False,
    )
    op.create_table(
        "answer",
        sa.Column("answer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("question_id", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("value_t2", TEXT, nullable=True),
        sa.Column("denominator_t2", TEXT, nullable=True),
        sa.Column("value_t1", TEXT, nullable=True),
        sa.Column("denominator_t1", TEXT, nullable=True),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("is_blank", sa.SmallInteger(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("sheet", TEXT, nullable=False),
        sa.Column("sheet_row", sa.Integer(), nullable=False),
        sa.Column("cell", TEXT, nullable=False),
        sa.Column("written", TEXT, nullable=False),
        sa.Column("is_quarantined", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.submission_id"], name=op.f("fk_answer_submission_id")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_submission_id"), "answer", ["submission_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("evidence_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("question_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("dated_on", TEXT, nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("link", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("sheet", TEXT, nullable=False),
        sa.Column("sheet_row", sa.Integer(), nullable=False),
        sa.Column("cell", TEXT, nullable=False),
        sa.Column("written", TEXT, nullable=False),
        sa.Column("is_quarantined", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.submission_id"], name=op.f("fk_evidence_submission_id")
        ),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_submission_id"), "evidence", ["submission_id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("finding_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("severity", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("district_code", TEXT, nullable=False),
        sa.Column("opd_code", TEXT, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("file_name", TEXT, nullable=False),
        sa.Column("sheet", TEXT, nullable=False),
        sa.Column("cell", TEXT, nullable=False),
        sa.Column("question_id", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("tell", TEXT, nullable=False),
        sa.Column("fix", TEXT, nullable=False),
        sa.Column("frame", TEXT, nullable=False),
        sa.Column("row_key", TEXT, nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=True),
        sa.Column("points_at_stake_hundredths", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.submission_id"], name=op.f("fk_finding_submission_id")),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_submission_id"), "finding", ["submission_id"], unique=False)
    op.create_table(
        "ignored",
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", TEXT, nullable=False),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.submission_id"], name=op.f("fk_ignored_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", "rule", name=op.f("pk_ignored")),
    )
    op.create_table(
        "stated",
        sa.Column("stated_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("max_points", TEXT, nullable=True),
        sa.Column("points", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("offices", TEXT, nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("sheet", TEXT, nullable=False),
        sa.Column("sheet_row", sa.Integer(), nullable=False),
        sa.Column("cell", TEXT, nullable=False),
        sa.Column("written", TEXT, nullable=False),
        sa.Column("is_quarantined", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.submission_id"], name=op.f("fk_stated_submission_id")),
        sa.PrimaryKeyConstraint("stated_id", name=op.f("pk_stated")),
    )
    op.create_index(op.f("ix_stated_submission_id"), "stated", ["submission_id"], unique=False)
    op.create_table(
        "score",
        sa.Column("district_code", TEXT, nullable=False),
        sa.Column("cycle", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("points_hundredths", sa.Integer(), nullable=False),
        sa.Column("max_hundredths", sa.Integer(), nullable=False),
        sa.Column("claimed_hundredths", sa.Integer(), nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("opd_code", TEXT, nullable=False),
        sa.Column("indicator_number", TEXT, nullable=False),
        sa.Column("block_code", TEXT, nullable=False),
        sa.Column("predikat", TEXT, nullable=False),
        sa.Column("answer_id", sa.BigInteger(), nullable=True),
        sa.Column("stated_id", sa.BigInteger(), nullable=True),
        sa.Column("instrument_version", TEXT, nullable=False),
        sa.Column("code_version", TEXT, nullable=False),
        sa.Column("suite_version", TEXT, nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.answer_id"], name=op.f("fk_score_answer_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_score_run_id")),
        sa.ForeignKeyConstraint(["stated_id"], ["stated.stated_id"], name=op.f("fk_score_stated_id")),
        sa.PrimaryKeyConstraint("district_code", "cycle", "stage", "level", "key", name=op.f("pk_score")),
    )


def downgrade() -> None:
    op.drop_table("score")
    op.drop_index(op.f("ix_stated_submission_id"), table_name="stated")
    op.drop_table("stated")
    op.drop_table("ignored")
    op.drop_index(op.f("ix_finding_submission_id"), table_name="finding")
    op.drop_table("finding")
    op.drop_index(op.f("ix_evidence_submission_id"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_index(op.f("ix_answer_submission_id"), table_name="answer")
    op.drop_table("answer")
    op.drop_index("ix_submission_office", table_name="submission")
    op.drop_table("submission")
    op.drop_index("ix_standing_finding_stage", table_name="standing_finding")
    op.drop_table("standing_finding")
    op.drop_table("receipt")
    op.drop_table("gap")
    op.drop_table("run")
    op.drop_table("meta")
