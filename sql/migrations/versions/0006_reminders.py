"""What was sent to remind people, so that nobody is told twice."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _words(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names.split()]


def _counts(names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names.split()]


def upgrade() -> None:
    op.create_table(
        "reminder",
        *_words("reminder_id district_code"),
        *_counts("cycle"),
        *_words("stage deadline_on"),
        *_counts("mark"),
        *_words("level opd_code address title content"),
        *_counts("offices questions findings points_hundredths"),
        *_words("sent_at run_id"),
        sa.PrimaryKeyConstraint("reminder_id", name=op.f("pk_reminder")),
    )
    op.create_index("ix_reminder_place", "reminder", ["district_code", "cycle"])


def downgrade() -> None:
    op.drop_table("reminder")
