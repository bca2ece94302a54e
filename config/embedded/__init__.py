"""PostgreSQL and Valkey from Python packages: what a clean machine runs on."""

from config.embedded.lifetime import data_dir
from config.embedded.postgres import postgres
from config.embedded.valkey import valkey

__all__ = ["data_dir", "postgres", "valkey"]
