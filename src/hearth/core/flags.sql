-- flags: every flag; there are few.
select key, enabled, rollout_percentage from core.flag;

-- set_flag: makes or changes one flag.
insert into core.flag (key, enabled, rollout_percentage, updated_by)
values (:key, :enabled, :rollout_percentage, :by)
on conflict (key) do update set
  enabled = excluded.enabled,
  rollout_percentage = excluded.rollout_percentage,
  updated_by = excluded.updated_by,
  updated_at = now();
