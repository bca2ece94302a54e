from django.db import models
from django.utils.translation import gettext_lazy as _


class CertificateState(models.TextChoices):
    """What a certificate is worth today."""

    VALID = "valid", _("valid")
    REPLACED = "replaced", _("replaced by a newer one")
    VOID = "void", _("void")
