"""Runs migrations on the connection kla.io.warehouse.schema hands over, inside its transaction. No alembic.ini."""

from alembic import context

from kla.io.warehouse.schema import drop_views
from kla.io.warehouse.tables import METADATA

connection = context.config.attributes["connection"]

# Views stand in the way of changed tables; they are rebuilt from sql/views afterwards.
drop_views(connection)
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=connection.dialect.name == "sqlite")
context.run_migrations()
