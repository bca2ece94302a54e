"""Base model, the trace of state changes, and remembered answers to repeated requests."""

from typing import TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.core.ids import uuid7

M = TypeVar("M", bound=models.Model)


class BaseModel(models.Model):
    """A row with a time-ordered id and its time of creation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False, verbose_name=_("created at"))

    class Meta:
        abstract = True


def known_in_part(model: type[M], **known: object) -> M:
    """Return a row of which some fields are known, as if read with `only`: another one is read when somebody asks.

    Args:
        model: whose row.
        known: values by the name of their attribute (`shift_id`), the key among them.
    """
    names = [field.attname for field in model._meta.concrete_fields if field.attname in known]
    return model.from_db(DEFAULT_DB_ALIAS, names, [known[name] for name in names])


class Transition(BaseModel):
    """One status change: of what, from, to, by whom, why."""

    subject_type = models.CharField(max_length=60, verbose_name=_("of what"))
    subject_id = models.UUIDField(verbose_name=_("about"))
    from_status = models.CharField(max_length=20, verbose_name=_("from"))
    to_status = models.CharField(max_length=20, verbose_name=_("to"))
    by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by whom")
    )
    by_client = models.CharField(max_length=100, blank=True, verbose_name=_("by which system"))
    why = models.CharField(max_length=300, blank=True, verbose_name=_("why"))

    class Meta:
        verbose_name = _("status change")
        verbose_name_plural = pgettext_lazy("back office", "status changes")
        indexes = [models.Index(fields=["subject_id", "created_at"], name="transition_by_subject")]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.from_status} -> {self.to_status}"


class IdempotentRequest(BaseModel):
    """The answer to a POST that carried an Idempotency-Key, kept to be given again."""

    principal = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    location = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["principal", "key"], name="one_answer_per_principal_and_key")]
        indexes = [models.Index(fields=["created_at"], name="idempotent_request_by_age")]

    def __str__(self) -> str:
        return self.key
