"""Settings of the tests with static files as production serves them: named by content, compressed, kept for ever."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import STORAGES

STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
STATIC_ROOT = os.environ["PACKED_STATIC"]
