"""What each district's pages were made from."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "freshness",
        sa.Column("district_code", TEXT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("mark", "made_from", "made_for", "files")),
        sa.PrimaryKeyConstraint("district_code", name=op.f("pk_freshness")),
    )


def downgrade() -> None:
    op.drop_table("freshness")
