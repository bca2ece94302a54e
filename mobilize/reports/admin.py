from django.contrib import admin
from unfold.admin import ModelAdmin

from mobilize.reports.models import Fact


@admin.register(Fact)
class FactAdmin(ModelAdmin):
    list_display = ["label", "value", "unit", "section", "is_counted"]
    list_filter = ["section", "is_counted"]
    search_fields = ["label", "label_en", "source"]
