-- Models: what each call took, for whom, and what a month has cost.

create schema ai;
grant usage on schema ai to hearth_app, hearth_system;

create table ai.usage (
  person_id uuid not null references people.person on delete cascade,
  id uuid not null,
  at timestamptz not null default now(),
  service text not null check (length(service) between 1 and 32),
  model text not null check (length(model) between 1 and 200),
  purpose text not null check (purpose ~ '^[a-z][a-z0-9_]{0,63}$'),
  prompt text not null default '' check (length(prompt) <= 100),
  outcome text not null default 'pending'
    check (outcome in ('pending', 'ok', 'repaired', 'invalid', 'declined', 'timeout', 'failed')),
  tokens_in integer check (tokens_in >= 0),
  tokens_out integer check (tokens_out >= 0),
  cost_micro bigint check (cost_micro >= 0),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  waited_ms integer check (waited_ms >= 0),
  primary key (person_id, id)
);
comment on table ai.usage is
  'Each time a provider was asked for a person. cost_micro is in millionths of the currency, NULL when no price is known; while outcome is pending it is what was set aside for the call.';
select core.person_owned('ai.usage', audited => false);
-- A person reads what was used for them. The house writes it: it is what budgets are counted by.
revoke insert, update, delete on ai.usage from hearth_app;
create index usage_month on ai.usage (person_id, at);

create table ai.spending (
  month date not null check (extract(day from month) = 1),
  currency text collate "C" not null,
  service text not null,
  model text not null,
  purpose text not null,
  calls bigint not null default 0,
  unpriced_calls bigint not null default 0,
  tokens_in bigint not null default 0,
  tokens_out bigint not null default 0,
  cost_micro bigint not null default 0,
  primary key (month, currency, service, model, purpose)
);
comment on table ai.spending is
  'What the house spent on models in a month (UTC), of no person in particular: it stays when a person goes. Calls without a known price are counted apart.';
grant select, insert, update, delete on ai.spending to hearth_system;
