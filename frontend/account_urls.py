"""Officers sign in with a password, on allauth's pages; nobody signs up or has an e-mail here.

A forgotten password is our own page: allauth would write an e-mail.
"""

from allauth.account import views
from django.urls import path

from frontend.views import passwords, second_factor

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("2fa/totp/activate/", second_factor.set_up, name="mfa_activate_totp"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/forgotten/", passwords.forgotten, name="password_forgotten"),
    path("password/set/<uuid:user_id>/<slug:token>/", passwords.set_password, name="password_set"),
]
