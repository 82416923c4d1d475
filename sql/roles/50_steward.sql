-- Stewards: see what readers see (10_roles.sql makes them readers), and add decisions. A decision is never changed or removed; that is a withdrawal, added.
GRANT INSERT ON decision TO kla_steward;
