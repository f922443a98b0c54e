"""Structs to schemas and answers to structs; prompts and their content; recorded answers."""

import contextlib
import enum
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.ai.answers import Audio, Call, ModelFailed, Transcript
from hearth.ai.forms import Misfit, answer_in, openapi, schema_of
from hearth.ai.prompts import RULES, Prompt, material, quoted
from hearth.ai.recorded import RecordedAi

from .conftest import GOOD, PLATE, Plate
from .doubles import strict


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Many(msgspec.Struct):
    """Every kind of field that a model can be held to."""

    size: Size
    day: date
    count: int
    stars: Literal[1, 2]
    sure: bool
    plates: list[Plate]
    kind: Literal["a", "b"] | None = None
    tags: tuple[str, ...] = ()


def test_a_schema_is_strict_at_every_depth() -> None:
    schema = schema_of(Many)
    assert strict(schema) is None
    assert schema["properties"]["size"] == {"type": "string", "enum": ["large", "small"]}
    assert schema["properties"]["day"] == {"type": "string", "description": "as date"}
    dish = schema["properties"]["plates"]["items"]["properties"]["items"]["items"]
    assert dish["properties"]["grams"] == {
        "type": "number",
        "description": "at least 0; at most 5000",
    }
    assert dish["properties"]["name"]["description"].startswith("As people call it. ")


def test_null_is_a_property_in_the_dialect_of_openapi() -> None:
    fields = openapi(schema_of(Many))["properties"]
    assert fields["stars"] == {"type": "integer", "description": "one of 1, 2"}
    kind = fields["kind"]
    assert kind == {"type": "string", "enum": ["a", "b"], "nullable": True}


def test_types_without_an_end_or_a_form_are_refused() -> None:
    class Tree(msgspec.Struct):
        inner: "list[Tree]"

    class Loose(msgspec.Struct):
        anything: Any

    class Map(msgspec.Struct):
        by_name: dict[str, int]

    globals()["Tree"] = Tree

    class Mixed(msgspec.Struct):
        which: Literal["a", 1]

    for into in (Tree, Loose, Map, Mixed, dict, str):
        with pytest.raises(TypeError):
            schema_of(into)


@pytest.mark.parametrize("text", [GOOD, f"  {GOOD}\n", f"```json\n{GOOD}\n```", f"```\n{GOOD}```"])
def test_answers_are_read(text: str) -> None:
    assert answer_in(text, Plate).items[0].grams == 150


@pytest.mark.parametrize(
    "text",
    ["", "rice", "[]", "null", GOOD + GOOD, GOOD.replace("150", "NaN"),
     GOOD.replace("150", "1e999"), GOOD.replace("150", "-1"), GOOD.replace("card", "tape"),
     GOOD.replace("rice", ""), "[" * 100_000],
)  # fmt: skip
def test_what_is_no_answer_is_a_misfit_with_a_reason(text: str) -> None:
    with pytest.raises(Misfit, match=r"\w"):
        answer_in(text, Plate)


@given(st.text(max_size=300))
def test_any_text_is_an_answer_or_a_misfit(text: str) -> None:
    with contextlib.suppress(Misfit):
        assert isinstance(answer_in(text, Plate), Plate)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=4))
def test_content_stays_inside_its_quotation(content: dict[str, str]) -> None:
    plain = material(content)
    told = msgspec.json.decode(quoted(plain))
    assert told == {"content": plain}


def test_prompts_are_versioned_files_that_end_with_the_rules(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "menu.v2.txt").write_text("List the dishes.\n")
    prompt = Prompt.load(str(tmp_path / "menus.py"), "menu.v2")
    assert prompt.name == "menu.v2" and prompt.system == f"List the dishes.\n\n{RULES}"
    with pytest.raises(FileNotFoundError):
        Prompt.load(str(tmp_path / "menus.py"), "menu.v1")
    for name in ("menu", "../menu.v2", "menu.v2.txt"):
        with pytest.raises(ValueError, match="no prompt's name"):
            Prompt.load(str(tmp_path / "menus.py"), name)


async def test_recorded_answers_stand_in_for_models(tmp_path: Path) -> None:
    recorded = {"plate.v1": [msgspec.Raw(GOOD.encode()), {"items": 3}], "hear": "two eggs"}
    path = tmp_path / "answers.json"
    path.write_bytes(msgspec.json.encode(recorded | {"embed": [[1.0]]}))
    ai = RecordedAi.load(path)
    call = Call(purpose="test", names=("Ana",))
    answer = await ai.see([b"picture"], PLATE, into=Plate, call=call, content={"by": "Ana"})
    assert answer.value.items[0].name == "rice"
    assert (ai.asked[0].key, ai.asked[0].content, ai.asked[0].pictures) == (
        "plate.v1",
        {"by": "[name]"},
        (b"picture",),
    )
    with pytest.raises(ModelFailed, match=r"does not fit.*items"):
        await ai.ask(PLATE, into=Plate, call=call)
    with pytest.raises(ModelFailed, match="used up"):
        await ai.ask(PLATE, into=Plate, call=call)
    audio = Audio(data=b"x", media_type="audio/webm", language="en")
    assert (await ai.hear(audio, call=call)).value == Transcript("two eggs", "en")
    assert (await ai.embed(["x"], call=call)).value == [[1.0]]
    with pytest.raises(ModelFailed, match="away"):
        await RecordedAi({"plate.v1": ModelFailed("away")}).ask(PLATE, into=Plate, call=call)
    with pytest.raises(ModelFailed, match="No answer is recorded for hear"):
        await RecordedAi({}).hear(audio, call=call)
