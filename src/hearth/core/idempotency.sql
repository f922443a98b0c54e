-- claim: takes a key for the request in hand; no row when it is taken. Waits for one in progress.
insert into core.idempotency (person_id, key, fingerprint, status, body)
values (:person, :key, :fingerprint, 0, '')
on conflict do nothing
returning key;

-- answer: notes what is answered to the request that claimed the key.
update core.idempotency set status = :status, body = :body where person_id = :person and key = :key;

-- stored: what was answered before.
select fingerprint, status, body from core.idempotency where person_id = :person and key = :key;

-- sweep: forgets a batch of answers that are older than two days.
with gone as (
  delete from core.idempotency
  where (person_id, key) in (
    select person_id, key from core.idempotency
    where created_at < now() - interval '48 hours' order by created_at limit :batch
  )
  returning 1
)
select count(*) from gone;
