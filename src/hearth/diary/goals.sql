-- goals: Every goal of a person, the newest first.
select valid_from, energy_kcal, targets, version from diary.goal
where person_id = :person order by valid_from desc limit 1000;

-- goal_on: The goal that holds on a day.
select valid_from, energy_kcal, targets, version from diary.goal
where person_id = :person and valid_from <= :day order by valid_from desc limit 1;

-- goal_from: The goal that begins on a day.
select valid_from, energy_kcal, targets, version from diary.goal
where person_id = :person and valid_from = :valid_from;

-- hold_goal: The goal that begins on a day and is about to change.
select valid_from, energy_kcal, targets, version from diary.goal
where person_id = :person and valid_from = :valid_from for update;

-- put_goal: The goal from a day on, when it is still at the version that was read; none of it otherwise.
insert into diary.goal (person_id, valid_from, energy_kcal, targets, version)
values (:person, :valid_from, :energy_kcal, :targets, :version)
on conflict (person_id, valid_from) do update set energy_kcal = excluded.energy_kcal,
  targets = excluded.targets, version = excluded.version
where goal.version = excluded.version - 1
returning valid_from, energy_kcal, targets, version;

-- drop_goal: A goal that is deleted.
delete from diary.goal where person_id = :person and valid_from = :valid_from;
