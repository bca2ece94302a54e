"""Settings of the tests: the project's own, on servers that stay up for the whole run.

Every test process comes through here. Under xdist the controller comes first and starts embedded servers unless
DATABASE_URL names one; its workers inherit the addresses.
"""

import atexit
import os
from contextlib import ExitStack
from urllib.parse import urlsplit

from config import servers

os.environ["DEMO"] = "true"
_servers = ExitStack()
_servers.enter_context(servers.provided())
atexit.register(_servers.close)

# Each process has database numbers of its own in Valkey (the embedded one has 64), apart from those of `make run`.
_process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
for _number, _name in enumerate(("BROKER_URL", "CACHE_URL"), start=2 + 2 * _process):
    os.environ[_name] = urlsplit(os.environ[_name])._replace(path=f"/{_number}").geturl()

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STORAGES  # noqa: E402

DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
QUIET_HOURS = None  # tests run at every hour; those of quiet hours set them
