"""Setting up the second factor."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.views import ActivateTOTPView
from django.http import HttpResponse


class SetUpView(ActivateTOTPView):
    """allauth's page. Who has just typed a code of her new app has shown the second factor of this session.

    Without this note the desk would ask for the next code, half a minute later.
    """

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        record_authentication(self.request, self.request.user, method="mfa", type="totp")
        return answer


set_up = SetUpView.as_view()
