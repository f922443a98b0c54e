-- enqueue: leaves a job in the caller's transaction; NULL when one with the same key waits or runs.
select core.enqueue(:name, :payload, :after_s, :request, :once_key);

-- queue: how many jobs are in each state, and how long the oldest due one of them has waited.
select
  status::text as state,
  count(*) as jobs,
  coalesce(extract(epoch from now() - min(execute_after) filter (where execute_after <= now())), 0)::float8 as oldest_due_s
from core.job
group by status;

-- sweep_log: forgets a batch of the log that is older than a week and counted already.
with gone as (
  delete from core.job_log
  where id in (
    select id from core.job_log where created < now() - interval '7 days' and aggregated limit :batch
  )
  returning 1
)
select count(*) from gone;

-- sweep_statistics: forgets a batch of the counts that are older than 90 days.
with gone as (
  delete from core.job_statistics
  where id in (select id from core.job_statistics where created < now() - interval '90 days' limit :batch)
  returning 1
)
select count(*) from gone;
