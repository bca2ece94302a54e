"""Certificates of service: mine as page, file and picture, and the public page that verifies one."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from frontend import papers
from frontend.forms.certificates import NumberForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, person, worker_page
from frontend.user_agents import is_wechat
from mobilize.attendance.states import Source
from mobilize.core.errors import NotFound
from mobilize.core.proxies import client_address
from mobilize.recognition import policies, queries, services
from mobilize.recognition.states import CertificateState
from mobilize.workers import queries as workers

STYLE = "frontend/certificate.css"
QUIET_ZONE = 4  # modules, as the standard demands


@worker_page
def mine(request: HttpRequest) -> HttpResponse:
    """List what I can have certificates for, and issue one."""
    if request.method == "POST":
        issued = services.issue(
            actor=actor_of(request), campaign_id=_campaign_id(request.POST.get("campaign", "")), now=timezone.now()
        )
        return redirect(request, "certificate", issued.pk)
    worker = workers.profile(user_id=person(request).pk)
    earned = queries.earned(worker_id=worker.pk) if worker else []
    return render(request, "worker/certificates.html", {"earned": earned})


def _campaign_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)  # no campaign's


@worker_page
def sheet(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Show one of my certificates as it is printed."""
    return render(request, "worker/certificate.html", _printed(_mine(request, certificate_id)))


@worker_page
def pdf(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Give one of my certificates as a PDF; inside WeChat say how to come out of it."""
    certificate = _mine(request, certificate_id)
    if queries.state(certificate) == CertificateState.VOID:
        return redirect(request, "certificate", certificate_id)  # which says why, and has a new one issued
    if _in_wechat(request):
        context = {"heading": _("Save as PDF"), "url": reverse("certificate", args=[certificate_id])}
        return render(request, "worker/outside_wechat.html", context)
    return _file(certificate, _pdf(certificate), "application/pdf", "pdf")


@worker_page
def png(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Give one of my certificates as a picture, to send on in a chat; WeChat saves what is held pressed, no file."""
    certificate = _mine(request, certificate_id)
    if queries.state(certificate) == CertificateState.VOID:
        return redirect(request, "certificate", certificate_id)
    answer = _file(certificate, papers.png(_pdf(certificate)), "image/png", "png")
    if _in_wechat(request):
        answer["Content-Disposition"] = "inline"
    return answer


def _in_wechat(request: HttpRequest) -> bool:
    return is_wechat(request.headers.get("User-Agent", ""))


def _mine(request: HttpRequest, certificate_id: UUID) -> Any:
    return queries.one(policies.own(actor_of(request)), certificate_id)


def _pdf(certificate: Any) -> bytes:
    html = render_to_string("worker/certificate_file.html", _printed(certificate))
    return papers.pdf(html, STYLE, key=f"{certificate.pk}:{get_language()}")


def _printed(certificate: Any) -> dict[str, Any]:
    """What the sheet shows. The signed summary follows a #: it never reaches a server, and no log of one."""
    address = settings.PUBLIC_URL + reverse("certificate_verify", args=[certificate.number])
    code = segno.make(f"{address}#{certificate.signed}", error="l", micro=False)
    return {
        "certificate": certificate,
        "state": queries.state(certificate),
        "address": address,
        "qr": code.svg_inline(border=QUIET_ZONE, omitsize=True),
    } | _served(certificate)


def _served(certificate: Any) -> dict[str, Any]:
    return {
        "served": [
            (Source(source).label, round(minutes / 60, 1)) for source, minutes in certificate.minutes.items() if minutes
        ],
        "valid": CertificateState.VALID,
    }


def _file(certificate: Any, content: bytes, kind: str, ending: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="certificate-{certificate.number}.{ending}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def check(request: HttpRequest) -> HttpResponse:
    """Ask for the number of a certificate."""
    form = NumberForm(request.GET if "number" in request.GET else None)
    if form.is_valid():
        return redirect(request, "certificate_verify", form.cleaned_data["number"])
    return render(request, "worker/certificate_check.html", {"form": form}, status=status_of(form))


def verify(request: HttpRequest, number: str) -> HttpResponse:
    """Tell anybody with the number whether a certificate is valid, and what stands on it; the name is masked.

    A scanned code says more, behind the #, which stays in the browser: there it is compared with the hash of what was
    signed.
    """
    try:
        found = services.look_up(number=number, address=client_address(request.META))
    except NotFound:
        form = NumberForm({"number": number})
        form.add_error("number", _("There is no certificate with this number: it is not genuine, or was mistyped."))
        return render(request, "worker/certificate_check.html", {"form": form}, status=404)
    signed_hash = sha256(found.signed.encode()).hexdigest()
    context = {"certificate": found, "state": queries.state(found), "signed_hash": signed_hash} | _served(found)
    return render(request, "worker/certificate_verify.html", context)


def key(request: HttpRequest) -> HttpResponse:
    """Give the public key with which certificates are verified without this system."""
    return HttpResponse(services.public_key(), content_type="application/x-pem-file")
