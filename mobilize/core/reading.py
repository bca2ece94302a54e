"""One answer for all that is wrong with a request: what cannot be read and what the domain refuses."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from django.db import transaction
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import SkipField
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from mobilize.core.errors import Invalid

T = TypeVar("T")


def judged(serializer: Serializer, call: Callable[..., T]) -> T:
    """Hand the request's data to a service and return its answer.

    Args:
        serializer: of the request's data.
        call: a service without effects outside of the database; its keywords are the serializer's fields.
    Raises:
        ValidationError: something cannot be read. The service has then judged the rest, in a transaction that was
            given up, and what it refuses is named too.
        DomainError: as the service raises it.
    """
    if serializer.is_valid():
        return call(**serializer.validated_data)
    wrong = dict(serializer.errors)
    if isinstance(serializer.initial_data, Mapping):
        unread = field_names(wrong)
        for name, codes in _refused(serializer, call).items():
            if name not in unread:
                wrong[name] = [ErrorDetail(code.replace("_", " "), code) for code in codes]
    raise ValidationError(wrong)


def _refused(serializer: Serializer, call: Callable[..., object]) -> dict[str, list[str]]:
    try:
        with transaction.atomic():
            call(**_readable(serializer, serializer.initial_data))
            transaction.set_rollback(True)
    except Invalid as error:
        return error.fields
    return {}


def _readable(field: Any, data: Any) -> Any:
    """Return what can be read of the data; a needed field that cannot be has its empty value."""
    if isinstance(field, ListSerializer):
        return [_readable(field.child, item) for item in data] if isinstance(data, list) else []
    given = data if isinstance(data, Mapping) else {}
    values = {}
    for name, inner in field.fields.items():
        with suppress(SkipField):
            try:
                values[name] = inner.run_validation(inner.get_value(given))
            except ValidationError:
                if isinstance(inner, BaseSerializer):
                    values[name] = _readable(inner, given.get(name))
                elif inner.required:
                    values[name] = inner.get_initial()
    return values


def field_names(detail: Any) -> set[str]:
    """Return the dotted names of the fields in DRF's nested errors."""
    return {error["field"] for error in flattened(detail)}


def flattened(detail: Any, path: str = "") -> list[dict[str, str]]:
    """Return DRF's nested errors as [{"field", "code", "detail"}], fields of lists named like `drivers.0.plate`."""
    if isinstance(detail, dict):
        return [
            item
            for name, inner in detail.items()
            for item in flattened(inner, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
        ]
    if isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        return [item for index, inner in enumerate(detail) for item in flattened(inner, f"{path}.{index}".lstrip("."))]
    if isinstance(detail, list):
        return [{"field": path, "code": str(getattr(item, "code", "invalid")), "detail": str(item)} for item in detail]
    return [{"field": path, "code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}]
