-- The three roles. They cannot log in: give them to the logins of your server, e.g.
--   CREATE ROLE kla_malam LOGIN; GRANT kla_writer TO kla_malam;
-- The login that owns the database migrates it and applies these files (`kla roles apply`); nobody else does.
-- A role that is there already is left as it is; making one needs CREATEROLE.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['kla_writer', 'kla_reader', 'kla_steward'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT 1 FROM pg_auth_members
                   WHERE roleid = 'kla_reader'::regrole AND member = 'kla_steward'::regrole) THEN
        GRANT kla_reader TO kla_steward;
    END IF;
END $$;
