"""Partner systems: OAuth clients that act for one union."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from oauth2_provider.models import AbstractApplication

from mobilize.unions.models import Union


class Application(AbstractApplication):
    """An OAuth client bound to the union whose branch it may work in."""

    union = models.ForeignKey(Union, models.CASCADE, null=True, related_name="+", verbose_name=_("acts for"))
    allowed_scopes = models.CharField(_("scopes, separated by blanks"), max_length=300, blank=True)

    class Meta(AbstractApplication.Meta):
        verbose_name = _("partner application")
        verbose_name_plural = pgettext_lazy("back office", "partner applications")
