"""The tree of unions, and the officers who hold a role on a node of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from tree_queries.models import TreeNode
from tree_queries.query import TreeQuerySet

from mobilize.core.models import BaseModel
from mobilize.unions.states import Level, Role


class Union(BaseModel, TreeNode):
    """A trade union: city federation, district, industry, enterprise or grassroots."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=150, blank=True)
    level = models.CharField(_("level"), max_length=12, choices=Level.choices)
    # embedded PostgreSQL has no ICU collation: Chinese names sort by their pinyin
    sort_key = models.CharField(max_length=200, blank=True)

    objects = TreeQuerySet.as_manager()

    class Meta:
        verbose_name = _("union")
        verbose_name_plural = pgettext_lazy("back office", "unions")
        ordering: ClassVar[list[str]] = ["sort_key", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level=Level.CITY) | models.Q(parent__isnull=False),
                name="only_a_city_federation_stands_alone",
            )
        ]
        indexes = [models.Index(fields=["sort_key", "name"], name="union_sorted")]

    def __str__(self) -> str:
        return self.name


class Officer(BaseModel):
    """A person's role on a node of the tree; her scope is the node and everything below it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="offices", verbose_name=_("person"))
    union = models.ForeignKey(Union, models.CASCADE, related_name="officers", verbose_name=_("union"))
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)

    class Meta:
        verbose_name = _("officer")
        verbose_name_plural = pgettext_lazy("back office", "officers")
        constraints = [models.UniqueConstraint(fields=["user", "union"], name="one_role_for_each_officer_and_union")]

    def __str__(self) -> str:
        return f"{self.user} · {self.union} · {self.get_role_display()}"
