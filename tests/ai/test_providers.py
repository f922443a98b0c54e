"""Every provider over real HTTP: what is sent, what is understood, and each way to fail."""

import io
import json
import logging
from datetime import timedelta
from email.utils import format_datetime
from uuid import UUID

import pytest
from PIL import Image

from hearth.ai.answers import Audio, Call, ModelFailed, NotConfigured
from hearth.ai.wire import ATTEMPTS
from hearth.core import telemetry
from hearth.core.values import now

from .conftest import BAD, GOOD, PLATE, House, Open, Plate
from .doubles import (
    EVERY,
    KEY,
    AnthropicDouble,
    CompatibleDouble,
    Double,
    GeminiDouble,
    OllamaDouble,
    OpenAiDouble,
    Reply,
)

TEST = Call(purpose="test", is_personal=False)
every = pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.name)


async def ask(house: House, text: str = "rice") -> Plate:
    return (await house.ai.ask(PLATE, into=Plate, call=TEST, content={"meal": text})).value


@every
async def test_an_answer_is_a_struct_with_its_tokens(house: Open, kind: type[Double]) -> None:
    opened = await house(kind)
    double = opened[kind.name]
    double.say(GOOD)
    answer = await opened.ai.ask(
        PLATE, into=Plate, call=TEST, content={"meal": "rice", "at": now()}
    )
    assert answer.value.items[0].name == "rice"
    assert (answer.tokens_in, answer.tokens_out) == (100, 10)
    assert (answer.service, answer.model, answer.is_cached) == (kind.name, "m", False)
    assert double.material["content"]["meal"] == "rice"


@every
async def test_pictures_go_as_bare_small_jpeg(house: Open, kind: type[Double]) -> None:
    opened = await house(kind)
    opened[kind.name].say(GOOD)
    answer = await opened.ai.see([photo(), photo()], PLATE, into=Plate, call=TEST)
    assert answer.value.items[0].grams == 150
    sent = opened[kind.name].pictures
    assert len(sent) == 2
    for data in sent:
        assert b"Exif" not in data and b"Snapshot" not in data
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.format == "JPEG"
            # Taken lying on its side: upright, and 1536 pixels long.
            assert picture.size == (1152, 1536)
            assert not picture.getexif() and "comment" not in picture.info


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Snapshot Maker"
    exif.get_ifd(0x8825)[2] = (59.0, 19.0, 58.0)  # where it was taken
    out = io.BytesIO()
    Image.new("RGB", (2000, 1500), "orange").save(
        out, "JPEG", exif=exif, comment=b"Snapshot comment"
    )
    assert b"Exif" in out.getvalue()
    return out.getvalue()


@every
async def test_a_wrong_form_is_repaired_once(house: Open, kind: type[Double]) -> None:
    opened = await house(kind)
    double = opened[kind.name]
    double.say(BAD, GOOD)
    answer = await opened.ai.ask(PLATE, into=Plate, call=TEST, content={"meal": "rice"})
    assert answer.value.items[0].grams == 150
    assert (answer.tokens_in, answer.tokens_out) == (200, 20)
    told = double.material
    assert told["content"] == {"meal": "rice"}
    assert json.loads(told["rejected_answer"]) == json.loads(BAD)
    assert "Expected `float`, got `str` - at `$.items[0].grams`" in told["rejected_because"]


@every
async def test_wrong_twice_has_failed(house: Open, kind: type[Double]) -> None:
    opened = await house(kind)
    opened[kind.name].say(BAD, GOOD.replace("150", "99999"), GOOD)
    with pytest.raises(ModelFailed, match=f"{kind.name} answered twice in a form"):
        await ask(opened)
    assert len(opened[kind.name].requests) == 2


@every
async def test_text_cut_off_is_repaired(house: Open, kind: type[Double]) -> None:
    opened = await house(kind)
    opened[kind.name].say(GOOD[:30], GOOD)
    assert (await ask(opened)).items


@every
async def test_too_many_requests_are_waited_out(house: Open, kind: type[Double]) -> None:
    opened = await house(kind)
    opened[kind.name].fail(429, Retry_After="7")
    opened[kind.name].say(GOOD)
    assert (await ask(opened)).items
    assert opened.waits == [7.0]


