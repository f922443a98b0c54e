-- add_person: a new person, unless the address is known.
insert into people.person (person_id, email, email_key, name, password_hash, locale, zone)
values (:id, :email, :email_key, :name, :password_hash, :locale, :zone)
on conflict (email_key) do nothing
returning person_id;

-- known: whose address it is, and whether it is confirmed.
select person_id as id, verified_at is not null as verified
from people.person where email_key = :email_key;

-- mark_verified: the address is confirmed.
update people.person set verified_at = coalesce(verified_at, now()) where person_id = :person;
