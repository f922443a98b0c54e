-- photo_turns: Photos of one person are added one after the other, so that no two take the last place.
select pg_advisory_xact_lock(hashtextextended('diary.photo ' || (:person)::uuid::text, 0))::text;

-- held_photos: How many photos of a person belong to no meal yet, and how many bytes all of theirs hold.
select (count(*) filter (where meal_id is null))::integer as loose,
  coalesce(sum(held_bytes), 0)::bigint as held_bytes
from diary.photo where person_id = :person;

-- add_photo: A photo that belongs to no meal yet.
insert into diary.photo (person_id, id, width, height, held_bytes, original)
values (:person, :photo, :width, :height, :held_bytes, :original);

-- photo: One photo.
select id, meal_id, at, width, height, original from diary.photo
where person_id = :person and id = :photo;

-- photos_by_id: Several photos, those that exist, in the order taken.
select id, meal_id, at, width, height, original from diary.photo
where person_id = :person and id = any(:photos::uuid[]) order by id;

-- photos_after: The photos after one, in the order taken; a page of them.
select id, meal_id, at, width, height, original from diary.photo
where person_id = :person and id > :after order by id limit :limit;

-- photos_of_meals: The photos of meals, in the order taken.
select id, meal_id, at, width, height, original from diary.photo
where person_id = :person and meal_id = any(:meals::uuid[]) order by id;

-- belong: Photos that belong to no meal yet belong to this one now.
update diary.photo set meal_id = :meal
where person_id = :person and meal_id is null and id = any(:photos::uuid[]);

-- drop_photo: A photo goes; which files it had.
delete from diary.photo where person_id = :person and id = :photo
returning person_id, id, original;

-- sweep_loose: Photos whose meal was not saved before a moment; at most a batch.
delete from diary.photo where ctid = any(array(
  select ctid from diary.photo where meal_id is null and at < :before limit :batch))
returning person_id, id, original;

-- sweep_gone: Photos whose meal is gone and cannot come back by undo; at most a batch.
delete from diary.photo where ctid = any(array(
  select photo.ctid from diary.photo as photo
  where photo.meal_id is not null
    and not exists (
      select from diary.meal where meal.person_id = photo.person_id and meal.id = photo.meal_id)
    and not exists (
      select from diary.past
      where past.person_id = photo.person_id and past.what = 'meal'
        and past.thing = photo.meal_id::text)
  limit :batch))
returning person_id, id, original;

-- known_photos: Which of some photos still are; the files of the others are nobody's.
select id from diary.photo where person_id = any(:persons::uuid[]) and id = any(:photos::uuid[]);
