-- The kernel: roles, who acts, audit by trigger, idempotency, flags.
--
-- hearth_app is the role of every statement on a person's behalf: row-level security binds it.
-- hearth_system is for work that belongs to no person (sign-in look-ups, imports, jobs).
-- Neither can log in, owns anything, or bypasses row-level security.

do $$
begin
  if not exists (select from pg_roles where rolname = 'hearth_app') then
    create role hearth_app nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'hearth_system') then
    create role hearth_system nologin noinherit;
  end if;
  execute format('grant hearth_app, hearth_system to %I', current_user);
end $$;

create extension if not exists pg_trgm;
create extension if not exists unaccent;

create schema if not exists core;
create schema privacy;
grant usage on schema core, privacy to hearth_app, hearth_system;

create function core.acting_person() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('hearth.person', true), '')::uuid;
comment on function core.acting_person is 'The person on whose behalf the current statement runs; NULL for nobody.';

create table privacy.audit (
  id bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  person_id uuid not null,
  actor uuid,
  request_id text,
  address text,
  what text not null,
  relation text not null,
  before jsonb,
  after jsonb,
  primary key (person_id, id)
);
comment on table privacy.audit is 'Every change of a person-owned row: who, what, before, after, from where. Written by trigger only.';

-- Statement-level triggers with transition tables: one audit insert for a statement, however many rows.
-- The columns that only repeat a food''s figures are left out of "after": the row itself has them.
create function privacy.audit_insert() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into privacy.audit (person_id, actor, request_id, address, what, relation, after)
  select row.person_id, core.acting_person(), current_setting('hearth.request', true), current_setting('hearth.address', true),
         'insert', tg_table_schema || '.' || tg_table_name, to_jsonb(row) - 'nutrients' - 'password_hash' - 'secret_hash'
  from fresh as row;
  return null;
end $$;

-- The rows before and after are paired by their order, under a name that no table has as a column.
create function privacy.audit_update() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into privacy.audit (person_id, actor, request_id, address, what, relation, before, after)
  select after_row.person_id, core.acting_person(), current_setting('hearth.request', true), current_setting('hearth.address', true),
         'update', tg_table_schema || '.' || tg_table_name,
         to_jsonb(before_row) - 'audit order' - 'password_hash' - 'secret_hash',
         to_jsonb(after_row) - 'audit order' - 'password_hash' - 'secret_hash'
  from (select row_number() over () as "audit order", f.* from fresh f) as after_row
  join (select row_number() over () as "audit order", s.* from stale s) as before_row using ("audit order");
  return null;
end $$;

create function privacy.audit_delete() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into privacy.audit (person_id, actor, request_id, address, what, relation, before)
  select row.person_id, core.acting_person(), current_setting('hearth.request', true), current_setting('hearth.address', true),
         'delete', tg_table_schema || '.' || tg_table_name, to_jsonb(row) - 'password_hash' - 'secret_hash'
  from stale as row;
  return null;
end $$;

create function core.person_owned(target regclass, audited boolean default true) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy own on %s to hearth_app using (person_id = core.acting_person()) with check (person_id = core.acting_person())', target);
  execute format('create policy house on %s to hearth_system using (true) with check (true)', target);
  execute format('grant select, insert, update, delete on %s to hearth_app, hearth_system', target);
  if audited then
    execute format('create trigger audit_insert after insert on %s referencing new table as fresh for each statement execute function privacy.audit_insert()', target);
    execute format('create trigger audit_update after update on %s referencing old table as stale new table as fresh for each statement execute function privacy.audit_update()', target);
    execute format('create trigger audit_delete after delete on %s referencing old table as stale for each statement execute function privacy.audit_delete()', target);
  end if;
end $$;
comment on function core.person_owned is 'Makes a table with a person_id the property of its persons: forced row-level security, grants, audit.';

-- A person reads their own trail; nobody changes it.
alter table privacy.audit enable row level security;
alter table privacy.audit force row level security;
create policy own on privacy.audit for select to hearth_app using (person_id = core.acting_person());
create policy house on privacy.audit for select to hearth_system using (true);
create policy written on privacy.audit for insert to public with check (true);
grant select on privacy.audit to hearth_app, hearth_system;

create table core.idempotency (
  person_id uuid not null,
  key text not null check (length(key) between 1 and 255),
  fingerprint bytea not null,
  status smallint not null,
  body bytea not null,
  created_at timestamptz not null default now(),
  primary key (person_id, key)
);
comment on table core.idempotency is 'What was answered to a request with an Idempotency-Key, so that its repetition is answered the same.';
select core.person_owned('core.idempotency', audited => false);
create index idempotency_age on core.idempotency (created_at);

create table core.flag (
  key text primary key check (key ~ '^[a-z][a-z0-9_.-]{0,63}$'),
  enabled boolean not null default false,
  rollout_percentage real not null default 100 check (rollout_percentage between 0 and 100),
  updated_at timestamptz not null default now(),
  updated_by uuid
);
grant select on core.flag to hearth_app;
grant select, insert, update, delete on core.flag to hearth_system;
