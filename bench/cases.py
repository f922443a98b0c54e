"""What is asked of the product: as requests over HTTP, and as verbs whose SQL is said alone."""

import random
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from bench import data
from bench.load import KEY, request
from bench.straight import NEW_KEY, Cast, Verb
from hearth import diary, foods, recognition
from hearth.core import idempotency
from hearth.core.db import Db, Transaction
from hearth.core.limits import Limits
from hearth.core.secrets import Vault
from hearth.core.values import new_id
from hearth.people import logins

MEALS = (
    "two scrambled eggs, a slice of rye bread with butter and a large latte",
    "half an avocado on toast and a glass of orange juice",
    "200g grilled chicken breast, 150 g rice and a small green salad",
    "a bowl of porridge with blueberries and a tablespoon of honey",
    "2 x 330 ml beer and a bag of crisps",
    "en tallrik ärtsoppa och två pannkakor med sylt",
    "ćevapi sa kajmakom i luk, čaša jogurta",
    "3 fish fingers, mashed potatoes and 100 g peas",
    "cheeseburger with fries and a diet coke",
    "pasta with tomato sauce and 30 g parmesan",
)
"""Meals in our own words, in three languages."""


class Case(msgspec.Struct, frozen=True):
    """One thing to measure."""

    name: str
    requests: list[bytes]
    verbs: list[Verb]
    cast: Cast
    clients: int = 16


class Known(msgspec.Struct, frozen=True):
    """What the cases need of a house."""

    tokens: list[str]
    diaries: data.Diaries
    foods: list[str]
    vault: Vault
    persons: int


def _cast(known: Known) -> Cast:
    persons = [data.person_of(number).id for number in range(known.persons)]
    return Cast(persons, data.FIRST_DAY, known.diaries.days)


ANEW = {"Cache-Control": "no-cache"}


def day(known: Known, name: str, *, anew: bool = False, seed: int = 3) -> Case:
    """A day of 20 items, of somebody, at some time; `anew` has it computed whatever was kept.

    The same SQL beside it is always that of computing it.
    """
    rng = random.Random(seed)
    headers = ANEW if anew else {}
    requests, verbs = [], []
    eaters = min(len(known.tokens), known.diaries.persons)
    for _ in range(5000):
        number = rng.randrange(eaters)
        on = data.FIRST_DAY + timedelta(days=rng.randrange(known.diaries.days))
        token = known.tokens[number]
        requests.append(request("GET", f"/api/days/{on}", token=token, headers=headers))
        verbs.append(_day(number, on))
    cast = _cast(msgspec.structs.replace(known, persons=eaters))
    return Case(name, requests, verbs[:3], cast)


def _day(number: int, on: Any) -> Verb:
    async def verb(db: Db) -> object:
        return await diary.day(db, data.person_of(number), on)

    return verb


def log(known: Known) -> Case:
    """A meal of three foods, with a key so that doing it twice is doing it once."""
    rng = random.Random(5)
    requests, verbs = [], []
    headers = {"Idempotency-Key": KEY.decode()}
    for number, token in enumerate(known.tokens):
        grams = (60, 120, 250)
        items = [
            {"food_id": food, "grams": many, "phrase": "as I said"}
            for food, many in zip(rng.sample(known.foods, 3), grams, strict=True)
        ]
        body = msgspec.json.encode({"items": items, "kind": "lunch"})
        requests.append(request("POST", "/api/meals", token=token, body=body, headers=headers))
        verbs.append(_log(number, body))
    return Case("log a meal", requests, verbs[:1], _cast(known))


def _log(number: int, body: bytes) -> Verb:
    person = data.person_of(number)
    new = msgspec.json.decode(body, type=diary.NewMeal)

    async def work(tx: Transaction) -> idempotency.Answer:
        return idempotency.Answer(201, msgspec.json.encode(await diary.log_meal(tx, person, new)))

    async def verb(db: Db) -> object:
        mark = idempotency.fingerprint_of(b"POST", b"/api/meals", body)
        return await idempotency.once(db, person.id, f"{NEW_KEY}-{new_id()}", mark, work)

    return verb


def search(known: Known, texts: list[str], name: str, clients: int = 8) -> Case:
    """Foods by what is typed."""
    requests, verbs = [], []
    for place, text in enumerate(texts):
        number = place % len(known.tokens)
        requests.append(request("GET", f"/api/foods?q={quote(text)}", token=known.tokens[number]))
        verbs.append(_search(number, text))
    return Case(name, requests, verbs[:100], _cast(known), clients)


def _search(number: int, text: str) -> Verb:
    async def verb(db: Db) -> object:
        return await foods.find(db, data.person_of(number), text, limit=20)

    return verb


def read(known: Known) -> Case:
    """A meal in words."""
    requests, verbs = [], []
    for place, text in enumerate(MEALS):
        body = msgspec.json.encode({"text": text})
        token = known.tokens[place % len(known.tokens)]
        requests.append(request("POST", "/api/meals/read", token=token, body=body))
        verbs.append(_read(place % len(known.tokens), text))
    return Case("read a sentence", requests, verbs, _cast(known), 8)


def _read(number: int, text: str) -> Verb:
    async def verb(db: Db) -> object:
        return await recognition.read_meal(
            db, data.person_of(number), recognition.MealText(text=text)
        )

    return verb


def login(known: Known) -> Case:
    """Logging in with address and password."""
    requests, verbs = [], []
    gate = logins.Gate(known.vault, Limits(), False)
    for number in range(known.persons):
        given = {"email": data.person_of(number).email, "password": data.PASSWORD}
        body = msgspec.json.encode(given)
        requests.append(request("POST", "/api/auth/login", body=body))
        verbs.append(_login(gate, logins.Credentials(**given)))
    return Case("log in", requests, verbs[:20], _cast(known), 8)


def _login(gate: logins.Gate, given: logins.Credentials) -> Verb:
    async def verb(db: Db) -> object:
        return await logins.log_in(db, gate, given, kind="client")

    return verb


def empty() -> list[bytes]:
    """What the server answers without asking anything."""
    return [request("GET", "/live")]
