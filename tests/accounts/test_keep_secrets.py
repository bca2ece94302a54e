import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.fernet import InvalidToken

from mobilize.core.crypto import opened, sealed
from tests.factories import UserFactory

SECRET = "JBSWY3DPEHPK3PXP"


@pytest.mark.django_db
def test_a_second_factor_is_kept_encrypted_and_still_lets_in():
    TOTP.activate(UserFactory(), SECRET)
    kept = Authenticator.objects.get()
    assert SECRET not in str(kept.data)
    code = format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))
    assert kept.wrap().validate_code(code)


def test_a_secret_sealed_under_another_key_does_not_open(settings):
    token = sealed("中文 secret")
    assert opened(token) == "中文 secret"
    settings.CODE_KEY = "another key"
    with pytest.raises(InvalidToken):
        opened(token)
