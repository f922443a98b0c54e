-- consents: what the person ever agreed to, latest first; ids rise with time.
select id, purpose, version, given_at, withdrawn_at, subject, covers
from privacy.consent where person_id = :person and (:after::uuid is null or id < :after)
order by id desc limit :limit;

-- standing_consents: what the person agreed to and has not withdrawn.
select id, purpose, version, given_at, withdrawn_at, subject, covers
from privacy.consent where person_id = :person and withdrawn_at is null
order by purpose;

-- standing_consent: the agreement to one purpose that was not withdrawn, held while it is looked at.
select id, purpose, version, given_at, withdrawn_at, subject, covers
from privacy.consent where person_id = :person and purpose = :purpose and withdrawn_at is null
for update;

-- give_consent: a new agreement; nothing when another one was made at the same moment.
insert into privacy.consent (person_id, id, purpose, version, subject, covers)
values (:person, :id, :purpose, :version, :subject, :covers)
on conflict (person_id, purpose) where withdrawn_at is null do nothing
returning id, purpose, version, given_at, withdrawn_at, subject, covers;

-- withdraw_consent: the agreement ends now; not before it was given where the clock went back.
update privacy.consent set withdrawn_at = greatest(given_at, clock_timestamp())
where person_id = :person and purpose = :purpose and withdrawn_at is null
returning id, purpose, version, given_at, withdrawn_at, subject, covers;
