from rest_framework import serializers

from mobilize.signups.models import Signup
from mobilize.tasks.serializers import PostSerializer


class SignupInput(serializers.Serializer):
    accepts_covenant = serializers.BooleanField(required=False, default=False, help_text="Needed once per campaign.")


class SignupSerializer(serializers.ModelSerializer):
    shift = serializers.UUIDField(source="shift_id")
    post = PostSerializer(source="shift.post")
    starts_at = serializers.DateTimeField(source="shift.starts_at")
    ends_at = serializers.DateTimeField(source="shift.ends_at")
    position = serializers.IntegerField(allow_null=True, help_text="On the waiting list, from 1; else null.")
    reference = serializers.CharField()

    class Meta:
        model = Signup
        fields = [
            "id", "reference", "shift", "post", "starts_at", "ends_at", "status", "position", "created_at",
            "withdrawn_at",
        ]  # fmt: skip
