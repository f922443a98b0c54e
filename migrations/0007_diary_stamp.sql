-- A stamp that changes with every change of a person's diary: whoever has computed a day knows by one
-- look whether it still holds, in any process, without being told.
--
-- The row is locked until its writer commits, so stamps of one person come in the order of commits.

create table diary.stamp (
  person_id uuid primary key references people.person on delete cascade,
  version bigint not null default 1
);
comment on table diary.stamp is 'Counts the changes of a person''s diary. A day that was computed at a version holds as long as the version does.';
select core.person_owned('diary.stamp', audited => false);

create function diary.stamp_fresh() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  insert into diary.stamp as stamp (person_id)
  select distinct person_id from fresh
  on conflict (person_id) do update set version = stamp.version + 1;
  return null;
end $$;

-- A deletion never makes a stamp: it may be the deletion of the person themselves.
create function diary.stamp_stale() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  update diary.stamp set version = version + 1 where person_id in (select person_id from stale);
  return null;
end $$;

do $$
declare
  name text;
begin
  foreach name in array array['meal', 'item', 'weight', 'goal', 'settings'] loop
    execute format('create trigger stamp_insert after insert on diary.%I referencing new table as fresh for each statement execute function diary.stamp_fresh()', name);
    execute format('create trigger stamp_update after update on diary.%I referencing new table as fresh for each statement execute function diary.stamp_fresh()', name);
    execute format('create trigger stamp_delete after delete on diary.%I referencing old table as stale for each statement execute function diary.stamp_stale()', name);
  end loop;
end $$;
