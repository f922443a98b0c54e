-- set_password: a new password.
update people.person set password_hash = :password_hash, password_changed_at = now()
where person_id = :person;
