from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from mobilize.supply.models import Merchant, SupplyChannel


class SupplyChannelInline(TabularInline):
    model = SupplyChannel
    extra = 0


@admin.register(Merchant)
class MerchantAdmin(ModelAdmin):
    list_display = ["name", "is_invented"]
    list_filter = ["is_invented"]
    search_fields = ["name"]
    inlines = [SupplyChannelInline]


@admin.register(SupplyChannel)
class SupplyChannelAdmin(ModelAdmin):
    list_display = ["name", "merchant", "category", "kind", "delivered_by", "status"]
    list_filter = ["category", "kind", "delivered_by", "status", "is_invented"]
    list_select_related = ["merchant"]
    search_fields = ["name", "merchant__name"]
