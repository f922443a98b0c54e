-- settings: How a person wants amounts shown.
select units, energy_unit, first_day_of_week, keep_photos, version from diary.settings
where person_id = :person;

-- put_settings: The settings anew, when they are still at the version that was read; none of it otherwise.
insert into diary.settings (person_id, units, energy_unit, first_day_of_week, keep_photos, version)
values (:person, :units, :energy_unit, :first_day_of_week, :keep_photos, :version)
on conflict (person_id) do update set units = excluded.units, energy_unit = excluded.energy_unit,
  first_day_of_week = excluded.first_day_of_week, keep_photos = excluded.keep_photos,
  version = excluded.version
where settings.version = excluded.version - 1
returning units, energy_unit, first_day_of_week, keep_photos, version;
