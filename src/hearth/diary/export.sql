-- years: The years in which a person has logged something.
select distinct extract(year from day)::integer from diary.meal where person_id = :person order by 1;

-- stretch_lines: Every meal of a stretch of days with its items, in the order of the days.
select meal.id, meal.day, meal.at, meal.zone, meal.kind, meal.name, meal.note, meal.version, meal.created_at,
  item.id as item_id, item.position, item.food_id, item.food_version, item.name as item_name, item.phrase,
  item.amount, item.unit, item.grams, item.nutrients, item.provenance, item.confidence
from diary.meal as meal
left join diary.item as item on item.person_id = meal.person_id and item.meal_id = meal.id
where meal.person_id = :person and meal.day between :first and :last
order by meal.day, meal.at nulls last, meal.id, item.position, item.id;
