"""Voice: from a recording to the words of a meal.

A *recording* is what a browser made (webm, ogg, mp4, wav); a *sound* is that decoded; a *draft* is
what the embedded recogniser makes of it, in English, to be corrected by the person. Decoding and
hearing happen in the *listening process*, which the `Listener` starts and replaces.
"""

from hearth.recognition.voice.hearing import (
    Hear,
    Heard,
    NoRecogniser,
    Recording,
    hear_meal,
    through,
)
from hearth.recognition.voice.listener import Listener
from hearth.recognition.voice.sounds import (
    MOST_BYTES,
    MOST_SECONDS,
    NothingHeard,
    Sound,
    TooLong,
    Unplayable,
)

__all__ = [
    "MOST_BYTES",
    "MOST_SECONDS",
    "Hear",
    "Heard",
    "Listener",
    "NoRecogniser",
    "NothingHeard",
    "Recording",
    "Sound",
    "TooLong",
    "Unplayable",
    "hear_meal",
    "through",
]
