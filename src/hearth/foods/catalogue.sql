-- foods_by_id: foods of the catalogue by id, in no order.
select id, name, nutrients, names, aliases, brand, category, portions, density_g_ml, barcode, carb_basis, source
from foods.food where id = any(:ids)
union all
select id, name, nutrients, names, aliases, brand, category, portions, density_g_ml, barcode, carb_basis, source
from foods.off_product where id = any(:ids);

-- foods_by_barcode: foods of the catalogue with a canonical barcode, the newest first.
select id, name, nutrients, names, aliases, brand, category, portions, density_g_ml, barcode, carb_basis, source
from (
  select *, 0 as place from foods.food where barcode = :barcode
  union all
  select *, 1 as place from foods.off_product where barcode = :barcode
) as found
order by cardinality(flags), place, released desc nulls last, id desc;

-- readable_after: generic foods (starter, survey, ingredient tables) after an id, for reading meals.
select id, name, nutrients, names, aliases, brand, category, portions, density_g_ml, barcode, carb_basis, source
from foods.food where tier < 3 and id > :after order by id limit :many;

-- counts: how many foods each source has.
select split_part(id, ':', 1) as source, count(*) as foods from foods.food group by 1
union all
select 'off', count(*) from foods.off_product
order by 1;
