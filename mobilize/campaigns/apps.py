from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class CampaignsConfig(AppConfig):
    name = "mobilize.campaigns"
    label = "campaigns"
    verbose_name = pgettext_lazy("back office", "Campaigns")
