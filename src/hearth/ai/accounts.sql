-- spending: a month's spending by provider, model and purpose, dearest first.
select service, model, purpose, calls, unpriced_calls, tokens_in, tokens_out, cost_micro
from ai.spending
where month = :month and currency = :currency
order by cost_micro desc, calls desc, service, model, purpose;

-- own_spending: the same of one person's calls.
select service, model, purpose,
  count(*)::bigint as calls,
  (count(*) filter (where cost_micro is null))::bigint as unpriced_calls,
  coalesce(sum(tokens_in), 0)::bigint as tokens_in,
  coalesce(sum(tokens_out), 0)::bigint as tokens_out,
  coalesce(sum(cost_micro), 0)::bigint as cost_micro
from ai.usage
where person_id = :person and currency = :currency
  and at >= (:month)::date::timestamp at time zone 'UTC'
  and at < ((:month)::date + interval '1 month')::timestamp at time zone 'UTC'
group by service, model, purpose
order by cost_micro desc, calls desc, service, model, purpose;

-- usage_days: a person's calls of a month by day (UTC), of days that had any.
select (at at time zone 'UTC')::date as day,
  count(*)::bigint as calls,
  (count(*) filter (where cost_micro is null))::bigint as unpriced_calls,
  coalesce(sum(cost_micro), 0)::bigint as cost_micro
from ai.usage
where person_id = :person and currency = :currency
  and at >= (:month)::date::timestamp at time zone 'UTC'
  and at < ((:month)::date + interval '1 month')::timestamp at time zone 'UTC'
group by 1
order by 1;

-- usage_of: a person's calls of a month, or of all time, newest first, from where a page before ended.
select id, at, service, model, purpose, prompt, outcome, tokens_in, tokens_out, cost_micro, currency, waited_ms
from ai.usage
where person_id = :person
  and ((:month)::date is null
    or (at >= (:month)::date::timestamp at time zone 'UTC'
      and at < ((:month)::date + interval '1 month')::timestamp at time zone 'UTC'))
  and ((:after)::uuid is null or id < (:after)::uuid)
order by id desc
limit :limit;
