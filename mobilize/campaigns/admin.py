from django.contrib import admin
from unfold.admin import TabularInline

from mobilize.campaigns.models import Campaign, CovenantArticle
from mobilize.core.backoffice import BackOffice


class ArticleInline(TabularInline):
    model = CovenantArticle
    extra = 0


@admin.register(Campaign)
class CampaignAdmin(BackOffice):
    list_display = ["title", "union", "status", "starts_on", "ends_on"]
    list_filter = ["status"]
    list_select_related = ["union"]
    search_fields = ["title", "title_en", "slug"]
    autocomplete_fields = ["union"]
    inlines = [ArticleInline]
