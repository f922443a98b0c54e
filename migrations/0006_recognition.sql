-- Recognition: what a person's own words mean to them.

create schema recognition;
grant usage on schema recognition to hearth_app, hearth_system;

create table recognition.alias (
  person_id uuid not null references people.person on delete cascade,
  phrase text collate "C" not null check (length(phrase) between 1 and 200),
  said text not null check (length(said) between 1 and 500),
  food_id text not null,
  grams real check (grams > 0 and grams <= 20000),
  times integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (person_id, phrase)
);
comment on table recognition.alias is 'A phrase, reduced to its telling words for comparison, and the food that this person means by it; said is the phrase in their words; grams weigh one of it.';
select core.person_owned('recognition.alias');
