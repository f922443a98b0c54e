-- word_counts: for each typed word, in how many foods a word stands that begins with it.
select coalesce((select sum(l.foods) from foods.lexicon l where l.word >= typed.word and l.word < typed.word || U&'\FFFF'), 0)::bigint
from unnest(:words::text[]) with ordinality as typed(word, place) order by typed.place;

-- similar_words: the words of the catalogue that share most with a typed one.
select word, foods from foods.similar_words(:typed);

-- find_ids: ids of the foods whose names hold all words; own and often logged first, then the best names.
-- Rarely scanned packages are looked at only when the rest does not fill the page: the first parts
-- cost little at any size of the table.
with near as materialized (
  (select id, norm, popularity, processing from foods.food
   where tier < 3 and tsv @@ to_tsquery('simple', :lexemes) and replace(norm, '|', ' ') like all(:also::text[])
   order by popularity + 0 desc limit :generic)
  union all
  (select id, norm, popularity, processing from (
     select id, norm, popularity, processing from foods.off_product
     where popularity >= 50 and tsv @@ to_tsquery('simple', :lexemes) limit 3000) as scanned
   where replace(norm, '|', ' ') like all(:also::text[])
   order by popularity desc limit :packages)
  union all
  (select f.id, f.norm, f.popularity, f.processing
   from (select food_id from foods.habit where person_id = :person order by times desc limit 300) as used
   join foods.food f on f.id = used.food_id
   where f.tsv @@ to_tsquery('simple', :lexemes) and replace(f.norm, '|', ' ') like all(:also::text[]))
  union all
  (select f.id, f.norm, f.popularity, f.processing
   from (select food_id from foods.habit where person_id = :person order by times desc limit 300) as used
   join foods.off_product f on f.id = used.food_id
   where f.tsv @@ to_tsquery('simple', :lexemes) and replace(f.norm, '|', ' ') like all(:also::text[]))
  union all
  (select 'own:' || v.food_id, v.norm, 1000, 0
   from foods.own_food o join lateral (
     select food_id, norm from foods.own_food_version
     where person_id = :person and food_id = o.id and undone_at is null order by version desc limit 1) as v on true
   where o.person_id = :person and o.deleted_at is null and not exists (
     select from unnest(:typed::text[], :choices::text[], :slips::boolean[]) as said (word, choices, is_slip)
     where not v.norm like any (select '%' || choice || '%' from unnest(string_to_array(said.choices, ' ')) as choice)
       and not (said.is_slip and word_similarity(said.word, v.norm) >= 0.5)))
), hit as (
  select * from near
  union all
  (select id, norm, popularity, processing from (
     select id, norm, popularity, processing from foods.food
     where (select count(*) from near) < :packages and tier = 3 and tsv @@ to_tsquery('simple', :lexemes) limit 2000) as seldom
   where replace(norm, '|', ' ') like all(:also::text[]) limit 400)
  union all
  (select id, norm, popularity, processing from (
     select id, norm, popularity, processing from foods.off_product
     where (select count(*) from near) < :packages and popularity < 50 and tsv @@ to_tsquery('simple', :lexemes) limit 2000) as seldom
   where replace(norm, '|', ' ') like all(:also::text[]) limit 400)
), ranked as (
  select hit.id, max(habit.times) as times,
    min(foods.distance(norm, :called::text[], :begun::text[], :headed::text[], :inside::text[], :heads::text[], :plain, processing, popularity)) as distance
  from hit left join foods.habit on habit.person_id = :person and habit.food_id = hit.id
  group by hit.id
)
select id from ranked
order by (times is null and id not like 'own:%'), distance - coalesce(ln(1 + times), 0), id
limit :many offset :past;

-- often_used: what the person logs most, for an empty query.
select food_id from foods.habit where person_id = :person order by times desc, last_at desc, food_id limit :many offset :past;

-- refresh_lexicon: counts the words of the catalogue anew and forgets those that are gone.
with fresh as (
  select word, sum(ndoc)::integer as foods
  from (select word, ndoc from ts_stat('select tsv from foods.food')
        union all
        select word, ndoc from ts_stat('select tsv from foods.off_product')) as counted
  where length(word) between 2 and 40 and word !~ '^[0-9]+$'
  group by word
), gone as (
  delete from foods.lexicon where word not in (select word from fresh)
)
insert into foods.lexicon (word, foods) select word, foods from fresh
on conflict (word) do update set foods = excluded.foods where lexicon.foods <> excluded.foods;
