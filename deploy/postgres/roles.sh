#!/bin/sh
# A role and a database for every service whose password lies in /run/secrets, owner of its own only.
# PostgreSQL runs it when its data are new. It may run again at any time: it completes what a newer
# release needs and takes over changed passwords.
set -eu
PGPASSWORD=$(cat /run/secrets/superuser)
export PGPASSWORD
for secret in /run/secrets/*; do
  service=${secret##*/}
  [ "$service" = superuser ] && continue
  psql --quiet --no-psqlrc --username=postgres --dbname=postgres --set=ON_ERROR_STOP=1 \
    --set=name="careloop_$service" --set=file="$secret" >/dev/null <<'SQL'
\set password `cat :'file'`
SELECT format('CREATE ROLE %I', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD %L',
              :'name', :'password') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name') \gexec
SQL
done
psql --quiet --no-psqlrc --username=postgres --dbname=postgres --set=ON_ERROR_STOP=1 \
  --command='REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC'
