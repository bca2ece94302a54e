from rest_framework import serializers


class CodeRequest(serializers.Serializer):
    phone = serializers.CharField(max_length=40, help_text="Any usual spelling; +86 may be left out.")


class CodeAnswer(serializers.Serializer):
    challenge = serializers.UUIDField(source="pk")
    expires_at = serializers.DateTimeField()


class TokenRequest(serializers.Serializer):
    challenge = serializers.UUIDField()
    code = serializers.CharField(max_length=20)
    totp = serializers.CharField(
        max_length=12,
        required=False,
        help_text="An officer's second factor; without it the token has no officer rights.",
    )


class TokenAnswer(serializers.Serializer):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
