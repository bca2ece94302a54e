from rest_framework import serializers

from mobilize.attendance.scans import MOST_SCANS
from mobilize.attendance.states import Outcome, Step


class ScanInput(serializers.Serializer):
    id = serializers.UUIDField(source="key", help_text="The phone's own; sent again it gets the same answer.")
    step = serializers.ChoiceField(choices=Step.choices)
    at = serializers.DateTimeField(help_text="By the phone's clock: at most 24 hours back, or 2 minutes ahead.")
    shown = serializers.CharField(max_length=300, help_text="The scanned address, or the six digits under it.")


class ScansInput(serializers.Serializer):
    scans = serializers.ListField(child=ScanInput(), max_length=MOST_SCANS)


class HeardSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="key")
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    code = serializers.CharField(help_text="Why it was refused.")
    name = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True, help_text="The time that stands now.")


class AnswerSerializer(serializers.Serializer):
    scans = HeardSerializer(many=True)
