"""What was typed and could not be taken for want of a sign-in: kept in the session, given back in one tap."""

from dataclasses import dataclass

from django.http import HttpRequest

KEY = "unsent"
# Never kept and never written into a page again.
SECRETS = {"password", "password1", "password2", "oldpassword", "code", "csrfmiddlewaretoken"}


@dataclass(frozen=True)
class Unsent:
    """A form that was sent in vain.

    Attributes:
        path: where it goes.
        fields: names and values in the order they came, without secrets.
    """

    path: str
    fields: list[tuple[str, str]]


def of(request: HttpRequest) -> Unsent:
    """Return the form that this POST carries."""
    fields = [(name, str(value)) for name, values in request.POST.lists() for value in values if name not in SECRETS]
    return Unsent(path=request.get_full_path(), fields=fields)


def keep(request: HttpRequest) -> None:
    """Keep this POST's form until its sender has signed in."""
    form = of(request)
    request.session[KEY] = {"path": form.path, "fields": form.fields}


def kept(request: HttpRequest) -> Unsent | None:
    """Return the form that waits in the session, None when there is none."""
    state = request.session.get(KEY)
    return Unsent(path=state["path"], fields=state["fields"]) if state else None


def forget(request: HttpRequest) -> None:
    """Drop the waiting form: this session's person has sent something since."""
    request.session.pop(KEY, None)
