-- make_link: a new link.
insert into people.link (person_id, id, purpose, secret_hash, expires_at)
values (:person, :id, :purpose, :secret_hash, :expires_at);

-- use_link: the link is used up, if it still works.
update people.link set used_at = now()
where person_id = :person and id = :id and purpose = :purpose and secret_hash = :secret_hash
  and used_at is null and expires_at > now()
returning person_id;

-- void_links: no link of the person works any more.
update people.link set used_at = now() where person_id = :person and used_at is null;
