from rest_framework import serializers


class CodeRequest(serializers.Serializer):
    phone = serializers.CharField(max_length=40, help_text="Any usual spelling; +86 may be left out.")
    proof = serializers.CharField(
        max_length=2000,
        required=False,
        help_text="When the answer was `proof_required`: base64 of a JSON object with algorithm, challenge, salt and "
        "signature of `data.challenge` and the number for which SHA-256(salt + number) is its challenge (altcha).",
    )


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
