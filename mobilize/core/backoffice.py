"""Base of the back office's pages: fast lists, nothing counted twice."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.admin import ModelAdmin


class BackOffice(ModelAdmin):
    """A list of 50 rows a page that joins what it shows and asks for big foreign keys by search."""

    list_per_page = 50
    show_full_result_count = False


class ReadOnly(BackOffice):
    """For rows that services alone may write: events, deliveries, transitions, trips."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


def register(model: type[models.Model], base: type[BackOffice] = BackOffice, **options: Any) -> None:
    """Register a model whose page needs options alone, e.g. `list_display`."""
    admin.site.register(model, type(f"{model.__name__}Admin", (base,), options))
