-- The catalogue: foods, products of Open Food Facts, people's own foods, words for search, imports.

create schema foods;
grant usage on schema foods to hearth_app, hearth_system;

-- One row's shape is shared by the catalogue, Open Food Facts and the staging table.
-- "norm" holds the folded names between bars, then the aliases, then the brand: |egg|ägg||hen egg||acme
create table foods.food (
  id text collate "C" primary key,
  tier smallint not null,
  name text not null,
  names jsonb not null,
  aliases text[] not null,
  brand text,
  category text,
  portions jsonb not null,
  nutrients real[] not null,
  density_g_ml real,
  barcode text collate "C",
  carb_basis text not null check (carb_basis in ('total', 'available')),
  source text not null,
  norm text not null,
  popularity integer not null,
  processing smallint not null,
  flags text[] not null,
  released date,
  tsv tsvector generated always as (to_tsvector('simple', norm)) stored
);
comment on table foods.food is 'The catalogue without Open Food Facts. tier: 0 starter, 1 survey, 2 ingredient tables, 3 branded. processing: 0 raw, 1 plain, 2 processed.';
create index food_generic_words on foods.food using gin (tsv) where tier < 3;
create index food_branded_words on foods.food using gin (tsv) where tier = 3;
create index food_branded_popular on foods.food (popularity desc, id) where tier = 3;
create index food_generic on foods.food (id) where tier < 3;
create index food_barcode on foods.food (barcode) where barcode is not null;

create table foods.off_product (
  id text collate "C" primary key,
  tier smallint not null,
  name text not null,
  names jsonb not null,
  aliases text[] not null,
  brand text,
  category text,
  portions jsonb not null,
  nutrients real[] not null,
  density_g_ml real,
  barcode text collate "C",
  carb_basis text not null check (carb_basis in ('total', 'available')),
  source text not null,
  norm text not null,
  popularity integer not null,
  processing smallint not null,
  flags text[] not null,
  released date,
  tsv tsvector generated always as (to_tsvector('simple', norm)) stored
);
comment on table foods.off_product is 'Products of Open Food Facts, (c) Open Food Facts contributors, Open Database License 1.0: kept apart because a published copy of this table must stay under that licence.';
create index off_product_words on foods.off_product using gin (tsv);
-- Common words are looked up here first; the rest of the table only fills up.
create index off_product_popular_words on foods.off_product using gin (tsv) where popularity >= 50;
create index off_product_popular on foods.off_product (popularity desc, id);
create index off_product_barcode on foods.off_product (barcode);

-- Where COPY lands before the rows are merged; nothing in it outlives one transaction.
create unlogged table foods.arriving (
  id text collate "C",
  tier smallint,
  name text,
  names text,
  aliases text[],
  brand text,
  category text,
  portions text,
  nutrients real[],
  density_g_ml real,
  barcode text,
  carb_basis text,
  source text,
  norm text,
  popularity integer,
  processing smallint,
  flags text[],
  released date
);
comment on table foods.arriving is 'Staging of a bulk import: COPY first, then one merge.';

create table foods.import_batch (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('starter', 'usda', 'off')),
  file text not null,
  fingerprint text not null,
  state text not null check (state in ('running', 'done')),
  position bigint not null default 0,
  rows_read bigint not null default 0,
  added bigint not null default 0,
  changed bigint not null default 0,
  skipped jsonb not null default '{}',
  started_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz
);
comment on table foods.import_batch is 'Every bulk import: how far it came, so that it can go on, and what was skipped for which reason.';
create unique index import_batch_unfinished on foods.import_batch (kind, fingerprint) where state = 'running';

create table foods.lexicon (
  word text collate "C" primary key,
  foods integer not null
);
comment on table foods.lexicon is 'Every distinct word of the catalogue and in how many foods it stands; typed words are corrected from it.';
create index lexicon_trigrams on foods.lexicon using gin (word gin_trgm_ops);

