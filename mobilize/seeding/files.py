"""Reading the data files of `seeds/`."""

from functools import cache
from typing import Any

import yaml
from django.conf import settings


@cache
def read(name: str) -> Any:
    """Return the content of `seeds/<name>.yaml`."""
    path = settings.ROOT / "seeds" / f"{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))
