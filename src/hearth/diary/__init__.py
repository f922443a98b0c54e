"""The diary: what was eaten and weighed, on which day, towards which goals.

A *meal* is eaten at a time and has *items*; an *item* is an amount of a food with a snapshot of its
nutrients. A *day* is the person's local day with its totals, each with its coverage. A *goal* holds
from a day on. Every change and deletion can be taken back for 30 days.
"""

# Verbs that are called like their module have another name out here: a function would hide it.

from hearth.diary.changes import (
    add_items,
    change_item,
    change_meal,
    delete_meal,
    remove_item,
    undo_meal,
)
from hearth.diary.days import Day, DayRange, day
from hearth.diary.days import days as day_range
from hearth.diary.demo import make_demo
from hearth.diary.goals import Goal, NewGoal, Target, delete_goal, set_goal, undo_goal
from hearth.diary.goals import goals as all_goals
from hearth.diary.items import Item, ItemChange, NewItem
from hearth.diary.meals import (
    Meal,
    MealChange,
    MealChanged,
    MealDeleted,
    MealLogged,
    NewCopy,
    NewMeal,
    copy_day,
    copy_meal,
    log_meal,
    meal,
)
from hearth.diary.photos import NewPhoto, Photo, add_photo, delete_photo
from hearth.diary.settings import Settings, SettingsChange, change_settings
from hearth.diary.settings import settings as settings_of
from hearth.diary.weights import (
    NewWeight,
    Weight,
    WeightChange,
    change_weight,
    delete_weight,
    undo_weight,
    weigh,
)
from hearth.diary.weights import weights as weights_between

__all__ = [
    "Day",
    "DayRange",
    "Goal",
    "Item",
    "ItemChange",
    "Meal",
    "MealChange",
    "MealChanged",
    "MealDeleted",
    "MealLogged",
    "NewCopy",
    "NewGoal",
    "NewItem",
    "NewMeal",
    "NewPhoto",
    "NewWeight",
    "Photo",
    "Settings",
    "SettingsChange",
    "Target",
    "Weight",
    "WeightChange",
    "add_items",
    "add_photo",
    "all_goals",
    "change_item",
    "change_meal",
    "change_settings",
    "change_weight",
    "copy_day",
    "copy_meal",
    "day",
    "day_range",
    "delete_goal",
    "delete_meal",
    "delete_photo",
    "delete_weight",
    "log_meal",
    "make_demo",
    "meal",
    "remove_item",
    "set_goal",
    "settings_of",
    "undo_goal",
    "undo_meal",
    "undo_weight",
    "weigh",
    "weights_between",
]
