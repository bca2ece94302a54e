"""Which OAuth scopes a partner may ask for: those written on its application, nothing by default beyond them."""

from typing import Any

from oauth2_provider.scopes import SettingsScopes


class ApplicationScopes(SettingsScopes):
    """Scopes from the application's own list instead of one list for all."""

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        known = self.get_all_scopes()
        allowed = application.allowed_scopes.split() if application else known
        return [scope for scope in allowed if scope in known]

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        return self.get_available_scopes(application, request)
