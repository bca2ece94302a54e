from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mobilize.channels.models import Address
from mobilize.channels.states import GIVEN, AddressState

SUBSCRIPTION = {
    "type": "object",
    "properties": {
        "endpoint": {"type": "string", "format": "uri"},
        "keys": {
            "type": "object",
            "properties": {"p256dh": {"type": "string"}, "auth": {"type": "string"}},
            "required": ["p256dh", "auth"],
        },
    },
    "required": ["endpoint", "keys"],
}


@extend_schema_field({"oneOf": [{"type": "string"}, SUBSCRIPTION]})
class AnyAddress(serializers.JSONField):
    pass


class AddressInput(serializers.Serializer):
    channel = serializers.ChoiceField(choices=[channel.value for channel in GIVEN])
    address = AnyAddress(
        help_text="For email the address, for chat the webhook's URL as WeCom, DingTalk or Feishu shows it, for push "
        "the browser's PushSubscription."
    )
    label = serializers.CharField(  # type: ignore[assignment]
        required=False, allow_blank=True, help_text="At most 60 characters."
    )


class AddressSerializer(serializers.ModelSerializer):
    """Where the person is reached besides by SMS. What opens a robot or a browser is never given out again."""

    channel = serializers.ChoiceField(choices=[channel.value for channel in GIVEN])
    address = serializers.CharField(source="masked", help_text="Masked; empty for a browser.")
    state = serializers.SerializerMethodField(help_text="Messages go to a confirmed one alone.")

    class Meta:
        model = Address
        fields = ["id", "channel", "address", "label", "state", "created_at"]

    @extend_schema_field(serializers.ChoiceField(choices=AddressState.choices))
    def get_state(self, row: Address) -> Any:
        return row.state


class ReceiptSerializer(serializers.Serializer):
    """What the gateway reports of one message. Aliyun (SmsReport) and Tencent report in forms of their own."""

    id = serializers.UUIDField(help_text="Ours, as it was sent.")
    status = serializers.ChoiceField(["accepted", "delivered", "failed"])
    detail = serializers.CharField(required=False)


class ReplySerializer(serializers.Serializer):
    """What somebody wrote back, from the gateway. Aliyun (SmsUp) and Tencent report in forms of their own."""

    id = serializers.CharField(help_text="The gateway's; a repeated one is taken once.")
    text = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return super().get_fields() | {"from": serializers.CharField()}  # a word of Python's own
