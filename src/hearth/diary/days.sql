-- beside_day: What stands beside a day: the goal that holds and the last weighings up to it, latest first.
select goal.valid_from, goal.energy_kcal, goal.targets, goal.version,
  recent.ids, recent.days, recent.ats, recent.zones, recent.kgs, recent.notes, recent.versions
from (values (1)) as always
left join lateral (
  select valid_from, energy_kcal, targets, version from diary.goal
  where person_id = :person and valid_from <= :day order by valid_from desc limit 1
) as goal on true
cross join lateral (
  select array_agg(last.id) as ids, array_agg(last.day) as days, array_agg(last.at) as ats,
    array_agg(last.zone) as zones, array_agg(last.kg) as kgs, array_agg(last.note) as notes,
    array_agg(last.version) as versions
  from (
    select id, day, at, zone, kg, note, version from diary.weight
    where person_id = :person and day <= :day order by day desc, at desc, id desc limit 20
  ) as last
) as recent;

-- day_sums: Sums of some nutrients over days, one row for a day and nutrient; none where nothing states it.
select day, place, amount, stated::integer, items::integer,
  case when energy_stated = items and energy_kcal > 0 then stated_energy_kcal / energy_kcal end as energy_share
from diary.day_total
where person_id = :person and day between :first and :last and place = any(:places::integer[])
order by day, place;

-- day_counts: How many meals and items each day has.
select meal.day, count(distinct meal.id)::integer as meals, count(item.id)::integer as items
from diary.meal as meal
left join diary.item as item on item.person_id = meal.person_id and item.meal_id = meal.id
where meal.person_id = :person and meal.day between :first and :last
group by meal.day order by meal.day;

-- day_weights: The mean of the weighings of each day.
select day, avg(kg)::real as kg from diary.weight
where person_id = :person and day between :first and :last group by day order by day;

-- stamp: Which state the person's diary is in; 0 before anything was written.
select coalesce((select version from diary.stamp where person_id = :person), 0) as version;
