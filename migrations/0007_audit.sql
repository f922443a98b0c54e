-- The audit of an update pairs the rows before and after by their order. The name of that order is
-- one that no table has: as "place", a column of that name could not be changed, nor was it told.
create or replace function privacy.audit_update() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into privacy.audit (person_id, actor, request_id, address, what, relation, before, after)
  select after_row.person_id, core.acting_person(), current_setting('hearth.request', true), current_setting('hearth.address', true),
         'update', tg_table_schema || '.' || tg_table_name,
         to_jsonb(before_row) - 'audit order' - 'password_hash' - 'secret_hash',
         to_jsonb(after_row) - 'audit order' - 'password_hash' - 'secret_hash'
  from (select row_number() over () as "audit order", f.* from fresh f) as after_row
  join (select row_number() over () as "audit order", s.* from stale s) as before_row using ("audit order");
  return null;
end $$;
