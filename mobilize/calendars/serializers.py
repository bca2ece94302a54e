from rest_framework import serializers

from mobilize.calendars import links
from mobilize.calendars.models import Feed


class CalendarSerializer(serializers.ModelSerializer):
    """The calendar of one's own duties. Whoever has the address reads it."""

    address = serializers.SerializerMethodField(help_text="Of an iCalendar feed, to subscribe to.")
    made_at = serializers.DateTimeField(source="created_at")

    class Meta:
        model = Feed
        fields = ["address", "made_at"]

    def get_address(self, feed: Feed) -> str:
        return links.link(feed.key)
