import time
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers

from mobilize.signups.models import Signup, SignupGroup
from mobilize.tasks.models import Post
from mobilize.tasks.serializers import PostSerializer

POST_LASTS = 60  # seconds
MOST_POSTS = 2000


class SignupInput(serializers.Serializer):
    accepts_covenant = serializers.BooleanField(required=False, default=False, help_text="Needed once per campaign.")


class SignupSerializer(serializers.ModelSerializer):
    shift = serializers.UUIDField(source="shift_id")
    group = serializers.UUIDField(source="group_id", allow_null=True)
    post = PostSerializer(source="shift.post")
    starts_at = serializers.DateTimeField(source="shift.starts_at")
    ends_at = serializers.DateTimeField(source="shift.ends_at")
    position = serializers.IntegerField(allow_null=True, help_text="On the waiting list, from 1; else null.")
    answer_by = serializers.DateTimeField(allow_null=True, help_text="Until when an offered place is held.")
    signed_up_by_other = serializers.BooleanField(default=False, help_text="Somebody else signed the person up.")
    reference = serializers.CharField()

    class Meta:
        model = Signup
        fields = [
            "id", "reference", "shift", "group", "post", "starts_at", "ends_at", "status", "position", "answer_by",
            "signed_up_by_other", "created_at", "withdrawn_at",
        ]  # fmt: skip


@lru_cache(MOST_POSTS)
def _post(post_id: UUID, minute: int) -> dict[str, Any]:
    return PostSerializer(Post.objects.select_related("site").get(pk=post_id)).data


def just_made(signup: Signup) -> dict[str, Any]:
    """Return what `SignupSerializer` says of one's own new sign-up, with the facts of its post from memory.

    In a surge many people sign up at few posts, which need not be read again for each answer.

    Args:
        signup: as `services.sign_up` returns it.
    """
    here = timezone.get_current_timezone()
    return {
        "id": str(signup.pk),
        "reference": signup.reference,
        "shift": str(signup.shift_id),
        "group": None,
        "post": _post(signup.post_id, int(time.monotonic() // POST_LASTS)),  # type: ignore[attr-defined]
        "starts_at": signup.during.lower.astimezone(here).isoformat(),
        "ends_at": signup.during.upper.astimezone(here).isoformat(),
        "status": signup.status,
        "position": signup.position,  # type: ignore[attr-defined]  # an annotation
        "answer_by": None,
        "signed_up_by_other": False,
        "created_at": signup.created_at.astimezone(here).isoformat(),
        "withdrawn_at": None,
    }


class MemberSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="worker.user.name")
    phone = serializers.CharField(source="worker.user.masked_phone", help_text="Masked.")
    position = serializers.IntegerField(allow_null=True, help_text="On the waiting list, from 1; else null.")
    reference = serializers.CharField()

    class Meta:
        model = Signup
        fields = ["id", "reference", "name", "phone", "status", "position", "answer_by"]


class GroupSerializer(serializers.ModelSerializer):
    shift = serializers.UUIDField(source="shift_id")
    leader = serializers.CharField(source="leader.name", default="")
    reference = serializers.CharField()
    passed_over = serializers.IntegerField(
        help_text="How often somebody who came later got a place, because it was too few for the group."
    )
    members = MemberSerializer(many=True)

    class Meta:
        model = SignupGroup
        fields = ["id", "reference", "shift", "name", "leader", "created_at", "passed_over", "members"]


class PersonInput(serializers.Serializer):
    name = serializers.CharField(max_length=60)
    phone = serializers.CharField(max_length=40)


class _ListInput(serializers.Serializer):
    members = PersonInput(many=True)
    accepts_covenant = serializers.BooleanField(required=False, default=False, help_text="For everybody.")


class EnrolmentInput(_ListInput):
    corrects_names = serializers.BooleanField(
        required=False, default=False, help_text="The names are right: correct those refused as `name_unproven`."
    )


class GroupInput(_ListInput):
    name = serializers.CharField(max_length=60)
    with_me = serializers.BooleanField(required=False, default=True, help_text="The leader comes too.")


class ShiftChange(serializers.Serializer):
    places = serializers.IntegerField(min_value=1, max_value=1000)


class MergeInput(serializers.Serializer):
    keep = serializers.CharField(max_length=40, help_text="Phone number of the person who stays.")
    drop = serializers.CharField(max_length=40, help_text="Phone number that goes; it leads to the one who stays.")
