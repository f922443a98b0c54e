-- lock_own: the food itself, locked against a second edit at the same time.
select deleted_at is not null as deleted from foods.own_food where person_id = :person and id = :food_id for update;

-- add_own: a new food of the person.
insert into foods.own_food (person_id, id) values (:person, :food_id);

-- add_version: what the food holds from now on, from a day on, or for all of the past.
insert into foods.own_food_version
  (person_id, food_id, version, valid_from, name, names, aliases, brand, category, portions, nutrients, density_g_ml, barcode, carb_basis, norm, to_past)
values (:person, :food_id, :version, :valid_from, :name, :names, :aliases, :brand, :category, :portions, :nutrients, :density_g_ml, :barcode, :carb_basis, :norm, :to_past);

-- newest_version: the highest number ever given to a version of the food.
select max(version) from foods.own_food_version where person_id = :person and food_id = :food_id;

-- own_current: the person's foods with these ids as they are now.
select distinct on (v.food_id) 'own:' || v.food_id as id, v.name, v.nutrients, v.names, v.aliases, v.brand, v.category, v.portions, v.density_g_ml, v.barcode, v.carb_basis, 'own' as source, v.version
from foods.own_food f join foods.own_food_version v on v.person_id = f.person_id and v.food_id = f.id
where f.person_id = :person and f.id = any(:ids) and f.deleted_at is null and v.undone_at is null
order by v.food_id, v.version desc;

-- own_page: the person's foods after an id, newest edits counted, in the order they were made.
select distinct on (v.food_id) 'own:' || v.food_id as id, v.name, v.nutrients, v.names, v.aliases, v.brand, v.category, v.portions, v.density_g_ml, v.barcode, v.carb_basis, 'own' as source, v.version
from foods.own_food f join foods.own_food_version v on v.person_id = f.person_id and v.food_id = f.id
where f.person_id = :person and f.id > :after and f.deleted_at is null and v.undone_at is null
order by v.food_id, v.version desc limit :many;

-- own_said: those of the person's foods that have a word with one of these beginnings, the most used
-- first, then the newest.
with current as materialized (
  select distinct on (food_id) food_id, version, norm
  from foods.own_food_version where person_id = :person and undone_at is null
  order by food_id, version desc
), named as materialized (
  select c.food_id, c.version, coalesce(habit.times, 0) as times
  from current c left join foods.habit on habit.person_id = :person and habit.food_id = 'own:' || c.food_id
  where replace(c.norm, '|', ' ') like any(:beginnings::text[])
  order by times desc, c.food_id desc limit :many
)
select 'own:' || v.food_id as id, v.name, v.nutrients, v.names, v.aliases, v.brand, v.category, v.portions, v.density_g_ml, v.barcode, v.carb_basis, 'own' as source, v.version
from named n
join foods.own_food_version v on v.person_id = :person and v.food_id = n.food_id and v.version = n.version
join foods.own_food f on f.person_id = v.person_id and f.id = v.food_id and f.deleted_at is null
order by n.times desc, v.food_id desc;

-- habits: how often the person logged the foods that they log most.
select food_id, times from foods.habit where person_id = :person order by times desc, last_at desc, food_id limit :many;

-- own_with_barcode: the person's foods that carry a canonical barcode now.
select * from (
  select distinct on (v.food_id) 'own:' || v.food_id as id, v.name, v.nutrients, v.names, v.aliases, v.brand, v.category, v.portions, v.density_g_ml, v.barcode, v.carb_basis, 'own' as source, v.version
  from foods.own_food f join foods.own_food_version v on v.person_id = f.person_id and v.food_id = f.id
  where f.person_id = :person and f.deleted_at is null and v.undone_at is null
  order by v.food_id, v.version desc
) as current where barcode = :barcode;

-- own_on: what one food held on a day: its latest edit that applies to that day, deleted or not; to
-- what was logged with a version, later edits only if they were meant for the past.
select 'own:' || food_id as id, name, nutrients, names, aliases, brand, category, portions, density_g_ml, barcode, carb_basis, 'own' as source, version
from foods.own_food_version
where person_id = :person and food_id = :food_id and undone_at is null and (valid_from is null or valid_from <= :on_day)
  and (:held::integer is null or version <= :held or to_past)
order by version desc limit 1;

-- undo_version: takes back an edit.
update foods.own_food_version set undone_at = now()
where person_id = :person and food_id = :food_id and version = :version;

-- hide_own: the food is no longer found; its versions stay for the items that came from it.
update foods.own_food set deleted_at = now() where person_id = :person and id = :food_id;

-- show_own: the food is back.
update foods.own_food set deleted_at = null where person_id = :person and id = :food_id;

-- note_use: one more use of each of these foods.
insert into foods.habit (person_id, food_id) select :person, unnest(:ids::text[])
on conflict (person_id, food_id) do update set times = habit.times + 1, last_at = now();
