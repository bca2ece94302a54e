from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "mobilize.campaigns"
    label = "campaigns"
