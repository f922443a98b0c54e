-- items_of_food: A person's items of one food from a day on, in the order of days, a batch at a time.
select meal_id, id, day, amount, unit, grams, food_version, provenance from diary.item
where person_id = :person and food_id = :food_id and grams is not null
  and (:since::date is null or day >= :since)
  and (:after_day::date is null or (day, id) > (:after_day, :after_id::uuid))
order by day, id limit :batch;

-- own_items_of_meal: The items of a meal that are a person's own foods.
select meal_id, id, day, amount, unit, grams, food_version, provenance, food_id from diary.item
where person_id = :person and meal_id = :meal and food_id like 'own:%' and grams is not null
order by position, id;

-- hold_meals: Meals whose items are about to be redone, held in one order; others wait.
select id from diary.meal where person_id = :person and id = any(:meal_ids::uuid[])
order by id for update;

-- put_snapshots: The items' snapshots anew; each item's nutrients are a slice of one long array.
update diary.item as item set grams = one.grams, food_version = one.food_version,
  provenance = one.provenance,
  nutrients = (:nutrients::real[])[(one.place - 1) * :width::integer + 1 : one.place * :width::integer]
from unnest(
  :meal_ids::uuid[], :ids::uuid[], :grams::real[], :food_versions::integer[], :provenances::text[]
) with ordinality as one (meal_id, id, grams, food_version, provenance, place)
where item.person_id = :person and item.meal_id = one.meal_id and item.id = one.id;

-- renew_meals: Meals whose items changed are new versions, so that other devices notice.
update diary.meal set version = version + 1
where person_id = :person and id = any(:meal_ids::uuid[]);
