-- chosen_foods: fifty foods whose figures the diaries take over.
create temp table bench_food as
select row_number() over (order by id) - 1 as n, id, name, nutrients
from (select * from foods.food where tier = 0 order by id limit 50) as chosen;

-- meals: four meals for every person on day number $1, which is $2.
insert into diary.meal (person_id, id, day, at, zone, kind, name)
select
  person.person_id,
  (lpad(to_hex($1::integer), 8, '0') || '0' || m || '007000a000' || lpad(to_hex(person.n), 12, '0'))::uuid,
  $2::date, $2::date + make_interval(hours => 7 + 4 * m), 'UTC',
  (array['breakfast', 'lunch', 'dinner', 'snack'])[m + 1], ''
from generate_series(0, 3) as m, bench_person as person
order by m, person.n;

-- items: five items in each of them.
insert into diary.item (
  person_id, meal_id, id, day, position, food_id, food_version, name, amount, unit, grams, nutrients, provenance
)
select
  person.person_id,
  (lpad(to_hex($1::integer), 8, '0') || '0' || m || '007000a000' || lpad(to_hex(person.n), 12, '0'))::uuid,
  (lpad(to_hex($1::integer), 8, '0') || '1' || m || '0' || i || '7000a000' || lpad(to_hex(person.n), 12, '0'))::uuid,
  $2::date, i, food.id, 1, food.name, 100, 'g', 100, food.nutrients, food.id || '@1; grams as given'
from generate_series(0, 3) as m, bench_person as person, generate_series(0, 4) as i, bench_food as food
where food.n = (person.n + m * 5 + i + $1::integer) % 50
order by m, person.n, i;

-- names: the names that are there, each in two halves.
create temp table bench_name as
select row_number() over (order by id) - 1 as n, nutrients,
  array_to_string(words[1 : (cardinality(words) + 1) / 2], ' ') as head,
  array_to_string(words[(cardinality(words) + 1) / 2 + 1 :], ' ') as tail
from (
  select id, nutrients, string_to_array(split_part(norm, '|', 2), ' ') as words
  from (
    select id, nutrients, norm from foods.off_product
    union all select id, nutrients, norm from foods.food
  ) as every
) as named
where cardinality(words) between 2 and 12;

-- brands: four thousand invented brands.
create temp table bench_brand as
select row_number() over () - 1 as n, first || second || third || fourth as brand
from unnest(array['ka', 'ro', 'mi', 'ste', 'lun', 'vi', 'bor', 'nja', 'tel', 'sa']) as first,
  unnest(array['na', 'ri', 'vo', 'lem', 'ta', 'ski', 'der', 'mo']) as second,
  unnest(array['x', 'n', 'la', 'rix', 'o', 'um', 'ette', 'by', 'son', 'ika']) as third,
  unnest(array['', 's', 'a', 'el', 'ov']) as fourth;

-- products: foods number $1 to $2, out of $3 names; the table and the source stand in braces.
insert into {table} (
  id, tier, name, names, aliases, brand, portions, nutrients, carb_basis, source, norm, popularity, processing, flags
)
select '{source}:bench' || i, 3, a.head || ' ' || b.tail, '{{}}', '{{}}', brand, '[]', a.nutrients, 'available',
  '{source}', '|' || a.head || ' ' || b.tail || '||||' || brand, (1000 / (1 + i % 997))::integer, 2, '{{}}'
from generate_series($1::bigint, $2::bigint) as i
join bench_name as a on a.n = i * 7919 % $3::bigint
join bench_name as b on b.n = (i * 104729 + i / $3::bigint) % $3::bigint
join bench_brand on bench_brand.n = i % 4000;
