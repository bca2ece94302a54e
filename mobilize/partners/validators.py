"""Who may have a partner's token."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator


class PartnerValidator(OAuth2Validator):
    """Looks for no application under a name that PostgreSQL could not keep."""

    def _load_application(self, client_id: str | None, request: Any) -> Any:
        return None if "\0" in (client_id or "") else super()._load_application(client_id, request)
