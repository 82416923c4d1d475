"""How far a backfill has come, and which pages were published when."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _words(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names.split()]


def upgrade() -> None:
    op.create_table(
        "backfill_step",
        *_words("backfill_id district_code"),
        sa.Column("cycle", sa.Integer(), nullable=False),
        *_words("run_id rule_sets"),
        sa.Column("judged", sa.Integer(), nullable=False),
        *_words("before after"),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_backfill_step_run_id")),
        sa.PrimaryKeyConstraint("backfill_id", "district_code", "cycle", name=op.f("pk_backfill_step")),
    )
    op.create_table(
        "published",
        *_words("run_id district_code"),
        sa.Column("cycle", sa.Integer(), nullable=False),
        *_words("as_of sha256"),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_published_run_id")),
        sa.PrimaryKeyConstraint("run_id", "district_code", "cycle", name=op.f("pk_published")),
    )


def downgrade() -> None:
    op.drop_table("published")
    op.drop_table("backfill_step")
