-- person_by_email: the person who signs in with this address, for the house.
select person_id as id, email, name, locale, zone, roles
from people.person where email_key = :email_key;

-- person_by_id: the person themselves.
select person_id as id, email, name, locale, zone, roles
from people.person where person_id = :person;

-- profile: what a person sees of themselves.
select person_id as id, email, name, locale, zone, roles, verified_at is not null as verified, created_at
from people.person where person_id = :person;

-- change_profile: a new name, locale or time zone; NULL leaves what is.
update people.person
set name = coalesce(:name::text, name), locale = coalesce(:locale::text, locale),
    zone = coalesce(:zone::text, zone)
where person_id = :person;

-- password_hash: what the person's password is checked against.
select password_hash from people.person where person_id = :person;

-- delete_person: the person, and by cascade everything that is theirs.
delete from people.person where person_id = :person;

-- set_roles: what the person may do, decided by the house.
update people.person set roles = :roles where person_id = :person;
