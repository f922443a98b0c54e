"""Recognition: from words to foods and grams.

A *reading* is what was understood of a text; an *item* is one food of it with grams and nutrients;
a *phrase* is the part of the text that the item came from; an *alternative* is another food that
the phrase may mean; an *alias* is what a person says that a phrase means, and goes ahead of
everything. *Confidence* is how likely an item is right; an *interval* holds the truth of a meal
four times of five. A phrase that names no food is *unread*.

The engine is pure: an `Index` of any foods, a `Reader` over it, the same text the same answer.
`Unreadable` refuses a text that is too long to be one meal.
"""

from hearth.recognition.aliases import OwnWord, forget, learn
from hearth.recognition.aliases import aliases as own_words
from hearth.recognition.allowances import LOOKS
from hearth.recognition.answers import (
    ENGINE,
    Alias,
    Alternative,
    FoodName,
    Reading,
    ReadItem,
    Unreadable,
)
from hearth.recognition.catalogue import MealText, read_meal, refresh_catalogue
from hearth.recognition.evaluation import Report, Scores, nutribench
from hearth.recognition.index import Index
from hearth.recognition.menus import Dish, Menu, read_menu, see_menu
from hearth.recognition.photos import Prepared
from hearth.recognition.photos.pictures import checked as picture_kind
from hearth.recognition.plates import LONGEST_NOTE, Told, open_photos, read_plate
from hearth.recognition.reading import Reader
from hearth.recognition.speech import close, open_listening
from hearth.recognition.terminal import read_in_terminal
from hearth.recognition.views import ReadingView, reading_view

__all__ = [
    "ENGINE",
    "LONGEST_NOTE",
    "LOOKS",
    "Alias",
    "Alternative",
    "Dish",
    "FoodName",
    "Index",
    "MealText",
    "Menu",
    "OwnWord",
    "Prepared",
    "ReadItem",
    "Reader",
    "Reading",
    "ReadingView",
    "Report",
    "Scores",
    "Told",
    "Unreadable",
    "close",
    "forget",
    "learn",
    "nutribench",
    "open_listening",
    "open_photos",
    "own_words",
    "picture_kind",
    "read_in_terminal",
    "read_meal",
    "read_menu",
    "read_plate",
    "reading_view",
    "refresh_catalogue",
    "see_menu",
]
