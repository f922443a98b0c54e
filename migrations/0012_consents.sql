-- Consents: what a person agreed to, to which text of it, and until when.

create table privacy.consent (
  person_id uuid not null references people.person on delete cascade,
  id uuid not null,
  purpose text collate "C" not null check (purpose ~ '^[a-z][a-z0-9_]{0,31}(:[a-z0-9_]{1,32})?$'),
  version integer not null check (version > 0),
  subject text not null default '' check (length(subject) <= 400),
  covers text[] not null default '{}' check (cardinality(covers) <= 20),
  given_at timestamptz not null default clock_timestamp(),
  withdrawn_at timestamptz check (withdrawn_at >= given_at),
  primary key (person_id, id)
);
comment on table privacy.consent is
  'Each time a person agreed to something: the purpose, the version of the text they saw, and what the agreement hangs on (the kind and address of a model) and covers (words, pictures, sound). A row is ended and never changed otherwise; it stands while withdrawn_at is NULL and the house still means the same by it.';
create unique index consent_standing on privacy.consent (person_id, purpose) where withdrawn_at is null;
select core.person_owned('privacy.consent');
-- What was agreed to stays on record: a person agrees and withdraws, and rewrites nothing.
revoke update, delete on privacy.consent from hearth_app;
grant update (withdrawn_at) on privacy.consent to hearth_app;

-- A call whose process was killed while it waited is lost: it may have been charged, nobody knows.
alter table ai.usage drop constraint usage_outcome_check;
alter table ai.usage add constraint usage_outcome_check
  check (outcome in ('pending', 'ok', 'repaired', 'invalid', 'declined', 'timeout', 'failed', 'lost'));
create index usage_pending on ai.usage (at) where outcome = 'pending';
