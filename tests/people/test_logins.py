"""Registering, logging in and out, refreshing, links, tokens; each refusal beside its success."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import bcrypt
import pytest

from hearth import people
from hearth.core import jobs
from hearth.core.db import SYSTEM, Pool
from hearth.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from hearth.core.mail import RecordedMail
from hearth.core.secrets import Vault, new_key
from hearth.core.values import now
from hearth.people import Person, logins, registrations, resets, standing, tickets, tokens
from hearth.people.logins import Credentials, Gate, Opened
from hearth.people.registrations import NewPerson

PASSWORD = "kitchen table 42"


def new(email: str | None = None, **more: Any) -> NewPerson:
    return NewPerson(email=email or f"{uuid4().hex}@example.org", password=PASSWORD, **more)


async def registered(db: Pool, gate: Gate, who: NewPerson | None = None) -> Opened:
    opened = await registrations.register(db, gate, who or new(), kind="client")
    assert opened is not None
    return opened


async def sql(db: Pool, text: str, *given: Any) -> Any:
    async with db.connection(SYSTEM) as connection:
        return await connection.fetchval(text, *given)


async def test_register_logs_in_and_a_second_time_is_a_conflict(db: Pool, gate: Gate) -> None:
    who = new(name="Anna", locale="sv", zone="Europe/Stockholm")
    opened = await registered(db, gate, who)
    made = logins.tokens_of(gate.vault, opened)
    found = await logins.who_holds_access(db, gate.vault, made.access_token)
    assert found is not None
    assert (found.email, found.name, found.locale) == (who.email, "Anna", "sv")
    with pytest.raises(Conflict) as refused:
        await registrations.register(db, gate, new(who.email.upper()), kind="client")
    assert refused.value.code == "address_taken"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a@b@c.d\r\nBcc: x"}, "email"),
        ({"locale": "tlh"}, "locale"),
        ({"name": "x" * 201}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"zone": "../etc/passwd"}, "zone"),
    ],
)
async def test_register_refuses_what_cannot_be(
    db: Pool, gate: Gate, change: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await registrations.register(db, gate, new(**change), kind="client")
    assert refused.value.errors[0].field == field


async def test_log_in_and_its_refusals_are_alike(db: Pool, gate: Gate) -> None:
    who = new()
    await registered(db, gate, who)
    opened = await logins.log_in(db, gate, Credentials(who.email.title(), PASSWORD), kind="client")
    assert opened.person.email == who.email
    answers = []
    for credentials in (Credentials(who.email, "wrong"), Credentials("no@example.org", "wrong")):
        with pytest.raises(Unauthenticated) as refused:
            await logins.log_in(db, gate, credentials, kind="client")
        answers.append((refused.value.code, refused.value.detail))
    assert answers[0] == answers[1]


async def test_bcrypt_is_upgraded_on_login(db: Pool, gate: Gate) -> None:
    who = new()
    person = (await registered(db, gate, who)).person
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    await sql(
        db, "update people.person set password_hash = $2 where person_id = $1", person.id, old
    )
    await logins.log_in(db, gate, Credentials(who.email, PASSWORD), kind="client")
    read = "select password_hash from people.person where person_id = $1"
    assert (await sql(db, read, person.id)).startswith("$argon2id$")


async def test_refresh_rotates_and_reuse_revokes_the_family(db: Pool, gate: Gate) -> None:
    opened = await registered(db, gate)
    first = logins.tokens_of(gate.vault, opened)
    second = await logins.refresh(db, gate.vault, first.refresh_token)
    assert second.refresh_token != first.refresh_token
    # Within the grace the same successor comes again.
    again = await logins.refresh(db, gate.vault, first.refresh_token)
    assert again.refresh_token == second.refresh_token
    late = now() - timedelta(seconds=logins.GRACE_S + 1)
    await sql(
        db, "update people.login set rotated_at = $2 where id = $1", opened.person.login_id, late
    )
    assert await logins.who_holds_access(db, gate.vault, second.access_token) is not None
    with pytest.raises(Unauthenticated):
        await logins.refresh(db, gate.vault, first.refresh_token)
    with pytest.raises(Unauthenticated):
        await logins.refresh(db, gate.vault, second.refresh_token)
    assert await logins.who_holds_access(db, gate.vault, second.access_token) is None


async def test_a_forged_refresh_token_revokes_nothing(db: Pool, gate: Gate) -> None:
    opened = await registered(db, gate)
    good = logins.tokens_of(gate.vault, opened).refresh_token
    for forged in (good[:-2] + "AA", "hr_!!", "", good.replace("hr_", "ha_")):
        with pytest.raises(Unauthenticated):
            await logins.refresh(db, gate.vault, forged)
    assert (await logins.refresh(db, gate.vault, good)).access_token


async def test_a_ticket_of_another_house_or_kind_is_not_read(gate: Gate) -> None:
    ticket = tickets.Ticket(uuid4(), uuid4(), b"x" * 32)
    text = tickets.write(gate.vault, "hr", ticket)
    assert tickets.read(gate.vault, "hr", text) == ticket
    assert tickets.read(Vault(new_key("other")), "hr", text) is None
    assert tickets.read(gate.vault, "hp", "hp" + text[2:]) is None


async def test_an_expired_access_token_is_nobody(
    db: Pool, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await registered(db, gate)
    good = logins.tokens_of(gate.vault, opened).access_token
    monkeypatch.setattr(logins, "ACCESS_S", -1)
    late = logins.tokens_of(gate.vault, opened).access_token
    assert await logins.who_holds_access(db, gate.vault, good) is not None
    assert await logins.who_holds_access(db, gate.vault, late) is None


async def test_log_out_counts_at_once(db: Pool, gate: Gate) -> None:
    opened = await registered(db, gate)
    made = logins.tokens_of(gate.vault, opened)
    assert await logins.who_holds_access(db, gate.vault, made.access_token) is not None
    await logins.log_out(db, opened.person)
    assert await logins.who_holds_access(db, gate.vault, made.access_token) is None
    with pytest.raises(Unauthenticated):
        await logins.refresh(db, gate.vault, made.refresh_token)


async def test_a_role_counts_at_once_and_an_unknown_one_is_refused(db: Pool, gate: Gate) -> None:
    opened = await registered(db, gate)
    access = logins.tokens_of(gate.vault, opened).access_token
    before = await logins.who_holds_access(db, gate.vault, access)
    assert before is not None
    assert not before.is_staff
    await people.grant(db, opened.person.email, "support")
    after = await logins.who_holds_access(db, gate.vault, access)
    assert after is not None
    assert after.is_staff
    people.need_role(after, "support")
    with pytest.raises(Forbidden):
        people.need_role(after, "operations")
    with pytest.raises(Invalid):
        await people.grant(db, opened.person.email, "emperor")
    with pytest.raises(NotFound):
        await people.grant(db, "nobody@example.org", "support")


async def test_what_another_process_changed_is_known_within_half_a_minute(
    db: Pool, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "KEPT_S", 0.0)
    opened = await registered(db, gate)
    access = logins.tokens_of(gate.vault, opened).access_token
    assert await logins.who_holds_access(db, gate.vault, access) is not None
    await sql(
        db, "update people.login set revoked_at = now() where id = $1", opened.person.login_id
    )
    assert await logins.who_holds_access(db, gate.vault, access) is None


async def test_a_person_cannot_give_themselves_a_role(db: Pool, gate: Gate) -> None:
    person = (await registered(db, gate)).person
    async with db.connection(person.id) as connection:
        changed = "update people.person set name = 'Eve' where person_id = $1"
        assert await connection.execute(changed, person.id) == "UPDATE 1"
        with pytest.raises(Exception, match="permission denied"):
            await connection.execute(
                "update people.person set roles = '{admin}' where person_id = $1", person.id
            )


async def test_cookie_login_and_another_persons_login(db: Pool, gate: Gate) -> None:
    who = new()
    mine = await registered(db, gate, who)
    page = await logins.log_in(db, gate, Credentials(who.email, PASSWORD), kind="page")
    found = await logins.who_holds_cookie(db, gate.vault, page.ticket)
    assert found is not None
    assert found.login_id == page.person.login_id
    assert await logins.who_holds_cookie(db, gate.vault, mine.ticket) is None
    with pytest.raises(Unauthenticated):
        await logins.refresh(db, gate.vault, page.ticket.replace("hp_", "hr_"))
    other = (await registered(db, gate)).person
    assert page.person.login_id is not None
    with pytest.raises(NotFound):
        await logins.revoke_login(db, other, page.person.login_id)
    assert len(await logins.logins(db, page.person)) == 2
    await logins.revoke_login(db, mine.person, page.person.login_id)
    assert await logins.who_holds_cookie(db, gate.vault, page.ticket) is None


async def test_change_password_ends_other_logins(db: Pool, gate: Gate) -> None:
    who = new()
    mine = await registered(db, gate, who)
    other = await logins.log_in(db, gate, Credentials(who.email, PASSWORD), kind="page")
    change = resets.PasswordChange(PASSWORD, "another table 43")
    with pytest.raises(Forbidden):
        await resets.change_password(
            db, gate, mine.person, resets.PasswordChange("wrong", "another table 43")
        )
    with pytest.raises(Invalid):
        await resets.change_password(
            db, gate, mine.person, resets.PasswordChange(PASSWORD, "short")
        )
    await resets.change_password(db, gate, mine.person, change)
    assert await logins.who_holds_cookie(db, gate.vault, other.ticket) is None
    assert await logins.refresh(db, gate.vault, logins.tokens_of(gate.vault, mine).refresh_token)
    with pytest.raises(Unauthenticated):
        await logins.log_in(db, gate, Credentials(who.email, PASSWORD), kind="client")


async def letters(db: Pool, vault: Vault) -> RecordedMail:
    mail = RecordedMail()
    people.jobs.use_post(people.jobs.Post(mail, vault, "https://hearth.example"))
    await jobs.drain(db)
    return mail


def token_in(text: str) -> str:
    return text.partition("?token=")[2].split()[0]


async def test_with_mail_registering_never_tells(db: Pool, mail_gate: Gate) -> None:
    who = new()
    assert await registrations.register(db, mail_gate, who, kind="client") is None
    mail = await letters(db, mail_gate.vault)
    assert [letter.to for letter in mail.sent] == [who.email]
    credentials = Credentials(who.email, PASSWORD)
    with pytest.raises(Unauthenticated):
        await logins.log_in(db, mail_gate, credentials, kind="client")
    with pytest.raises(Conflict):
        await registrations.verify(db, mail_gate.vault, "hl_forged")
    token = token_in(mail.sent[0].text)
    await registrations.verify(db, mail_gate.vault, token)
    with pytest.raises(Conflict):
        await registrations.verify(db, mail_gate.vault, token)
    assert (await logins.log_in(db, mail_gate, credentials, kind="client")).person.email
    # The same address again: the same answer, and a letter that says so.
    again = NewPerson(who.email, "somebody else 77")
    assert await registrations.register(db, mail_gate, again, kind="client") is None
    mail = await letters(db, mail_gate.vault)
    assert "already" in mail.sent[0].subject
    assert (await logins.log_in(db, mail_gate, credentials, kind="client")).person.email


async def test_reset_by_link_once_and_never_tells(db: Pool, mail_gate: Gate) -> None:
    who = new()
    await registrations.register(db, mail_gate, who, kind="client")
    await letters(db, mail_gate.vault)
    await resets.request_reset(db, mail_gate, resets.ResetRequest("nobody@example.org"))
    await resets.request_reset(db, mail_gate, resets.ResetRequest(who.email))
    mail = await letters(db, mail_gate.vault)
    assert [letter.to for letter in mail.sent] == [who.email]
    token = token_in(mail.sent[0].text)
    with pytest.raises(Conflict):
        await registrations.verify(db, mail_gate.vault, token)
    with pytest.raises(Invalid):
        await resets.reset(db, mail_gate, resets.Reset(token, "short"))
    await resets.reset(db, mail_gate, resets.Reset(token, "another table 43"))
    with pytest.raises(Conflict):
        await resets.reset(db, mail_gate, resets.Reset(token, "another table 44"))
    credentials = Credentials(who.email, "another table 43")
    assert (await logins.log_in(db, mail_gate, credentials, kind="client")).person.email


async def test_without_mail_a_reset_says_so(db: Pool, gate: Gate) -> None:
    with pytest.raises(Conflict) as refused:
        await resets.request_reset(db, gate, resets.ResetRequest("nobody@example.org"))
    assert refused.value.code == "no_mail"
    who = new()
    await registered(db, gate, who)
    await resets.set_password(db, who.email, "another table 43")
    credentials = Credentials(who.email, "another table 43")
    assert (await logins.log_in(db, gate, credentials, kind="client")).person.email


@pytest.mark.usefixtures("from_afar")
async def test_attempts_are_limited_and_the_familiar_address_is_not_shut_out(
    db: Pool, gate: Gate
) -> None:
    who = new()
    credentials = Credentials(who.email, PASSWORD)
    await registered(db, gate, who)
    async with db.connection(SYSTEM) as connection:
        await connection.execute("update people.login set address = '192.0.2.1'")
    wrong = Credentials(who.email, "wrong")
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            await logins.log_in(db, gate, wrong, kind="client")
    with pytest.raises(TooMany) as refused:
        await logins.log_in(db, gate, credentials, kind="client")
    assert refused.value.retry_after_s is not None
    assert 1 <= refused.value.retry_after_s <= 90
    async with db.connection(SYSTEM) as connection:
        await connection.execute("update people.login set address = '198.51.100.7'")
    assert (await logins.log_in(db, gate, credentials, kind="client")).person.email


async def test_tokens_have_no_more_than_asked_and_held(db: Pool, gate: Gate) -> None:
    person = (await registered(db, gate)).person
    made = await tokens.make_token(
        db, gate.vault, person, tokens.NewToken("scale", ["diary:write"])
    )
    held = await tokens.who_holds_token(db, gate.vault, made.token)
    assert held is not None
    assert people.may(held, "diary:write")
    assert people.may(held, "diary:read")
    assert not people.may(held, "foods:write")
    with pytest.raises(Forbidden):
        await tokens.make_token(db, gate.vault, held, tokens.NewToken("more", ["foods:write"]))
    assert [token.name for token in await tokens.tokens(db, person)] == ["scale"]
    other = (await registered(db, gate)).person
    with pytest.raises(NotFound):
        await tokens.revoke_token(db, other, made.details.id)
    await tokens.revoke_token(db, person, made.details.id)
    assert await tokens.who_holds_token(db, gate.vault, made.token) is None


async def test_delete_takes_the_password_and_everything(db: Pool, gate: Gate) -> None:
    opened = await registered(db, gate)
    access = logins.tokens_of(gate.vault, opened).access_token
    with pytest.raises(Forbidden):
        await people.persons.delete_person(db, gate.limits, opened.person, password="wrong")
    assert await logins.who_holds_access(db, gate.vault, access) is not None
    await people.persons.delete_person(db, gate.limits, opened.person, password=PASSWORD)
    assert await logins.who_holds_access(db, gate.vault, access) is None
    count = "select count(*) from people.login where person_id = $1"
    assert await sql(db, count, opened.person.id) == 0


async def test_profile_changes_and_the_audit_trail_has_no_hash(db: Pool, gate: Gate) -> None:
    person = (await registered(db, gate)).person
    changed = await people.persons.change_profile(
        db, person, people.persons.ProfileChange(name="Ана", locale="sr-Cyrl")
    )
    assert (changed.name, changed.locale, changed.zone) == ("Ана", "sr-Cyrl", "UTC")
    with pytest.raises(Invalid):
        await people.persons.change_profile(
            db, person, people.persons.ProfileChange(zone="Mars/Olympus")
        )
    read = (
        "select string_agg(coalesce(after::text, ''), ' ') from privacy.audit where person_id = $1"
    )
    trail = await sql(db, read, person.id)
    assert "Ана" in trail
    assert "argon2" not in trail


async def test_expired_logins_and_links_are_forgotten(db: Pool, gate: Gate) -> None:
    opened = await registered(db, gate)
    kept = await registered(db, gate)
    await sql(
        db,
        "update people.login set expires_at = now() - interval '31 days' where id = $1",
        opened.person.login_id,
    )
    await people.jobs.forget_expired(db)
    assert await logins_of(db, opened.person) == 0
    assert await logins_of(db, kept.person) == 1


async def logins_of(db: Pool, person: Person) -> int:
    count: int = await sql(db, "select count(*) from people.login where person_id = $1", person.id)
    return count
