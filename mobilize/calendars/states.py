from django.db import models


class Standing(models.TextChoices):
    """How an event stands, in the words of RFC 5545; it only ever goes from an earlier one to a later one."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


def rank(standing: Standing) -> int:
    """Return how far an event has come: its number in the order of standings, from 0."""
    return list(Standing).index(standing)
