"""How invented organisations are called."""


def invented(name: str) -> str:
    """Return the name with the mark that it is a sample."""
    return f"{name}（示例）"
