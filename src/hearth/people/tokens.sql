-- count_tokens: how many tokens of the person work.
select count(*) from people.api_token
where person_id = :person and revoked_at is null and (expires_at is null or expires_at > now());

-- make_token: a new token.
insert into people.api_token (person_id, id, name, secret_hash, scopes, expires_at)
values (:person, :id, :name, :secret_hash, :scopes, :expires_at)
returning id, name, scopes, created_at, expires_at, last_used_at;

-- tokens: the person's tokens that work, latest first.
select id, name, scopes, created_at, expires_at, last_used_at from people.api_token
where person_id = :person and revoked_at is null and (expires_at is null or expires_at > now())
order by created_at desc, id desc;

-- revoke_token: one token ends.
update people.api_token set revoked_at = now()
where person_id = :person and id = :id and revoked_at is null
returning id;

-- revoke_tokens: all tokens of the person end.
update people.api_token set revoked_at = now()
where person_id = :person and revoked_at is null;

-- standing_token: a token that works, and whose it is.
select p.person_id as person, p.email, p.name, p.locale, p.zone, p.roles, t.scopes, t.secret_hash, t.expires_at,
  t.last_used_at
from people.api_token t join people.person p using (person_id)
where t.person_id = :person and t.id = :id and t.revoked_at is null
  and (t.expires_at is null or t.expires_at > now());

-- note_token_use: the token was used just now.
update people.api_token set last_used_at = now() where person_id = :person and id = :id;
