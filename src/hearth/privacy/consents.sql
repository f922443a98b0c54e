-- consents: everything that the person ever agreed to, latest first.
select purpose, version, given_at, withdrawn_at, subject, covers
from privacy.consent where person_id = :person
order by given_at desc, id desc;

-- standing_consents: what the person agreed to and has not withdrawn.
select purpose, version, given_at, withdrawn_at, subject, covers
from privacy.consent where person_id = :person and withdrawn_at is null
order by purpose;

-- standing_consent: the agreement to one purpose that was not withdrawn, held while it is looked at.
select purpose, version, given_at, withdrawn_at, subject, covers
from privacy.consent where person_id = :person and purpose = :purpose and withdrawn_at is null
for update;

-- give_consent: a new agreement; nothing when another one was made at the same moment.
insert into privacy.consent (person_id, id, purpose, version, subject, covers)
values (:person, :id, :purpose, :version, :subject, :covers)
on conflict (person_id, purpose) where withdrawn_at is null do nothing
returning purpose, version, given_at, withdrawn_at, subject, covers;

-- withdraw_consent: the agreement ends now.
update privacy.consent set withdrawn_at = clock_timestamp()
where person_id = :person and purpose = :purpose and withdrawn_at is null
returning purpose, version, given_at, withdrawn_at, subject, covers;
