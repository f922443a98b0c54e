-- learn_alias: What a person means by a phrase; the last correction counts.
insert into recognition.alias (person_id, phrase, said, food_id, grams)
values (:person, :phrase, :said, :food_id, :grams)
on conflict (person_id, phrase) do update set said = excluded.said, food_id = excluded.food_id,
  grams = excluded.grams, times = alias.times + 1, updated_at = now();

-- aliases: A person's own words, the last learned first.
select phrase, said, food_id, grams, times, updated_at from recognition.alias
where person_id = :person order by updated_at desc, phrase limit 2000;

-- alias: One of a person's own words.
select phrase, said, food_id, grams, times, updated_at from recognition.alias
where person_id = :person and phrase = :phrase;

-- forget_alias: One word less; its phrase when there was one.
delete from recognition.alias where person_id = :person and phrase = :phrase returning phrase;
