"""Whose addresses somebody sees, and who may give one for which channel."""

from uuid import UUID

from django.db.models import QuerySet

from mobilize.channels.models import Address
from mobilize.channels.states import ChannelName
from mobilize.core.actor import OFFICER, Actor
from mobilize.core.errors import Forbidden


def own_addresses(actor: Actor) -> QuerySet[Address]:
    """What the signed-in person has given.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return Address.objects.filter(user=actor.person)


def demand_giving(actor: Actor, channel: str) -> UUID:
    """Return the person whose address it becomes. A robot speaks to a whole group, so officers alone bring one.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        Forbidden: `officers_only`: a robot, without an officer's credential.
    """
    person = actor.person
    if channel == ChannelName.CHAT and OFFICER not in actor.scopes:
        raise Forbidden("officers_only")
    return person
