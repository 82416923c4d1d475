-- Once, by the cluster's own administrator:  sudo -u postgres psql -f deploy/postgresql/logins.sql
-- kla_owner owns the warehouse and migrates it; kla_malam is the night, kla_baca the pages; kla_prefect owns Prefect's own
-- database. Give each steward a login of their own, as the last lines show for kla_siti.
\ir ../../sql/roles/10_roles.sql

CREATE ROLE kla_owner LOGIN;
CREATE ROLE kla_malam LOGIN IN ROLE kla_writer;
CREATE ROLE kla_baca LOGIN IN ROLE kla_reader;
CREATE ROLE kla_prefect LOGIN;
CREATE ROLE kla_siti LOGIN IN ROLE kla_steward;

CREATE DATABASE kla OWNER kla_owner TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE prefect OWNER kla_prefect TEMPLATE template0 ENCODING 'UTF8';
REVOKE CONNECT ON DATABASE kla, prefect FROM PUBLIC;
