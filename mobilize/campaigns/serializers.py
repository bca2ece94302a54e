from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mobilize.campaigns import queries
from mobilize.campaigns.models import Campaign, CovenantArticle


class CountersSerializer(serializers.Serializer):
    views = serializers.IntegerField()
    volunteers = serializers.IntegerField()


class CampaignSerializer(serializers.ModelSerializer):
    union = serializers.CharField(source="union.name")

    class Meta:
        model = Campaign
        fields = ["id", "slug", "title", "title_en", "union", "status", "starts_on", "ends_on"]


class ArticleSerializer(serializers.ModelSerializer):
    class Meta:
        model = CovenantArticle
        fields = ["number", "text", "text_en"]


# Of dispatch: hours of duty and rest, time to answer, people asked for each vehicle.
LIMITS = ["duty_hours", "rest_hours", "answer_seconds_now", "answer_minutes_later", "alert_factor"]


class CampaignDetailSerializer(CampaignSerializer):
    covenant = ArticleSerializer(source="articles", many=True)
    counters = serializers.SerializerMethodField()

    class Meta(CampaignSerializer.Meta):
        fields = [*CampaignSerializer.Meta.fields, "appeal", "appeal_en", "covenant", "counters", *LIMITS]

    @extend_schema_field(CountersSerializer)
    def get_counters(self, campaign: Campaign) -> dict[str, Any]:
        return dict(CountersSerializer(queries.counters(campaign.pk)).data)
