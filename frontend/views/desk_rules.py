"""Rules of messages at the desk: what is said when, by which way, in which words."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from frontend.forms.base import refusals
from frontend.forms.rules import RuleForm, fault_of
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page, may
from mobilize.channels import roads
from mobilize.core.actor import Actor
from mobilize.core.errors import NotFound
from mobilize.reminders import editing, policies, rules, samples, wordings


@desk_page
def entries(request: HttpRequest) -> HttpResponse:
    """List what is said when, and whether it is as the standard says."""
    actor = actor_of(request)
    context = {
        "entries": rules.entries(policies.rule_changes_visible_to(actor)),
        "quiet": settings.QUIET_HOURS,
        "may_change": may(policies.demand_rules, actor),
    }
    return render(request, "desk/rules.html", context)


@desk_page
def entry(request: HttpRequest, kind: str) -> HttpResponse:
    """Show one kind and change it."""
    actor = actor_of(request)
    found = _to_change(actor, kind)
    form = RuleForm(request.POST or None, entry=found)
    if form.is_valid():
        with refusals(form):
            editing.change(actor=actor, kind=kind, now=timezone.now(), **form.values())
            messages.success(request, _("Saved."))
            return redirect(request, "desk_rule", kind)
    context = {
        "form": form,
        "entry": found,
        "texts": [_shown(found, field) for field in form.text_fields()],
        "registered": roads.sends_registered_texts(),
    }
    return render(request, "desk/rule.html", context, parts=["sheet"], status=status_of(form))


@require_POST
@desk_page
def standard(request: HttpRequest, kind: str) -> HttpResponse:
    """Go back to the standard."""
    editing.back_to_standard(actor=actor_of(request), kind=kind, now=timezone.now())
    messages.success(request, _("It is as the standard says again."))
    return redirect(request, "desk_rule", kind)


@require_POST
@desk_page
def preview(request: HttpRequest, kind: str) -> HttpResponse:
    """Show a text as it would be read, while it is being written."""
    found = _to_change(actor_of(request), kind)
    name = request.POST.get("preview", "")
    if name not in _places(found):
        raise NotFound
    return render(request, "desk/rule_preview.html", _preview(found, name, request.POST.get(name, "")))


def _to_change(actor: Actor, kind: str) -> rules.Entry:
    policies.demand_rules(actor)
    return rules.entry(policies.rule_changes_visible_to(actor), kind)


def _shown(entry: rules.Entry, field: Any) -> dict[str, Any]:
    return {"field": field} | _preview(entry, field.name, str(field.value() or ""))


def _places(entry: rules.Entry) -> dict[str, tuple[str, str]]:
    return {
        editing.field_of(variant, language): (variant, language)
        for variant in wordings.variants(entry.kind)
        for language, _spoken in settings.LANGUAGES
    }


def _preview(entry: rules.Entry, name: str, text: str) -> dict[str, Any]:
    variant, language = _places(entry)[name]
    text = " ".join(text.split())
    fault = fault_of(wordings.variants(entry.kind)[variant], text, language)
    return {"name": name, "lang": language, "fault": fault, "sample": None if fault else samples.sample(text, language)}
