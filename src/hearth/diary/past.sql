-- keep_meal: The meal and its items as they are now, for undo.
insert into diary.past (person_id, what, thing, version, was)
select meal.person_id, 'meal', meal.id::text, meal.version, to_jsonb(meal) || jsonb_build_object(
  'items', coalesce((
    select jsonb_agg(to_jsonb(item)) from diary.item as item
    where item.person_id = meal.person_id and item.meal_id = meal.id), '[]'))
from diary.meal as meal
where meal.person_id = :person and meal.id = :meal;

-- keep_weight: The weighing as it is now, for undo.
insert into diary.past (person_id, what, thing, version, was)
select person_id, 'weight', id::text, version, to_jsonb(weight)
from diary.weight as weight where person_id = :person and id = :weight;

-- keep_goal: The goal as it is now, for undo.
insert into diary.past (person_id, what, thing, version, was)
select person_id, 'goal', valid_from::text, version, to_jsonb(goal)
from diary.goal as goal where person_id = :person and valid_from = :valid_from;

-- take_past: What the last change or deletion of a thing replaced; taken, so that the next undo goes further back.
delete from diary.past as past
where past.person_id = :person and past.what = :what and past.thing = :thing and past.id = (
  select max(id) from diary.past where person_id = :person and what = :what and thing = :thing)
  and (:version::integer is null or past.version = :version)
returning past.version, past.was;

-- restore_meal: The meal as it was, as a version of its own.
insert into diary.meal (person_id, id, day, at, zone, kind, name, note, version, created_at)
select :person, was.id, was.day, was.at, was.zone, was.kind, was.name, was.note, :version, was.created_at
from jsonb_populate_record(null::diary.meal, :was::jsonb) as was
on conflict (person_id, id) do update set day = excluded.day, at = excluded.at, zone = excluded.zone,
  kind = excluded.kind, name = excluded.name, note = excluded.note, version = excluded.version;

-- clear_items: Every item of a meal whose earlier ones come back.
delete from diary.item where person_id = :person and meal_id = :meal;

-- restore_items: The items as they were, on the day that the meal was.
insert into diary.item (
  person_id, meal_id, id, day, position, food_id, food_version, name, phrase, amount, unit, grams,
  nutrients, provenance, confidence
)
select :person, was.meal_id, was.id, was.day, was.position, was.food_id, was.food_version, was.name,
  was.phrase, was.amount, was.unit, was.grams, was.nutrients, was.provenance, was.confidence
from jsonb_populate_recordset(null::diary.item, :was::jsonb -> 'items') as was;

-- restore_weight: The weighing as it was, as a version of its own.
insert into diary.weight (person_id, id, day, at, zone, kg, note, version)
select :person, was.id, was.day, was.at, was.zone, was.kg, was.note, :version
from jsonb_populate_record(null::diary.weight, :was::jsonb) as was
on conflict (person_id, id) do update set day = excluded.day, at = excluded.at, zone = excluded.zone,
  kg = excluded.kg, note = excluded.note, version = excluded.version;

-- restore_goal: The goal as it was, as a version of its own.
insert into diary.goal (person_id, valid_from, energy_kcal, targets, version)
select :person, was.valid_from, was.energy_kcal, was.targets, :version
from jsonb_populate_record(null::diary.goal, :was::jsonb) as was
on conflict (person_id, valid_from) do update set energy_kcal = excluded.energy_kcal,
  targets = excluded.targets, version = excluded.version;

-- sweep_past: Forget what was replaced before a moment, at most a batch; how many went.
with gone as (
  delete from diary.past where ctid = any(array(
    select ctid from diary.past where at < :before limit :batch))
  returning 1
)
select count(*)::integer from gone;
