"""What stewards decide, what the reader mends, how findings come and go."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NO_TEXT = sa.text("''")
REFUSAL = "a decision is never changed or removed; write a withdrawal"


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=nullable)


def _words(names: str) -> list[sa.Column[str]]:
    return [_text(name) for name in names.split()]


def upgrade() -> None:
    _add_columns()
    _make_tables()
    _guard_decisions()
    _fill_content()


def _add_columns() -> None:
    for table in ("finding", "standing_finding"):
        op.add_column(table, sa.Column("cells", TEXT, nullable=False, server_default=NO_TEXT))
        op.add_column(table, sa.Column("status", TEXT, nullable=False, server_default=sa.text("'open'")))
        op.add_column(table, sa.Column("decision_id", TEXT, nullable=False, server_default=NO_TEXT))
    op.add_column("submission", sa.Column("decisions", TEXT, nullable=False, server_default=NO_TEXT))
    op.add_column("submission", sa.Column("cells_repaired", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("answer", sa.Column("content", TEXT, nullable=False, server_default=NO_TEXT))


def _make_tables() -> None:
    words = "decision_id kind district_code stage opd_code who at reason reason_code requested_by question_id code"
    op.create_table(
        "decision",
        *_words(words),
        sa.Column("cycle", sa.Integer(), nullable=False),
        *_words("sheet cell value result rule_digest withdraws sha256"),
        _text("from_on", nullable=True),
        _text("until_on", nullable=True),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_place", "decision", ["district_code", "cycle", "stage", "opd_code"])
    op.create_table(
        "repair",
        sa.Column("repair_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        *_words("sheet cell frame field row_key question_id original result rule"),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.submission_id"], name=op.f("fk_repair_submission_id")),
        sa.PrimaryKeyConstraint("repair_id", name=op.f("pk_repair")),
    )
    op.create_index(op.f("ix_repair_submission_id"), "repair", ["submission_id"])
    op.create_table(
        "alias_queue",
        sa.Column("alias_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *_words("district_code kind text candidate"),
        sa.Column("score", sa.Integer(), nullable=False),
        *_words("sha256 file_name sheet cell run_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_alias_queue_run_id")),
        sa.PrimaryKeyConstraint("alias_id", name=op.f("pk_alias_queue")),
        sa.UniqueConstraint("district_code", "kind", "text", name=op.f("uq_alias_queue")),
    )
    op.create_table(
        "finding_change",
        _text("run_id"),
        sa.Column("change_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("district_code"),
        sa.Column("cycle", sa.Integer(), nullable=False),
        *_words("stage opd_code code frame question_id sheet cell"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("change"),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_finding_change_run_id")),
        sa.PrimaryKeyConstraint("run_id", "change_id", name=op.f("pk_finding_change")),
    )
    op.create_index("ix_finding_change_place", "finding_change", ["district_code", "cycle", "stage"])


def _guard_decisions() -> None:
    """Make the database itself refuse to change or remove a decision, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_decision_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER decision_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON decision "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_decision_change()"
        )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER decision_is_kept_on_{event.lower()} BEFORE {event} ON decision "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
    # REPLACE removes the old row without a DELETE trigger, so it is stopped at the door.
    op.execute(
        "CREATE TRIGGER decision_is_kept_on_replace BEFORE INSERT ON decision "
        "WHEN EXISTS (SELECT 1 FROM decision WHERE decision_id = NEW.decision_id) "
        "BEGIN SELECT RAISE(ABORT, 'a decision is never changed or removed; write a withdrawal'); END"
    )


def _fill_content() -> None:
    """Give the answers already there the digest that new ones get when they are loaded (`kla.delta.content_of`)."""
    connection = op.get_bind()
    proofs: dict[tuple[int, str], list[dict[str, str]]] = {}
    for submission_id, question_id, written in connection.execute(
        sa.text("SELECT submission_id, question_id, written FROM evidence")
    ):
        proofs.setdefault((submission_id, question_id), []).append(_texts(written))
    held = connection.execute(sa.text("SELECT answer_id, submission_id, question_id, written FROM answer")).all()
    contents = [
        {"answer_id": row[0], "content": _content(_texts(row[3]), proofs.get((row[1], row[2]), []))} for row in held
    ]
    if contents:
        connection.execute(sa.text("UPDATE answer SET content = :content WHERE answer_id = :answer_id"), contents)


def _texts(written: str) -> dict[str, str]:
    return {name: entry[1] for name, entry in json.loads(written).items() if name != "question_id"}


def _content(answer: dict[str, str], proofs: list[dict[str, str]]) -> str:
    rows = [sorted(answer.items()), *sorted(sorted(proof.items()) for proof in proofs)]
    if not any(rows):
        return ""
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def downgrade() -> None:
    op.drop_table("finding_change")
    op.drop_table("alias_queue")
    op.drop_table("repair")
    op.drop_table("decision")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_decision_change()")
    for table, column in (
        ("answer", "content"),
        ("submission", "cells_repaired"),
        ("submission", "decisions"),
        *(
            (table, column)
            for table in ("finding", "standing_finding")
            for column in ("decision_id", "status", "cells")
        ),
    ):
        op.drop_column(table, column)
