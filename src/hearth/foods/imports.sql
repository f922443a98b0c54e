-- begin_batch: a new batch, or the one of the same file that was not finished.
insert into foods.import_batch as batch (kind, file, fingerprint, state) values (:kind, :file, :fingerprint, 'running')
on conflict (kind, fingerprint) where state = 'running' do update set updated_at = now()
returning id, position, rows_read, added, changed, skipped;

-- advance_batch: how far the batch came, in the same transaction as its rows.
update foods.import_batch
set position = :position, rows_read = :rows_read, added = :added, changed = :changed, skipped = :skipped, updated_at = now()
where id = :batch;

-- finish_batch: the whole file was read.
update foods.import_batch set state = 'done', finished_at = now(), updated_at = now() where id = :batch;

-- finished: whether a file with this fingerprint was read to its end before.
select exists (select from foods.import_batch where kind = :kind and fingerprint = :fingerprint and state = 'done');

-- latest_batches: the last imports, newest first.
select kind, file, state, rows_read, added, changed, skipped, started_at, finished_at
from foods.import_batch order by id desc limit 50;

-- merge_food: what arrived becomes part of the catalogue; an older release never replaces a newer one.
with merged as (
  insert into foods.food as food
    (id, tier, name, names, aliases, brand, category, portions, nutrients, density_g_ml, barcode, carb_basis, source, norm, popularity, processing, flags, released)
  select id, tier, name, names::jsonb, aliases, brand, category, portions::jsonb, nutrients, density_g_ml, barcode, carb_basis, source, norm, popularity, processing, flags, released
  from foods.arriving
  on conflict (id) do update set
    tier = excluded.tier, name = excluded.name, names = excluded.names, aliases = excluded.aliases, brand = excluded.brand,
    category = excluded.category, portions = excluded.portions, nutrients = excluded.nutrients, density_g_ml = excluded.density_g_ml,
    barcode = excluded.barcode, carb_basis = excluded.carb_basis, source = excluded.source, norm = excluded.norm,
    popularity = excluded.popularity, processing = excluded.processing, flags = excluded.flags, released = excluded.released
  where (food.released is null or excluded.released is null or excluded.released >= food.released)
    and (food.name, food.names, food.aliases, food.brand, food.category, food.portions, food.nutrients, food.density_g_ml, food.barcode,
         food.carb_basis, food.source, food.norm, food.popularity, food.processing, food.flags, food.released)
      is distinct from
        (excluded.name, excluded.names, excluded.aliases, excluded.brand, excluded.category, excluded.portions, excluded.nutrients, excluded.density_g_ml, excluded.barcode,
         excluded.carb_basis, excluded.source, excluded.norm, excluded.popularity, excluded.processing, excluded.flags, excluded.released)
  returning (xmax = 0) as added
)
select count(*) filter (where added) as added, count(*) filter (where not added) as changed from merged;

-- merge_off: the same for products of Open Food Facts, in their own table.
with merged as (
  insert into foods.off_product as food
    (id, tier, name, names, aliases, brand, category, portions, nutrients, density_g_ml, barcode, carb_basis, source, norm, popularity, processing, flags, released)
  select id, tier, name, names::jsonb, aliases, brand, category, portions::jsonb, nutrients, density_g_ml, barcode, carb_basis, source, norm, popularity, processing, flags, released
  from foods.arriving
  on conflict (id) do update set
    tier = excluded.tier, name = excluded.name, names = excluded.names, aliases = excluded.aliases, brand = excluded.brand,
    category = excluded.category, portions = excluded.portions, nutrients = excluded.nutrients, density_g_ml = excluded.density_g_ml,
    barcode = excluded.barcode, carb_basis = excluded.carb_basis, source = excluded.source, norm = excluded.norm,
    popularity = excluded.popularity, processing = excluded.processing, flags = excluded.flags, released = excluded.released
  where (food.released is null or excluded.released is null or excluded.released >= food.released)
    and (food.name, food.names, food.aliases, food.brand, food.category, food.portions, food.nutrients, food.density_g_ml, food.barcode,
         food.carb_basis, food.source, food.norm, food.popularity, food.processing, food.flags, food.released)
      is distinct from
        (excluded.name, excluded.names, excluded.aliases, excluded.brand, excluded.category, excluded.portions, excluded.nutrients, excluded.density_g_ml, excluded.barcode,
         excluded.carb_basis, excluded.source, excluded.norm, excluded.popularity, excluded.processing, excluded.flags, excluded.released)
  returning (xmax = 0) as added
)
select count(*) filter (where added) as added, count(*) filter (where not added) as changed from merged;

-- clear_arriving: the staging table is empty before each chunk.
truncate foods.arriving;

-- settle: statistics and text indexes after a bulk import.
select foods.settle();
