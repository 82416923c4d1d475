"""What was loaded and not yet compared across offices."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "unsettled",
        sa.Column("district_code", TEXT, nullable=False),
        sa.Column("cycle", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("district_code", "cycle", name=op.f("pk_unsettled")),
    )


def downgrade() -> None:
    op.drop_table("unsettled")
