"""Who may write: a lease per district, and a run that says where it lives and how late it came."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("run", sa.Column("token", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.add_column("run", sa.Column("process", TEXT, nullable=False, server_default=sa.text("''")))
    op.create_table(
        "lease",
        sa.Column("district_code", TEXT, nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_lease_run_id")),
        sa.PrimaryKeyConstraint("district_code", name=op.f("pk_lease")),
    )


def downgrade() -> None:
    op.drop_table("lease")
    op.drop_column("run", "process")
    op.drop_column("run", "token")
