"""Reading the configuration: every refusal names the variable and says what to do."""

from pathlib import Path

import pytest

from hearth.ai.answers import Audio, Call, NotConfigured
from hearth.ai.asking import PROTOCOLS, Base, open_ai
from hearth.ai.config import _FIELDS, Config, ConfigRefused, Secret, read_config
from hearth.ai.door import NoAi
from hearth.ai.forms import schema_of
from hearth.ai.protocol import Question
from hearth.core.cache import Cache
from hearth.core.db import Pool
from hearth.core.secrets import Vault, new_key

from .conftest import PLATE, Plate

OPENAI = {"AI_PROVIDERS": "openai", "AI_OPENAI_KEY": "k", "AI_OPENAI_MODEL": "m"}


def test_without_providers_there_are_none() -> None:
    assert read_config({}) == Config()


def test_providers_stand_in_their_order_with_their_defaults() -> None:
    config = read_config(
        OPENAI
        | {
            "AI_PROVIDERS": " Ollama, openai ,lab",
            "AI_OLLAMA_VISION_MODEL": "v",
            "AI_LAB_MODEL": "x",
        }
        | {"AI_LAB_URL": "http://10.0.0.5:8000/v1/", "AI_LAB_TIMEOUT_S": "5", "AI_BUDGET_MONTH": ""}
    )
    ollama, openai, lab = config.providers
    assert [one.kind for one in config.providers] == ["ollama", "openai", "compatible"]
    assert (ollama.needs_consent, openai.needs_consent, lab.needs_consent) == (False, True, True)
    assert (ollama.price_in, openai.price_in) == (0.0, None)
    assert lab.url == "http://10.0.0.5:8000/v1" and lab.timeout_s == 5
    assert config.able("see") == (ollama, openai) and config.able("ask") == (openai, lab)
    assert config.able("hear") == ()


def test_a_key_may_come_from_a_file_and_never_shows(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-the-file\n")
    given = {key: value for key, value in OPENAI.items() if key != "AI_OPENAI_KEY"}
    config = read_config(given | {"AI_OPENAI_KEY_FILE": str(tmp_path / "key")})
    assert config.providers[0].key.reveal() == "from-the-file"
    for shown in (
        repr(config),
        str(config),
        f"{config.providers[0].key}",
        repr(Secret("from-the-file")),
    ):
        assert "from-the-file" not in shown
    with pytest.raises(ConfigRefused, match="AI_OPENAI_KEY_FILE names /nowhere"):
        read_config(given | {"AI_OPENAI_KEY_FILE": "/nowhere"})


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"AI_PROVIDERS": "open ai"}, "AI_PROVIDERS names 'open ai'"),
        ({"AI_PROVIDERS": "openai,openai"}, "names a provider twice"),
        ({"AI_OPENAI_KEY": ""}, "AI_OPENAI_KEY is missing"),
        ({"AI_OPENAI_MODEL": ""}, "AI_OPENAI_MODEL is missing"),
        ({"AI_OPENAI_MODLE": "m"}, "AI_OPENAI_MODLE is not a setting"),
        ({"AI_OPENAI_TIMEOUT_S": "soon"}, "AI_OPENAI_TIMEOUT_S='soon' is not a float"),
        ({"AI_OPENAI_TIMEOUT_S": "nan"}, "is not a number from 0"),
        ({"AI_OPENAI_TIMEOUT_S": "0"}, "must be more than 0"),
        ({"AI_OPENAI_PRICE_IN": "-1"}, "is not a number from 0"),
        ({"AI_OPENAI_URL": "ftp://x"}, "AI_OPENAI_URL is not an http"),
        ({"AI_OPENAI_URL": "https://u:p@x/v1"}, "put the key in AI_OPENAI_KEY"),
        ({"AI_OPENAI_KIND": "magic"}, "AI_OPENAI_KIND='magic' is none of"),
        ({"AI_OPENAI_STRUCTURED": "magic"}, "AI_OPENAI_STRUCTURED is none of"),
        ({"AI_CURRENCY": "euro"}, "AI_CURRENCY='euro'"),
        ({"AI_BUDGET_MONTH": "10"}, "AI_OPENAI_PRICE_IN or AI_OPENAI_PRICE_OUT is not"),
        (
            {
                "AI_BUDGET_MONTH": "10",
                "AI_OPENAI_PRICE_IN": "1",
                "AI_OPENAI_PRICE_OUT": "1",
                "AI_OPENAI_AUDIO_MODEL": "w",
            },
            "AI_OPENAI_PRICE_MINUTE is not",
        ),
        ({"AI_PROVIDERS": "lab", "AI_LAB_MODEL": "m"}, "AI_LAB_URL is missing"),
        ({"AI_PROVIDERS": "whisper"}, "AI_WHISPER_PATH is missing"),
    ],
)
def test_what_is_wrong_is_refused_by_name(changed: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigRefused) as refused:
        read_config(OPENAI | changed)
    assert says in refused.value.detail


async def test_a_house_without_models_says_so_plainly(db: Pool) -> None:
    ai = open_ai(read_config({}), Base(db, Cache(), Vault(new_key("test"))))
    assert isinstance(ai, NoAi) and not ai.configured and ai.services("see") == ()
    call = Call(purpose="test")
    with pytest.raises(
        NotConfigured, match=r"reads pictures.*AI_OLLAMA_VISION_MODEL.*docs/models\.md"
    ):
        await ai.see([b""], PLATE, into=Plate, call=call)
    with pytest.raises(NotConfigured, match="AI_WHISPER_PATH"):
        await ai.hear(Audio(data=b"x", media_type="audio/webm"), call=call)
    with pytest.raises(NotConfigured, match="AI_OLLAMA_MODEL"):
        await ai.ask(PLATE, into=Plate, call=call)
    with pytest.raises(NotConfigured, match="AI_OLLAMA_EMBED_MODEL"):
        await ai.embed(["x"], call=call)
    assert [check.state for check in ai.checks()] == ["none"]


def test_every_variable_is_in_the_documentation() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    for field in _FIELDS:
        assert f"`AI_<NAME>_{field}`" in text, field
    for variable in (
        "AI_PROVIDERS",
        "AI_CURRENCY",
        "AI_BUDGET_MONTH",
        "AI_BUDGET_PERSON_MONTH",
        "AI_CACHE_S",
    ):
        assert f"`{variable}`" in text, variable


def test_requests_do_not_show_their_key() -> None:
    for kind in ("ollama", "openai", "gemini", "anthropic"):
        environ = {
            "AI_PROVIDERS": kind,
            f"AI_{kind.upper()}_KEY": "k-9f",
            f"AI_{kind.upper()}_MODEL": "m",
        }
        (provider,) = read_config(environ).providers
        question = Question(model="m", system="s", material="{}", schema=schema_of(Plate))
        assert "k-9f" not in repr(PROTOCOLS[provider.kind].ask(provider, question))
