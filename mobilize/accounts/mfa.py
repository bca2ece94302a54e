"""allauth's second factor with its secrets encrypted: the database alone opens no account."""

from allauth.mfa.adapter import DefaultMFAAdapter

from mobilize.core.crypto import opened, sealed


class SecretKeeper(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        return opened(encrypted_text)