@every
async def test_errors_of_the_server_are_tried_again_then_given_up(
    house: Open, kind: type[Double]
) -> None:
    opened = await house(kind)
    opened[kind.name].fail(500, times=ATTEMPTS)
    with pytest.raises(ModelFailed, match="answered with 500") as failed:
        await ask(opened)
    assert KEY not in str(failed.value)
    assert len(opened[kind.name].requests) == ATTEMPTS
    assert len(opened.waits) == ATTEMPTS - 1 and opened.waits[0] < opened.waits[1]


@every
async def test_an_answer_that_breaks_off_is_tried_again(house: Open, kind: type[Double]) -> None:
    opened = await house(kind)
    opened[kind.name].replies.append(Reply(body=b'{"message": {', promised=500))
    opened[kind.name].say(GOOD)
    assert (await ask(opened)).items


@every
async def test_an_envelope_of_another_form_has_failed(house: Open, kind: type[Double]) -> None:
    opened = await house(kind)
    opened[kind.name].replies += [Reply(body=b'{"candidates": 1, "surprise": true}')]
    with pytest.raises(ModelFailed, match="not its documented one"):
        await ask(opened)


@every
async def test_a_slow_provider_is_left(house: Open, kind: type[Double]) -> None:
    opened = await house(kind, **{f"AI_{kind.name.upper()}_TIMEOUT_S": "0.1"})
    opened[kind.name].replies.append(Reply(never=True))
    with pytest.raises(ModelFailed, match=r"did not answer within 0\.1 s"):
        await ask(opened)
    # Once was enough: what is slow is not asked again.
    assert len(opened[kind.name].requests) <= 1 and opened.waits == []


@every
async def test_a_refused_key_is_not_tried_again_nor_shown(
    house: Open, kind: type[Double], caplog: pytest.LogCaptureFixture
) -> None:
    opened = await house(kind)
    opened[kind.name].fail(401)
    with caplog.at_level(logging.DEBUG), pytest.raises(ModelFailed, match="did not accept the key"):
        await ask(opened)
    assert len(opened[kind.name].requests) == 1
    assert caplog.records and KEY not in caplog.text
    assert all(KEY not in str(vars(record)) for record in caplog.records)
    assert KEY not in repr(opened.ai.config)


@pytest.mark.parametrize(
    ("kind", "path", "reason"),
    [
        (OllamaDouble, ("done_reason",), "length"),
        (OpenAiDouble, ("choices", 0, "finish_reason"), "length"),
        (GeminiDouble, ("candidates", 0, "finishReason"), "MAX_TOKENS"),
        (AnthropicDouble, ("stop_reason",), "max_tokens"),
    ],
)
async def test_half_an_answer_of_the_right_form_is_not_taken(
    house: Open, kind: type[Double], path: tuple[str | int, ...], reason: str
) -> None:
    opened = await house(kind)
    envelope = opened[kind.name].envelope('{"items": []}')
    inner = envelope
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = reason
    opened[kind.name].replies.append(Reply(body=json.dumps(envelope).encode()))
    opened[kind.name].say(GOOD)
    assert (await ask(opened)).items
    assert "cut off" in opened[kind.name].material["rejected_because"]


@pytest.mark.parametrize("structured", ["json", "none"])
async def test_anthropic_can_be_held_without_a_tool(house: Open, structured: str) -> None:
    opened = await house(AnthropicDouble, AI_ANTHROPIC_STRUCTURED=structured)
    block = {"type": "text", "text": GOOD}
    body = {"content": [block], "stop_reason": "end_turn", "usage": {"output_tokens": 3}}
    opened["anthropic"].replies.append(Reply(body=json.dumps(body).encode()))
    assert (await ask(opened)).items


@pytest.mark.parametrize("structured", ["json", "none"])
async def test_compatible_servers_can_be_held_loosely(house: Open, structured: str) -> None:
    opened = await house(CompatibleDouble, AI_LMSTUDIO_STRUCTURED=structured)
    opened["lmstudio"].say(GOOD)
    assert (await ask(opened)).items


async def test_a_redirect_is_not_followed(house: Open) -> None:
    opened = await house(OllamaDouble, OpenAiDouble)
    opened["ollama"].replies.append(Reply(status=307, headers={"Location": opened["openai"].url}))
    opened["openai"].say(GOOD)
    assert (await ask(opened)).items
    assert [request.path for request in opened["openai"].requests] == ["/v1/chat/completions"]


