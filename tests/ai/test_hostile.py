"""Providers that misbehave: endless, huge, deep, lying about what they took, or repeating the key."""

import asyncio
import json
import logging
import time
from typing import Any
from uuid import UUID

import msgspec
import pytest

from hearth.ai import usage
from hearth.ai.accounts import spent, usage_of
from hearth.ai.answers import Answer, Audio, Call, ModelFailed, OverBudget, TooManyAtOnce
from hearth.ai.calling import MOST_AT_ONCE
from hearth.ai.config import ConfigRefused, read_config
from hearth.ai.wire import ATTEMPTS
from hearth.core.db import Pool

from .conftest import BAD, GOOD, PLATE, House, Open, Plate
from .doubles import KEY, OllamaDouble, OpenAiDouble, Reply

PRICED = {"AI_OPENAI_PRICE_IN": "2", "AI_OPENAI_PRICE_OUT": "8"}
COST_MICRO = 280
DEEP = b'{"x":' + b"[" * 200_000


async def ask(house: House, person_id: UUID | None = None) -> Answer[Plate]:
    call = Call(purpose="test", person_id=person_id, is_personal=False)
    return await house.ai.ask(PLATE, into=Plate, call=call, content={"meal": "rice"})


def with_usage(**tokens: Any) -> Reply:
    envelope = OpenAiDouble().envelope(GOOD) | {"usage": tokens}
    return Reply(body=json.dumps(envelope).encode())


async def test_a_provider_that_trickles_is_left_at_the_limit(house: Open) -> None:
    opened = await house(OpenAiDouble, AI_OPENAI_TIMEOUT_S="0.3")
    slow = json.dumps(OpenAiDouble().envelope(GOOD)).encode()
    opened["openai"].replies.append(Reply(body=slow, trickling=True))
    started = time.monotonic()
    with pytest.raises(ModelFailed, match=r"did not answer within 0\.3 s"):
        await ask(opened)
    # Each byte came in time: the limit is over the whole answer. It would have taken seconds.
    assert time.monotonic() - started < len(slow) * 0.01


async def test_retries_end_with_the_owners_limit(house: Open) -> None:
    opened = await house(OpenAiDouble, AI_OPENAI_TIMEOUT_S="5")
    opened["openai"].fail(503, times=ATTEMPTS, Retry_After="6")
    with pytest.raises(ModelFailed):
        await ask(opened)
    assert len(opened["openai"].requests) == 1 and opened.waits == []


@pytest.mark.parametrize("status", [200, 500])
async def test_an_answer_without_end_is_not_read_to_its_end(house: Open, status: int) -> None:
    opened = await house(OpenAiDouble)
    endless = Reply(status=status, body=b" " * (17 * 1024 * 1024))
    opened["openai"].replies += [endless] * ATTEMPTS
    with pytest.raises(ModelFailed, match="more than 16 MiB"):
        await ask(opened)


@pytest.mark.parametrize("status", [200, 401])
async def test_nesting_without_end_is_a_failure_like_any_other(house: Open, status: int) -> None:
    opened = await house(OpenAiDouble)
    opened["openai"].replies.append(Reply(status=status, body=DEEP))
    with pytest.raises(ModelFailed):
        await ask(opened)


async def test_a_deep_answer_is_repaired_like_any_other(house: Open) -> None:
    opened = await house(OpenAiDouble)
    opened["openai"].say('{"items":' + "[" * 100_000, GOOD)
    assert (await ask(opened)).value.items


@pytest.mark.parametrize("tokens", [-5, 10**12, 10**30])
async def test_counts_that_cannot_be_are_no_counts(
    house: Open, db: Pool, person_id: UUID, tokens: int
) -> None:
    opened = await house(OpenAiDouble, **PRICED)
    told = {"prompt_tokens": tokens, "completion_tokens": 10}
    opened["openai"].replies.append(with_usage(**told))
    answer = await ask(opened, person_id)
    assert answer.tokens_in is None and answer.tokens_out == 10
    # What it cost is not told, so that what was set aside stays counted.
    assert (answer.cost_micro or 0) > 32_000
    (one,) = await usage_of(db, person_id)
    assert (one.outcome, one.tokens_in, one.cost_micro) == ("ok", None, answer.cost_micro)


