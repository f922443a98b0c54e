-- add_weight: One weighing.
insert into diary.weight (person_id, id, day, at, zone, kg, note, version)
values (:person, :id, :day, :at, :zone, :kg, :note, 1);

-- weight: One weighing.
select id, day, at, zone, kg, note, version from diary.weight
where person_id = :person and id = :id;

-- hold_weight: One weighing that is about to change.
select id, day, at, zone, kg, note, version from diary.weight
where person_id = :person and id = :id for update;

-- weights: Weighings of some days, the latest first, from one on (`after`).
select weight.id, weight.day, weight.at, weight.zone, weight.kg, weight.note, weight.version
from diary.weight as weight
where weight.person_id = :person and weight.day between :first and :last
  and (:after::uuid is null or (weight.day, weight.at, weight.id) < (
    select day, at, id from diary.weight where person_id = :person and id = :after))
order by weight.day desc, weight.at desc, weight.id desc
limit :limit;

-- put_weight: A weighing anew.
update diary.weight set day = :day, at = :at, kg = :kg, note = :note, version = :version
where person_id = :person and id = :id;

-- drop_weight: A weighing that is deleted.
delete from diary.weight where person_id = :person and id = :id;
