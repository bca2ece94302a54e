"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# What is loaded by now stays for good: the collector need not walk over it again and again while requests come.
gc.collect()
gc.freeze()
# A request leaves few cycles behind; looking for them every 700 new objects costs some two per cent.
gc.set_threshold(20_000, 20, 50)
