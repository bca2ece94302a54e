from rest_framework import serializers

from mobilize.tasks.models import Post, Shift, Site, Task
from mobilize.tasks.states import Cargo, TaskKind, Urgency


class SiteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Site
        fields = ["id", "name", "name_en", "kind", "district", "address", "latitude", "longitude"]


class PostSerializer(serializers.ModelSerializer):
    site = SiteSerializer()

    class Meta:
        model = Post
        fields = ["id", "kind", "site"]


class ShiftSerializer(serializers.ModelSerializer):
    task = serializers.UUIDField(source="task_id")
    campaign = serializers.CharField(source="task.campaign.slug")
    post = PostSerializer()
    opens_at = serializers.DateTimeField(allow_null=True, help_text="When sign-up opens; null: it is open.")
    called_off_at = serializers.DateTimeField(allow_null=True, help_text="When it was called off; null: it was not.")
    taken = serializers.IntegerField(help_text="Places taken.")
    waiting = serializers.IntegerField(help_text="People on the waiting list.")
    left = serializers.IntegerField(help_text="Places free.")
    distance_km = serializers.FloatField(default=None, allow_null=True, help_text="Only with ?near=.")

    class Meta:
        model = Shift
        fields = [
            "id", "task", "campaign", "post", "starts_at", "ends_at", "opens_at", "called_off_at", "places", "taken",
            "waiting", "left", "distance_km",
        ]  # fmt: skip


class TaskSerializer(serializers.ModelSerializer):
    union = serializers.UUIDField(source="union_id")
    campaign = serializers.CharField(source="campaign.slug")
    site = SiteSerializer()
    destination = SiteSerializer(allow_null=True)
    vehicles_left = serializers.IntegerField()
    flight = serializers.UUIDField(source="flight_id", allow_null=True)

    class Meta:
        model = Task
        fields = [
            "id", "union", "campaign", "kind", "title", "description", "status", "urgency", "site", "destination",
            "starts_at", "ends_at", "vehicles_needed", "vehicles_accepted", "vehicles_left", "cargo", "seats_min",
            "load_kg_min", "refrigerated", "wheelchair", "airport", "flight", "created_at",
        ]  # fmt: skip


class TaskChange(serializers.Serializer):
    title = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=5000, allow_blank=True)
    urgency = serializers.ChoiceField(choices=Urgency.choices)
    site_id = serializers.UUIDField()
    destination_id = serializers.UUIDField(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    vehicles_needed = serializers.IntegerField(min_value=0, max_value=1000)
    cargo = serializers.ChoiceField(choices=Cargo.choices, allow_blank=True)
    seats_min = serializers.IntegerField(min_value=0, max_value=80)
    load_kg_min = serializers.IntegerField(min_value=0, max_value=50_000)
    refrigerated = serializers.BooleanField()
    wheelchair = serializers.BooleanField(help_text="Only vehicles that take a wheelchair.")
    airport = serializers.BooleanField(help_text="Only drivers cleared for the airport.")

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class TaskInput(TaskChange):
    union_id = serializers.UUIDField(required=False, help_text="A partner's own union unless told.")
    campaign_id = serializers.UUIDField(required=False, help_text="The open campaign unless told.")
    kind = serializers.ChoiceField(choices=TaskKind.choices)

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for name in ("kind", "title", "site_id", "starts_at", "ends_at"):
            fields[name].required = True
        return fields


class Reason(serializers.Serializer):
    why = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
