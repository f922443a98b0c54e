"""People: who acts, how they prove it, and what they may do."""

from hearth.people.persons import ROLES, Person, may, need_role

__all__ = ["ROLES", "Person", "may", "need_role"]
