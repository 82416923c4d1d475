-- The night: writes what arrived, what counts and what it is worth. It changes no table's shape and takes back no decision.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO kla_writer;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM kla_writer;
REVOKE UPDATE, DELETE ON decision FROM kla_writer;