create table foods.own_food (
  person_id uuid not null references people.person on delete cascade,
  id uuid not null,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (person_id, id)
);
comment on table foods.own_food is 'A person''s own foods; what each holds stands in its versions.';
select core.person_owned('foods.own_food');

create table foods.own_food_version (
  person_id uuid not null,
  food_id uuid not null,
  version integer not null check (version > 0),
  valid_from date,
  to_past boolean not null,
  name text not null,
  names jsonb not null,
  aliases text[] not null,
  brand text,
  category text,
  portions jsonb not null,
  nutrients real[] not null,
  density_g_ml real,
  barcode text collate "C",
  carb_basis text not null check (carb_basis in ('total', 'available')),
  norm text not null,
  created_at timestamptz not null default now(),
  undone_at timestamptz,
  primary key (person_id, food_id, version),
  foreign key (person_id, food_id) references foods.own_food (person_id, id) on delete cascade
);
comment on table foods.own_food_version is 'Each edit of an own food. valid_from NULL: it applies to all of the past. to_past: also to what was logged before it. undone_at: it no longer counts.';
select core.person_owned('foods.own_food_version');

create table foods.habit (
  person_id uuid not null references people.person on delete cascade,
  food_id text collate "C" not null,
  times integer not null default 1,
  last_at timestamptz not null default now(),
  primary key (person_id, food_id)
);
comment on table foods.habit is 'How often a person logged a food, for the order of search results.';
select core.person_owned('foods.habit', audited => false);

grant select on foods.food, foods.off_product, foods.lexicon to hearth_app;
grant select, insert, update, delete on foods.food, foods.off_product, foods.lexicon, foods.import_batch to hearth_system;
grant select, insert, truncate on foods.arriving to hearth_system;

-- How far a food is from what was typed, 0 for "it is called so"; the number only orders results.
-- The patterns are LIKE patterns of all readings of the query: called: a whole name; begun: a name's
-- first words; headed: a name's beginning; inside: words inside a name; heads: single words at the
-- beginning of a name. plain: the query says nothing of processing, so raw goes before processed.
create function foods.distance(
  norm text, called text[], begun text[], headed text[], inside text[], heads text[], plain boolean, processing integer, popularity integer
) returns double precision language sql immutable parallel safe
  return
    case
      when split_part(norm, '||', 1) || '|' like any(called) then 0
      when norm like any(called) then 0.7
      when split_part(norm, '||', 1) like any(begun) then 1
      when split_part(norm, '||', 1) like any(headed) then 1.5
      when norm like any(headed) then 2.5
      when norm like any(inside) then 3
      when split_part(norm, '||', 1) like any(heads) then 3.2
      else 4.5
    end
    + case when plain then 1.2 * processing else 0 end
    - ln(1.0::double precision + greatest(popularity, 0)) / 3
    + least(length(split_part(norm, '|', 2)), 120) / 40.0::double precision;

-- A threshold below the default, because words are short; see search.py for the order that follows.
create function foods.similar_words(typed text) returns table (word text, foods integer)
  language sql stable rows 60 set pg_trgm.similarity_threshold = 0.22
  as $$
    select l.word, l.foods from foods.lexicon l
    where l.word % typed
    order by similarity(l.word, typed) desc, l.foods desc limit 60
  $$;

-- After a bulk import: statistics and the indexes' pending entries, which only the owner may touch.
create function foods.settle() returns boolean language plpgsql security definer
  set search_path = pg_catalog, pg_temp
  as $$
begin
  perform gin_clean_pending_list('foods.food_generic_words');
  perform gin_clean_pending_list('foods.food_branded_words');
  perform gin_clean_pending_list('foods.off_product_words');
  perform gin_clean_pending_list('foods.off_product_popular_words');
  analyze foods.food;
  analyze foods.off_product;
  return true;
end $$;
revoke execute on function foods.settle() from public;
grant execute on function foods.settle() to hearth_system;
