"""Every address of the project."""

from allauth.account.decorators import secure_admin_login
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib import admin
from django.urls import include, path

from config.health import healthz, readyz

# The back office asks for the same password and second factor as the desk. Its theme (Alpine.js) evaluates
# expressions and sets styles, which the pages of the public never may.
loosened = csp_update({"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]})
guarded = admin.site.admin_view
admin.site.admin_view = lambda *args, **kwargs: loosened(guarded(*args, **kwargs))  # type: ignore[method-assign, assignment]
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("api/v1/", include("config.api_urls")),
    path("", include("frontend.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("frontend.account_urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
]

handler400 = "config.errors.bad_request"
handler500 = "config.errors.server_error"
