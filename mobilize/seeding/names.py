"""How seeded things are marked."""

from mobilize.core.actor import SYSTEM

# Tasks that no officer and no partner wrote.
MAKER = SYSTEM.client_id or ""


def invented(name: str) -> str:
    """Return an organisation's name with the mark that it is a sample."""
    return f"{name}（示例）"
