"""People who can sign in: one phone number, one person."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from mobilize.core.ids import uuid7
from mobilize.core.models import BaseModel
from mobilize.core.phones import masked, normalised
from mobilize.core.texts import MOST_NAME, validate_name


class UserManager(BaseUserManager["User"]):
    """Makes users; every way to type a number finds the same one."""

    def create_user(self, phone: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without a password the person signs in by code."""
        user = self.model(phone=normalised(phone), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, phone: str, password: str | None = None, **fields: Any) -> "User":
        """Make a back-office administrator."""
        return self.create_user(phone, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find by phone number, however it is typed."""
        return self.get(phone=normalised(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `is_invented` marks the demonstration's people: no real message ever reaches them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    phone = PhoneNumberField(
        _("phone number"), unique=True, error_messages={"unique": _("This phone number belongs to somebody.")}
    )
    name = models.CharField(_("name"), max_length=MOST_NAME, blank=True, validators=[validate_name])
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_invented = models.BooleanField(_("invented"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("back office"), default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    # Somebody with two numbers: this one only leads to the person who stayed.
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="aliases"
    )

    known_session_hash = ""  # set on a person from the cache, see accounts/backends.py

    USERNAME_FIELD = "phone"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = pgettext_lazy("back office", "people")

    def __str__(self) -> str:
        return self.name or self.masked_phone

    @property
    def masked_phone(self) -> str:
        """The number as others may see it."""
        return masked(self.phone)

    @property
    def owner(self) -> "User":
        """Who this number leads to: herself, or the person she was merged into."""
        return self.merged_into or self

    def get_session_auth_hash(self) -> str:
        """The hash that sessions carry; of a person from the cache it is known without her password."""
        if "password" not in self.__dict__ and self.known_session_hash:
            return self.known_session_hash
        return super().get_session_auth_hash()

    def get_username(self) -> str:
        """The number as text: pages index and slice it."""
        return str(self.phone)

    @property
    def has_password(self) -> bool:
        """Whether she can sign in by password; one who was made by a phone code or by an officer cannot yet."""
        return bool(self.password) and self.has_usable_password()

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Challenge(BaseModel):
    """A sign-in code sent to a number. The code itself is kept as a keyed hash."""

    phone = PhoneNumberField()
    code_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    guesses = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phone", "-created_at"], name="challenge_by_phone")]

    def __str__(self) -> str:
        return str(self.pk)