async def test_a_recording_cannot_have_lasted_less_than_nothing(
    house: Open, db: Pool, person_id: UUID
) -> None:
    opened = await house(OpenAiDouble, AI_OPENAI_PRICE_MINUTE="0.006")
    body = {"text": "egg", "usage": {"type": "duration", "seconds": -600}}
    opened["openai"].replies.append(Reply(body=json.dumps(body).encode()))
    audio = Audio(data=b"sound", media_type="audio/webm", seconds=10)
    call = Call(purpose="test", person_id=person_id, is_personal=False)
    assert (await opened.ai.hear(audio, call=call)).cost_micro == 1000


async def test_a_transcript_is_text_and_bounded(house: Open) -> None:
    opened = await house(OpenAiDouble)
    body = {"text": "two\u0000 \u001b[31meggs\u202e " + "x" * 200_000, "language": "drop table"}
    opened["openai"].replies.append(Reply(body=json.dumps(body).encode()))
    audio = Audio(data=b"sound", media_type="audio/webm")
    heard = (await opened.ai.hear(audio, call=Call(purpose="test", is_personal=False))).value
    assert heard.text.startswith("two [31meggs xxx") and len(heard.text) <= 100_000
    assert heard.language is None


async def test_no_answer_holds_what_a_database_cannot(house: Open) -> None:
    opened = await house(OpenAiDouble)
    opened["openai"].say(GOOD.replace("rice", "r\\u0000i\\\\u0000ce"))
    assert (await ask(opened)).value.items[0].name == "ri\\u0000ce"


async def test_a_server_that_repeats_the_key_is_not_repeated(
    house: Open, caplog: pytest.LogCaptureFixture
) -> None:
    opened = await house(OpenAiDouble)
    body = json.dumps({"error": {"code": KEY, "message": f"wrong key {KEY}"}}).encode()
    opened["openai"].replies.append(Reply(status=401, body=body, headers={"X-Key": KEY}))
    with caplog.at_level(logging.DEBUG), pytest.raises(ModelFailed) as failed:
        await ask(opened)
    assert KEY not in failed.value.detail and KEY not in caplog.text


@pytest.mark.parametrize("key", ["sk-å", "sk abc", "sk-a\nX-Evil: 1"])
def test_a_key_that_no_header_carries_is_refused_at_the_start(key: str) -> None:
    environ = {"AI_PROVIDERS": "openai", "AI_OPENAI_KEY": key, "AI_OPENAI_MODEL": "m"}
    with pytest.raises(ConfigRefused, match="AI_OPENAI_KEY holds a character") as refused:
        read_config(environ)
    assert key not in refused.value.detail


async def test_one_person_does_not_take_every_turn(
    house: Open, person_id: UUID, other_id: UUID
) -> None:
    opened = await house(OpenAiDouble, AI_CACHE_S="0")
    opened["openai"].replies += [Reply(never=True)] * MOST_AT_ONCE
    waiting = [asyncio.create_task(ask(opened, person_id)) for _ in range(MOST_AT_ONCE)]
    await opened["openai"].came(MOST_AT_ONCE)
    with pytest.raises(TooManyAtOnce, match="under way for you") as refused:
        await ask(opened, person_id)
    assert refused.value.status == 429 and refused.value.retry_after_s
    opened["openai"].say(GOOD, GOOD)
    assert (await ask(opened, other_id)).value.items
    waiting[0].cancel()
    await asyncio.gather(waiting[0], return_exceptions=True)
    assert (await ask(opened, person_id)).value.items
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


# ----------------------------------------------------------------- what it costs


