"""Plates: from photos of a meal to foods and grams, through a model that sees.

The model names foods and estimates grams, nothing else; nutrients come from the tables, and a
person confirms before anything is saved.
"""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec.structs import replace

from hearth import ai as models
from hearth.ai import Ai, Call, Prompt
from hearth.core.db import Db
from hearth.core.errors import TooMany
from hearth.people import Person
from hearth.recognition import photos as pictures
from hearth.recognition.answers import ENGINE, Reading
from hearth.recognition.named_foods import Found, NamedFood, found, plain, split_note, summed
from hearth.recognition.photos import Prepared
from hearth.recognition.sizes import SizeCue, cue_told, spread_of
from hearth.recognition.turns import Turns
from hearth.web import gettext

PLATE: Final = Prompt.load(__file__, "plate.v1")
MOST_ITEMS: Final = 20
MOST_GRAMS: Final = 3000
LONGEST_NOTE: Final = 500

TURNS: Final = Turns(
    2,
    TooMany("Photos of yours are being opened already. Wait until they are.", retry_after_s=5),
)
"""Uploads of photos that are being opened: nobody fills the queue alone."""

Photo = bytes | Prepared
"""A photo as it was sent, or opened already."""

Text = Annotated[str, msgspec.Meta(max_length=200)]
Grams = Annotated[float, msgspec.Meta(ge=0, le=MOST_GRAMS)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Told(msgspec.Struct, frozen=True):
    """What a person tells with their photos: the language of the answer, a note on what the camera
    cannot see, and to which providers they agreed that pictures may go."""

    locale: str
    note: str = ""
    consented: models.Consented = frozenset()


class SeenFood(msgspec.Struct, frozen=True):
    """One food of the plate."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    said: Text
    cooking: Text
    grams: Grams
    low_g: Grams
    high_g: Grams
    confidence: Share


class SeenPlate(msgspec.Struct, frozen=True):
    """What the pictures show, and by what of known size the grams were measured."""

    items: Annotated[list[SeenFood], msgspec.Meta(max_length=MOST_ITEMS)]
    size_cue: SizeCue


async def read_plate(
    db: Db, person: Person, ai: Ai, photos: Sequence[Photo], told: Told
) -> Reading:
    """The foods on 1 to 5 photos of one meal, with grams to confirm; changes nothing.

    Raises the pictures' own problems (`Invalid`, `TooLarge`, `NotAPicture`), and those of the door
    to models: `NotConfigured`, `NotConsented`, `OverBudget`, `ModelFailed`. Ask outside of
    transactions: a model may take a minute.
    """
    answer = await ai.see(
        await ready(person, photos),
        PLATE,
        into=SeenPlate,
        content={"language": told.locale, "note": told.note[:LONGEST_NOTE]},
        call=call_for(person, told, "plate_photo"),
    )
    seen = answer.value
    by = f"{answer.service} {answer.model}"
    parts = [
        _explained(part, one, seen.size_cue, by)
        for one in seen.items
        for part in await _found(db, person, one, told)
    ]
    return replace(
        summed(parts),
        engine=f"{ENGINE}; {PLATE.name} {by}",
        text=", ".join(part.item.phrase for part in parts),
        notes=_notes(seen, parts),
    )


async def ready(person: Person, photos: Sequence[Photo]) -> list[bytes]:
    """The photos as fresh JPEGs, made where nothing can be hurt by opening them."""
    sent = [one for one in photos if not isinstance(one, Prepared)]
    opened = iter(await open_photos(person, sent) if sent or not photos else ())
    return [(one if isinstance(one, Prepared) else next(opened)).picture for one in photos]


async def open_photos(person: Person, sent: Sequence[bytes]) -> list[Prepared]:
    """The files that a person sent, opened. Raises the pictures' own problems (`Invalid`, `TooLarge`,
    `NotAPicture`), and `TooMany` while others of theirs are being opened."""
    pictures.check_uploads(sent)
    with TURNS.of(person):
        return [await pictures.prepare(data) for data in sent]


def call_for(person: Person, told: Told, purpose: str) -> Call:
    """On whose behalf a model is asked: the person's name never leaves."""
    names = (person.name,) if person.name else ()
    return Call(purpose=purpose, person_id=person.id, consented=told.consented, names=names)


async def _found(db: Db, person: Person, one: SeenFood, told: Told) -> tuple[Found, ...]:
    name, said = plain(one.name), plain(one.said)
    named = NamedFood(
        name=name,
        said=said or name,
        grams=one.grams,
        spread=spread_of(one.grams, one.low_g, one.high_g),
        seen=one.confidence,
    )
    return await found(db, person, named, told.locale)


def _explained(part: Found, one: SeenFood, cue: SizeCue, by: str) -> Found:
    """The item with where its grams come from before how its food was found."""
    low, high = sorted((min(one.low_g, one.grams), max(one.high_g, one.grams)))
    sight = gettext(
        "Seen on the photo by %(by)s: about %(grams)s g (%(low)s to %(high)s), %(cue)s."
    ) % {
        "by": plain(by),
        "grams": f"{one.grams:.4g}",
        "low": f"{low:.4g}",
        "high": f"{high:.4g}",
        "cue": cue_told(cue),
    }
    return replace(part, item=replace(part.item, why=f"{sight} {part.item.why}"))


def _notes(seen: SeenPlate, parts: Sequence[Found]) -> tuple[str, ...]:
    """How far to trust it, in sentences."""
    if not seen.items:
        return (gettext("No food was seen on the photo."),)
    notes = [
        gettext("The grams are estimates from the photo: look at each and correct it."),
        gettext("Sizes: %(cue)s.") % {"cue": cue_told(seen.size_cue)},
    ]
    if seen.size_cue == "none":
        notes.append(gettext("A bank card or a fork beside the plate lets sizes be measured."))
    if any(part.is_part for part in parts):
        notes.append(split_note())
    if any(part.item.food is None for part in parts):
        notes.append(gettext("What no table holds is named without figures and not counted."))
    return tuple(notes)
