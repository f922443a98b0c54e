-- forget_logins: logins that ended a month ago.
delete from people.login
where expires_at < now() - interval '30 days' or revoked_at < now() - interval '30 days'
returning 1;

-- forget_links: links that ended a month ago.
delete from people.link where expires_at < now() - interval '30 days'
returning 1;
