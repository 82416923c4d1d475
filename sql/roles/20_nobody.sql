-- What no role is granted below, nobody but the owner has: neither from before nor by PostgreSQL's own defaults.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, kla_writer, kla_reader, kla_steward;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO kla_writer, kla_reader, kla_steward;
DO $$
BEGIN
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO kla_writer, kla_reader, kla_steward', current_database());
END $$;
