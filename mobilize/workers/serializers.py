from rest_framework import serializers

from mobilize.workers.models import Honour, Worker
from mobilize.workers.states import Skill


class HonourSerializer(serializers.ModelSerializer):
    class Meta:
        model = Honour
        fields = ["id", "kind", "level", "awarding_body", "year", "status"]


class MeSerializer(serializers.Serializer):
    """The signed-in person; union, community and skills are null before she has given any."""

    id = serializers.UUIDField()
    phone = serializers.CharField(source="masked_phone")
    name = serializers.CharField()
    union = serializers.UUIDField(source="worker.union_id", allow_null=True)
    union_name = serializers.CharField(source="worker.union.name", allow_null=True)
    home_community = serializers.CharField(source="worker.home_community", allow_null=True)
    skills = serializers.ListField(child=serializers.CharField(), source="worker.skills", allow_null=True)


class PersonSerializer(serializers.ModelSerializer):
    """A person as officers see her."""

    id = serializers.UUIDField(source="user_id")
    name = serializers.CharField(source="user.name")
    phone = serializers.CharField(source="user.masked_phone", help_text="Masked.")
    union = serializers.UUIDField(source="union_id")
    union_name = serializers.CharField(source="union.name")

    class Meta:
        model = Worker
        fields = ["id", "name", "phone", "union", "union_name"]


class ProfileInput(serializers.Serializer):
    name = serializers.CharField(max_length=60, required=False)
    union = serializers.UUIDField(required=False)
    home_community = serializers.CharField(max_length=60, required=False, allow_blank=True)
    skills = serializers.ListField(child=serializers.ChoiceField(choices=Skill.choices), required=False)
    consent = serializers.BooleanField(
        required=False, help_text="That these data are kept; needed once, with the first profile."
    )
