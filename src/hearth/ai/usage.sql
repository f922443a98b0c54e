-- take_turns: one reservation at a time, so that two calls cannot both take the last of a budget.
select pg_advisory_xact_lock(hashtext('ai.spending'))::text;

-- person_spent: what a person's calls took in a month, with those whose price is not known apart.
select count(*)::bigint as calls,
  (count(*) filter (where cost_micro is null))::bigint as unpriced_calls,
  coalesce(sum(tokens_in), 0)::bigint as tokens_in,
  coalesce(sum(tokens_out), 0)::bigint as tokens_out,
  coalesce(sum(cost_micro), 0)::bigint as cost_micro
from ai.usage
where person_id = :person and currency = :currency
  and at >= (:month)::date::timestamp at time zone 'UTC'
  and at < ((:month)::date + interval '1 month')::timestamp at time zone 'UTC';

-- house_spent: what all calls of a month took.
select coalesce(sum(calls), 0)::bigint as calls,
  coalesce(sum(unpriced_calls), 0)::bigint as unpriced_calls,
  coalesce(sum(tokens_in), 0)::bigint as tokens_in,
  coalesce(sum(tokens_out), 0)::bigint as tokens_out,
  coalesce(sum(cost_micro), 0)::bigint as cost_micro
from ai.spending
where month = :month and currency = :currency;

-- begin_usage: a person's call that is about to be made, with what is set aside for it.
insert into ai.usage (person_id, id, service, model, purpose, prompt, cost_micro, currency)
values (:person, :id, :service, :model, :purpose, :prompt, :cost_micro, :currency);

-- end_usage: what the call took in truth.
update ai.usage
set outcome = :outcome, tokens_in = :tokens_in, tokens_out = :tokens_out,
  cost_micro = :cost_micro, waited_ms = :waited_ms
where person_id = :person and id = :id;

-- add_spending: adds to the house's month; what was set aside too much is added as less than nothing.
insert into ai.spending as sum
  (month, currency, service, model, purpose, calls, unpriced_calls, tokens_in, tokens_out, cost_micro)
values
  (:month, :currency, :service, :model, :purpose, :calls, :unpriced_calls, :tokens_in, :tokens_out, :cost_micro)
on conflict (month, currency, service, model, purpose) do update set
  calls = sum.calls + excluded.calls,
  unpriced_calls = sum.unpriced_calls + excluded.unpriced_calls,
  tokens_in = sum.tokens_in + excluded.tokens_in,
  tokens_out = sum.tokens_out + excluded.tokens_out,
  cost_micro = sum.cost_micro + excluded.cost_micro;

-- give_up_usage: calls of which nothing was heard for hours ended with the process that made them; what was set aside for them stays counted.
with lost as (
  update ai.usage set outcome = 'lost'
  where outcome = 'pending' and at < now() - interval '6 hours' and person_id is not null
  returning at, currency, service, model, purpose, cost_micro
), unpriced as (
  insert into ai.spending as sum (month, currency, service, model, purpose, unpriced_calls)
  select date_trunc('month', at at time zone 'UTC')::date, currency, service, model, purpose, count(*)
  from lost where cost_micro is null
  group by 1, 2, 3, 4, 5
  on conflict (month, currency, service, model, purpose) do update set
    unpriced_calls = sum.unpriced_calls + excluded.unpriced_calls
)
select count(*) from lost;