async def test_a_broken_off_answer_stays_counted(house: Open, db: Pool, person_id: UUID) -> None:
    opened = await house(OpenAiDouble, **PRICED, AI_OPENAI_MAX_TOKENS="1000")
    broken = Reply(body=b'{"choices": [', promised=500)
    opened["openai"].replies += [broken] * ATTEMPTS
    with pytest.raises(ModelFailed, match="broke off"):
        await ask(opened, person_id)
    (one,) = await usage_of(db, person_id)
    assert one.outcome == "lost" and 8000 <= (one.cost_micro or 0) < 16_000


async def test_a_repair_that_times_out_is_counted_beside_the_first(
    house: Open, db: Pool, person_id: UUID
) -> None:
    opened = await house(
        OpenAiDouble, **PRICED, AI_OPENAI_MAX_TOKENS="1000", AI_OPENAI_TIMEOUT_S="0.5"
    )
    opened["openai"].say(BAD)
    opened["openai"].replies.append(Reply(never=True))
    with pytest.raises(ModelFailed):
        await ask(opened, person_id)
    (one,) = await usage_of(db, person_id)
    assert one.outcome == "timeout" and (one.cost_micro or 0) >= COST_MICRO + 8000


async def test_a_repair_does_not_overrun_the_budget(house: Open, db: Pool, person_id: UUID) -> None:
    """Questions at once, each answered twice: what is spent stays within the cap."""
    budget = 0.008
    opened = await house(
        OpenAiDouble, **PRICED, AI_OPENAI_MAX_TOKENS="100", AI_BUDGET_PERSON_MONTH=str(budget),
        AI_OPENAI_PRICE_MINUTE="0", AI_CACHE_S="0",
    )  # fmt: skip
    opened["openai"].say(*[BAD, GOOD] * 20)
    ended: list[Any] = []
    for _ in range(5):
        together = (ask(opened, person_id) for _ in range(MOST_AT_ONCE))
        ended += await asyncio.gather(*together, return_exceptions=True)
    assert any(isinstance(one, OverBudget) for one in ended)
    assert any(not isinstance(one, BaseException) for one in ended)
    assert (await spent(db, person_id)).cost_micro <= budget * 1_000_000


async def test_another_address_is_another_question(house: Open, db: Pool, person_id: UUID) -> None:
    opened = await house(OpenAiDouble, OllamaDouble)
    asked = opened.ai._asked("ask", PLATE, Plate, Call(purpose="test", is_personal=False), {})
    moved = msgspec.structs.replace(
        asked, models=[(name, f"{url}x", model) for name, url, model in asked.models]
    )
    call = Call(purpose="test", person_id=person_id)
    assert opened.ai._keeping.key(asked, call) != opened.ai._keeping.key(moved, call)


async def test_lost_calls_are_ended_and_stay_counted(db: Pool, person_id: UUID) -> None:
    """As after a kill: reserved, and nobody there to settle."""
    config = msgspec.structs.replace(read_config({}), currency="XTS")
    call = Call(purpose="test", person_id=person_id)
    for cost in (700, None):
        wanted = usage.reservation(config, "gone", "m", call, prompt="", cost_micro=cost)
        await usage.reserve(db, config, wanted)
    await usage.give_up_lost(db)
    assert [one.outcome for one in await usage_of(db, person_id)] == ["pending"] * 2
    connection = await db.connect()
    try:
        await connection.execute(
            "update ai.usage set at = at - interval '7 hours' where person_id = $1", person_id
        )
        assert await usage.give_up_lost(db) >= 2
        calls = await usage_of(db, person_id)
        assert [(one.outcome, one.cost_micro) for one in calls] == [("lost", None), ("lost", 700)]
        row = await connection.fetchrow(
            "select sum(calls), sum(unpriced_calls), sum(cost_micro) from ai.spending "
            "where service = 'gone' and currency = 'XTS'"
        )
        assert tuple(row or ()) == (2, 1, 700)
    finally:
        await connection.close()
