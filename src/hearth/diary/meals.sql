-- log_meal: A meal and its items in one go; each item's nutrients are a slice of one long array.
with logged as (
  insert into diary.meal (person_id, id, day, at, zone, kind, name, note, version, created_at)
  values (:person, :meal, :day, :at, :zone, :kind, :name, :note, 1, :created_at)
)
insert into diary.item (
  person_id, meal_id, id, day, position, food_id, food_version, name, phrase, amount, unit, grams,
  nutrients, provenance, confidence
)
select :person, :meal, one.id, :day, one.position, one.food_id, one.food_version, one.name, one.phrase,
  one.amount, one.unit, one.grams,
  (:nutrients::real[])[(one.place - 1) * :width::integer + 1 : one.place * :width::integer],
  one.provenance, one.confidence
from unnest(
  :ids::uuid[], :positions::smallint[], :food_ids::text[], :food_versions::integer[], :names::text[],
  :phrases::text[], :amounts::real[], :units::text[], :grams::real[], :provenances::text[],
  :confidences::real[]
) with ordinality as one (
  id, position, food_id, food_version, name, phrase, amount, unit, grams, provenance, confidence, place
);

-- meal_lines: One meal with each of its items; a meal without items is one line.
select meal.id, meal.day, meal.at, meal.zone, meal.kind, meal.name, meal.note, meal.version, meal.created_at,
  item.id as item_id, item.position, item.food_id, item.food_version, item.name as item_name, item.phrase,
  item.amount, item.unit, item.grams, item.nutrients, item.provenance, item.confidence
from diary.meal as meal
left join diary.item as item on item.person_id = meal.person_id and item.meal_id = meal.id
where meal.person_id = :person and meal.id = :meal
order by item.position, item.id;

-- day_lines: Every meal of a day with its items, in the order eaten, the ones without a time last.
select meal.id, meal.day, meal.at, meal.zone, meal.kind, meal.name, meal.note, meal.version, meal.created_at,
  item.id as item_id, item.position, item.food_id, item.food_version, item.name as item_name, item.phrase,
  item.amount, item.unit, item.grams, item.nutrients, item.provenance, item.confidence
from diary.meal as meal
left join diary.item as item on item.person_id = meal.person_id and item.meal_id = meal.id
where meal.person_id = :person and meal.day = :day
order by meal.at nulls last, meal.id, item.position, item.id;

-- hold_meal: The version of a meal that is about to change; others wait until this is over.
select version from diary.meal where person_id = :person and id = :meal for update;

-- put_meal: The meal itself, anew.
update diary.meal set day = :day, at = :at, zone = :zone, kind = :kind, name = :name, note = :note,
  version = :version
where person_id = :person and id = :meal;

-- put_items: Items that are new or changed.
insert into diary.item (
  person_id, meal_id, id, day, position, food_id, food_version, name, phrase, amount, unit, grams,
  nutrients, provenance, confidence
)
select :person, :meal, one.id, :day, one.position, one.food_id, one.food_version, one.name, one.phrase,
  one.amount, one.unit, one.grams,
  (:nutrients::real[])[(one.place - 1) * :width::integer + 1 : one.place * :width::integer],
  one.provenance, one.confidence
from unnest(
  :ids::uuid[], :positions::smallint[], :food_ids::text[], :food_versions::integer[], :names::text[],
  :phrases::text[], :amounts::real[], :units::text[], :grams::real[], :provenances::text[],
  :confidences::real[]
) with ordinality as one (
  id, position, food_id, food_version, name, phrase, amount, unit, grams, provenance, confidence, place
)
on conflict (person_id, meal_id, id) do update set
  day = excluded.day, position = excluded.position, food_id = excluded.food_id,
  food_version = excluded.food_version, name = excluded.name, phrase = excluded.phrase,
  amount = excluded.amount, unit = excluded.unit, grams = excluded.grams,
  nutrients = excluded.nutrients, provenance = excluded.provenance, confidence = excluded.confidence;

-- drop_items: Items that are in the meal no more.
delete from diary.item where person_id = :person and meal_id = :meal and id = any(:ids::uuid[]);

-- move_items: The items go with their meal to another day.
update diary.item set day = :day where person_id = :person and meal_id = :meal and day <> :day;

-- drop_meal: The meal, and by its key the items.
delete from diary.meal where person_id = :person and id = :meal;
