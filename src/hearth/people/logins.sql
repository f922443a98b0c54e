-- sign_in: what is needed to check a password, and whether the account knows the address.
select person_id as person, email, name, locale, zone, roles, password_hash, verified_at is not null as verified,
  exists (select from people.login l where l.person_id = p.person_id and l.address = :address) as familiar
from people.person p where email_key = :email_key;

-- replace_hash: a hash made anew, unless the password changed meanwhile.
update people.person set password_hash = :fresh
where person_id = :person and password_hash = :stored;

-- open_login: a new login.
insert into people.login (person_id, id, kind, secret_hash, device, address, expires_at)
values (:person, :id, :kind, :secret_hash, :device, :address, :expires_at);

-- held_secrets: the current and the last secret of a login that stands, held for a rotation.
select secret_hash, previous_hash, rotated_at from people.login
where person_id = :person and id = :id and kind = 'client' and revoked_at is null and expires_at > now()
for update;

-- rotate: the successor takes the place of the secret.
update people.login
set previous_hash = secret_hash, secret_hash = :secret_hash, rotated_at = now(), used_at = now(),
    expires_at = :expires_at
where person_id = :person and id = :id;

-- revoke_login: one login ends.
update people.login set revoked_at = now()
where person_id = :person and id = :id and revoked_at is null
returning id;

-- revoke_others: every login but one ends.
update people.login set revoked_at = now()
where person_id = :person and id is distinct from :keep::uuid and revoked_at is null;

-- logins: where the person is logged in, latest first.
select id, kind, device, address, created_at, used_at, expires_at from people.login
where person_id = :person and revoked_at is null and expires_at > now()
order by used_at desc, id desc
limit 200;

-- standing_login: a login that stands, and whose it is.
select p.person_id as person, p.email, p.name, p.locale, p.zone, p.roles, l.secret_hash, l.expires_at, l.used_at
from people.login l join people.person p using (person_id)
where l.person_id = :person and l.id = :id and l.revoked_at is null and l.expires_at > now();

-- note_use: the login was used today; a browser's lasts on from here.
update people.login
set used_at = now(), expires_at = case kind when 'page' then :page_until else expires_at end
where person_id = :person and id = :id;
