-- The diary: meals and their items, weights, goals, settings, and what undo needs.
--
-- One plain item table, read by (person_id, day): measured flat to 10 M rows, and partitions were slower.

create schema diary;
grant usage on schema diary to hearth_app, hearth_system;

create table diary.meal (
  person_id uuid not null references people.person on delete cascade,
  id uuid not null,
  day date not null,
  at timestamptz,
  zone text not null,
  kind text not null check (length(kind) between 1 and 40),
  name text not null default '' check (length(name) <= 200),
  note text not null default '' check (length(note) <= 2000),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  primary key (person_id, id)
);
comment on table diary.meal is 'One meal. day is the person''s local day; at is NULL when nobody said the time; zone is where they were.';
create index meal_day on diary.meal (person_id, day);
select core.person_owned('diary.meal');

-- The meal comes before the item in the key: a meal's items lie together and are found without a further index.
create table diary.item (
  person_id uuid not null,
  meal_id uuid not null,
  id uuid not null,
  day date not null,
  position smallint not null,
  food_id text,
  food_version integer,
  name text not null check (length(name) between 1 and 300),
  phrase text not null default '' check (length(phrase) <= 500),
  amount real not null check (amount > 0 and amount <= 1000000),
  unit text not null check (length(unit) <= 120),
  grams real check (grams >= 0 and grams <= 20000),
  nutrients real[] not null check (0 <= all (nutrients) and 2e10 >= all (nutrients)),
  provenance text not null,
  confidence real check (confidence >= 0 and confidence <= 1),
  primary key (person_id, meal_id, id),
  foreign key (person_id, meal_id) references diary.meal (person_id, id) on delete cascade
);
comment on table diary.item is 'One thing eaten, with a snapshot of its nutrients for the whole amount in the order of hearth.foods CODES; NULL is unknown.';
comment on column diary.item.provenance is 'Where the figures came from: the food and its version, and how the amount became grams.';
create index item_day on diary.item (person_id, day);
select core.person_owned('diary.item');

create view diary.day_total with (security_invoker = true) as
select item.person_id,
       item.day,
       place.place,
       sum(item.nutrients[place.place]) as amount,
       count(item.nutrients[place.place]) as stated,
       count(*) as items,
       count(item.nutrients[1]) as energy_stated,
       sum(item.nutrients[1]) as energy_kcal,
       sum(item.nutrients[1]) filter (where item.nutrients[place.place] is not null) as stated_energy_kcal
from diary.item as item
cross join generate_series(1, 128) as place (place)
group by item.person_id, item.day, place.place
having count(item.nutrients[place.place]) > 0;
comment on view diary.day_total is
  'Sums of a day by nutrient (place in hearth.foods CODES, from 1). A nutrient that no item states has no row. Ask for the places wanted: fewer places, less work.';
grant select on diary.day_total to hearth_app, hearth_system;

create table diary.weight (
  person_id uuid not null references people.person on delete cascade,
  id uuid not null,
  day date not null,
  at timestamptz not null,
  zone text not null,
  kg real not null check (kg >= 20 and kg <= 500),
  note text not null default '' check (length(note) <= 500),
  version integer not null default 1,
  primary key (person_id, id)
);
comment on table diary.weight is 'One weighing of the body; a day may have several.';
create index weight_day on diary.weight (person_id, day desc, at desc);
select core.person_owned('diary.weight');

create table diary.goal (
  person_id uuid not null references people.person on delete cascade,
  valid_from date not null,
  energy_kcal real check (energy_kcal > 0 and energy_kcal <= 20000),
  targets jsonb not null default '{}',
  version integer not null default 1,
  primary key (person_id, valid_from)
);
comment on table diary.goal is 'What a person aims for each day, from a day on until the next goal. targets: nutrient code to {amount, per, bound}.';
select core.person_owned('diary.goal');

create table diary.settings (
  person_id uuid not null references people.person on delete cascade,
  units text not null check (units in ('metric', 'imperial')),
  energy_unit text not null check (energy_unit in ('kcal', 'kJ')),
  first_day_of_week smallint not null check (first_day_of_week between 1 and 7),
  version integer not null default 1,
  primary key (person_id)
);
comment on table diary.settings is 'How a person wants amounts shown. first_day_of_week as in ISO 8601: 1 is Monday.';
select core.person_owned('diary.settings');

-- What a change or a deletion replaced, kept so that undo can bring it back; swept after 30 days.
create table diary.past (
  person_id uuid not null references people.person on delete cascade,
  id bigint generated always as identity,
  what text not null check (what in ('meal', 'weight', 'goal')),
  thing text not null,
  version integer not null,
  was jsonb not null,
  at timestamptz not null default now(),
  primary key (person_id, what, thing, id)
);
comment on table diary.past is 'The row (for a meal with its items) as it was at that version, before a change or deletion.';
create index past_age on diary.past (at);
select core.person_owned('diary.past', audited => false);
