from rest_framework import serializers


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
