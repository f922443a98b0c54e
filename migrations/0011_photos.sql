-- Photos of meals: whose they are and to which meal they belong; the pictures themselves are files.

create table diary.photo (
  person_id uuid not null references people.person on delete cascade,
  id uuid not null,
  meal_id uuid,
  at timestamptz not null default now(),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  held_bytes bigint not null check (held_bytes > 0),
  original text not null default '' check (original in ('', 'jpg', 'png', 'webp', 'heic', 'avif')),
  primary key (person_id, id)
);
comment on table diary.photo is
  'A photo that a person keeps, as the files photos/PERSON/ID.jpg and ID-small.jpg. meal_id is NULL until its meal is saved; no foreign key: a deleted meal comes back by undo, and its photos with it.';
comment on column diary.photo.original is 'The ending of the file ID-original.*, as it was taken, with everything that the camera wrote into it; empty when it was not kept.';
comment on column diary.photo.held_bytes is 'The size of its files together, in bytes: what a person may keep is limited by the sum.';
create index photo_meal on diary.photo (person_id, meal_id);
create index photo_loose on diary.photo (at) where meal_id is null;
select core.person_owned('diary.photo');

alter table diary.settings add column keep_photos text not null default 'small'
  check (keep_photos in ('none', 'small', 'original'));
comment on column diary.settings.keep_photos is 'Which photos of meals are kept: none, small ones without EXIF, or these and the originals.';
