from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class RecognitionConfig(AppConfig):
    name = "mobilize.recognition"
    label = "recognition"
    verbose_name = pgettext_lazy("back office", "Recognition")
