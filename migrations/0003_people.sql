-- People: who acts, how they prove it.

create schema people;
grant usage on schema people to hearth_app, hearth_system;

create table people.person (
  person_id uuid primary key,
  email text not null check (length(email) between 3 and 254),
  email_key text collate "C" not null unique,
  name text not null default '' check (length(name) <= 200),
  password_hash text,
  locale text not null default 'en',
  zone text not null default 'UTC',
  roles text[] not null default '{person}'
    check (roles <@ array['person', 'business', 'coach', 'support', 'operations', 'admin']),
  verified_at timestamptz,
  password_changed_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);
comment on table people.person is
  'Who acts. email_key is the address in NFKC and lower case, by which people sign in; password_hash is argon2id, or bcrypt until the first login after an import.';
select core.person_owned('people.person');
-- A person changes their own profile and password, never their roles or what is verified:
-- those, and the address, are changed by the house.
revoke insert, update on people.person from hearth_app;
grant update (name, locale, zone, password_hash, password_changed_at) on people.person to hearth_app;

create table people.login (
  person_id uuid not null references people.person on delete cascade,
  id uuid not null,
  kind text not null check (kind in ('client', 'page')),
  secret_hash bytea not null,
  previous_hash bytea,
  rotated_at timestamptz,
  device text not null default '',
  address text not null default '',
  created_at timestamptz not null default now(),
  used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (person_id, id)
);
comment on table people.login is
  'A login: the family of refresh tokens of one client (kind client), or one browser''s cookie (kind page). Secrets are kept as SHA-256.';
select core.person_owned('people.login', audited => false);
create index login_expiry on people.login (expires_at);

create table people.api_token (
  person_id uuid not null references people.person on delete cascade,
  id uuid not null,
  name text not null check (length(name) between 1 and 100),
  secret_hash bytea not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  primary key (person_id, id)
);
comment on table people.api_token is 'A token that a person made for a program, with the scopes it has.';
select core.person_owned('people.api_token');

create table people.link (
  person_id uuid not null references people.person on delete cascade,
  id uuid not null,
  purpose text not null check (purpose in ('verify', 'reset')),
  secret_hash bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (person_id, id)
);
comment on table people.link is 'A link sent by e-mail that works once: to confirm the address or to set a new password.';
select core.person_owned('people.link', audited => false);
create index link_expiry on people.link (expires_at);