async def test_retry_after_may_be_a_date(house: Open) -> None:
    opened = await house(OllamaDouble)
    opened["ollama"].fail(
        503, Retry_After=format_datetime(now() + timedelta(seconds=12), usegmt=True)
    )
    opened["ollama"].say(GOOD)
    await ask(opened)
    assert 5 < opened.waits[0] <= 12


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (
            OpenAiDouble,
            {"choices": [{"message": {"content": None, "refusal": "no"}, "finish_reason": "stop"}]},
        ),
        (
            OpenAiDouble,
            {"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]},
        ),
        (GeminiDouble, {"promptFeedback": {"blockReason": "SAFETY"}}),
        (GeminiDouble, {"candidates": [{"finishReason": "RECITATION"}]}),
        (AnthropicDouble, {"content": [], "stop_reason": "refusal"}),
    ],
)
async def test_what_a_model_declines_is_not_repeated(
    house: Open, kind: type[Double], body: object
) -> None:
    opened = await house(kind)
    opened[kind.name].replies.append(Reply(body=json.dumps(body).encode()))
    with pytest.raises(ModelFailed, match="declined to answer"):
        await ask(opened)
    assert len(opened[kind.name].requests) == 1


async def test_compatible_servers_get_what_they_know(house: Open) -> None:
    opened = await house(CompatibleDouble)
    opened["lmstudio"].say(f"```json\n{GOOD}\n```")
    assert (await ask(opened)).items
    body = opened["lmstudio"].requests[0].body
    assert body["max_tokens"] == 4096 and body["temperature"] == 0
    assert '"additionalProperties":false' in body["messages"][0]["content"]


@pytest.mark.parametrize("kind", [OpenAiDouble, CompatibleDouble], ids=lambda kind: kind.name)
async def test_speech_goes_as_a_file(house: Open, kind: type[Double]) -> None:
    opened = await house(kind)
    audio = Audio(data=b"\x1a\x45sound", media_type="audio/webm;codecs=opus", language="sv")
    answer = await opened.ai.hear(audio, call=TEST)
    assert answer.value.text == "två ägg"
    form = opened[kind.name].requests[0].form
    assert form["file"] == ("speech.webm", b"\x1a\x45sound")
    assert form["model"][1] == b"m" and form["language"][1] == b"sv"


async def test_speech_goes_inline_to_gemini(house: Open) -> None:
    opened = await house(GeminiDouble)
    opened["gemini"].say('{"text": "dva jaja", "language": "sr"}', "gibberish")
    audio = Audio(data=b"sound", media_type="audio/mp4")
    answer = await opened.ai.hear(audio, call=TEST)
    assert (answer.value.text, answer.value.language) == ("dva jaja", "sr")
    part = opened["gemini"].requests[0].body["contents"][0]["parts"][1]
    assert part["inlineData"]["mimeType"] == "audio/mp4"
    with pytest.raises(ModelFailed, match="sent no transcript"):
        await opened.ai.hear(audio, call=TEST)


@pytest.mark.parametrize(
    "kind", [OllamaDouble, OpenAiDouble, GeminiDouble], ids=lambda kind: kind.name
)
async def test_embeddings_come_in_order(house: Open, kind: type[Double]) -> None:
    opened = await house(kind)
    answer = await opened.ai.embed(["a", "four"], call=TEST)
    assert [vector[0] for vector in answer.value] == [1.0, 4.0]


async def test_who_cannot_is_not_asked(house: Open) -> None:
    opened = await house(AnthropicDouble)
    with pytest.raises(NotConfigured, match="understands speech"):
        await opened.ai.hear(Audio(data=b"sound", media_type="audio/webm"), call=TEST)
    with pytest.raises(NotConfigured, match="makes embeddings"):
        await opened.ai.embed(["a"], call=TEST)
    assert opened["anthropic"].requests == []


async def test_every_call_is_counted(house: Open, person_id: UUID) -> None:
    opened = await house(OllamaDouble)
    labels = {"service": "ollama", "model": "m"}
    before = telemetry.registry.get_sample_value("ai_service_requests_total", labels) or 0
    opened["ollama"].fail(500)
    opened["ollama"].say(GOOD)
    await ask(opened)
    assert telemetry.registry.get_sample_value("ai_service_requests_total", labels) == before + 2
