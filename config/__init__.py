"""Composition root: the only place that knows every part of Mobilize."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
