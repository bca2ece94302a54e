from django.contrib import admin
from django.contrib.auth.models import Group

from mobilize.accounts.models import User
from mobilize.core.backoffice import register

admin.site.unregister(Group)
register(
    User,
    fields=["name", "masked_phone", "language", "is_invented", "is_active", "is_staff", "date_joined", "last_login"],
    readonly_fields=["masked_phone", "is_invented", "date_joined", "last_login"],
    list_display=["name", "masked_phone", "is_invented", "is_active", "is_staff", "date_joined"],
    list_filter=["is_invented", "is_active", "is_staff"],
    search_fields=["=phone", "name"],
    ordering=["-date_joined"],
)
