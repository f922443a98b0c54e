-- notify: tells every process that listens on a channel of the database.
select pg_notify(:channel, :told)::text;
