from rest_framework import serializers

from mobilize.dispatch import plans
from mobilize.dispatch.models import Assignment, Offer, Plan, Search, Trip, Unserved
from mobilize.dispatch.states import PlanMode
from mobilize.fleets.serializers import VehicleSerializer
from mobilize.tasks.models import Flight
from mobilize.tasks.states import RiskClass


class OfferInput(serializers.Serializer):
    task_id = serializers.UUIDField()
    fleet_ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=200)
    driver_ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=1000)


class PlanInput(serializers.Serializer):
    task_ids = serializers.ListField(child=serializers.UUIDField(), max_length=3000)
    mode = serializers.ChoiceField(PlanMode.choices, default=PlanMode.AUTO)
    keeping = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="An earlier plan whose pinned assignments stay, and whose struck-out ones do not come back.",
    )


class PinInput(serializers.Serializer):
    assignment_id = serializers.UUIDField()
    pinned = serializers.BooleanField()


class StrikeInput(serializers.Serializer):
    assignment_id = serializers.UUIDField()
    struck = serializers.BooleanField()


class CommitInput(serializers.Serializer):
    seen = serializers.CharField(
        max_length=8,
        required=False,
        allow_blank=True,
        default="",
        help_text="The version of the plan that was looked at.",
    )


class AcceptInput(serializers.Serializer):
    vehicles = serializers.IntegerField(min_value=1, max_value=1000)


class WhyInput(serializers.Serializer):
    why = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class CompleteInput(serializers.Serializer):
    persons = serializers.IntegerField(required=False, help_text="carried; needed unless the task carries goods")
    parcels = serializers.IntegerField(required=False, help_text="handed over; needed when the task carries goods")
    received_by = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="the recipient's name or code"
    )


class FlightInput(serializers.Serializer):
    union_id = serializers.UUIDField()
    number = serializers.CharField(max_length=20)
    site_id = serializers.UUIDField()
    arrives_at = serializers.DateTimeField()
    passengers = serializers.IntegerField()
    risk = serializers.ChoiceField(choices=RiskClass.choices, default=RiskClass.LOW)
    campaign_id = serializers.UUIDField(required=False, allow_null=True)


class FlightChange(serializers.Serializer):
    number = serializers.CharField(max_length=20, required=False)
    passengers = serializers.IntegerField(required=False)
    risk = serializers.ChoiceField(choices=RiskClass.choices, required=False)


class FlightTasksInput(serializers.Serializer):
    task_ids = serializers.ListField(child=serializers.UUIDField(), max_length=200)


class MoveInput(serializers.Serializer):
    arrives_at = serializers.DateTimeField()


class FlightSerializer(serializers.ModelSerializer):
    union = serializers.UUIDField(source="union_id")
    campaign = serializers.UUIDField(source="campaign_id")
    site = serializers.UUIDField(source="site_id")
    tasks: serializers.PrimaryKeyRelatedField = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    vehicles_needed = serializers.IntegerField()
    vehicles_accepted = serializers.IntegerField()

    class Meta:
        model = Flight
        fields = [
            "id", "union", "campaign", "number", "site", "arrives_at", "passengers", "risk", "tasks",
            "vehicles_needed", "vehicles_accepted",
        ]  # fmt: skip


class SearchSerializer(serializers.ModelSerializer):
    task = serializers.UUIDField(source="task_id")
    since = serializers.DateTimeField(source="step_at")
    locked = serializers.BooleanField(help_text="Plans and the search leave the task alone.")

    class Meta:
        model = Search
        fields = ["task", "step", "since", "locked"]


class OfferSerializer(serializers.ModelSerializer):
    task = serializers.UUIDField(source="task_id")
    task_title = serializers.CharField(source="task.title")
    fleet = serializers.UUIDField(source="fleet_id", allow_null=True)
    fleet_name = serializers.CharField(source="fleet.name", allow_null=True)
    driver = serializers.UUIDField(source="driver_id", allow_null=True)

    class Meta:
        model = Offer
        fields = [
            "id", "task", "task_title", "fleet", "fleet_name", "driver", "vehicles_offered", "vehicles_accepted",
            "status", "expires_at", "answered_at", "created_at",
        ]  # fmt: skip


class TripSerializer(serializers.ModelSerializer):
    task = serializers.UUIDField(source="task_id")
    offer = serializers.UUIDField(source="offer_id")
    driver = serializers.UUIDField(source="driver_id")
    driver_name = serializers.CharField(source="driver.worker.user.name")
    vehicle = VehicleSerializer()

    class Meta:
        model = Trip
        fields = [
            "id", "task", "offer", "driver", "driver_name", "vehicle", "status", "starts_at", "ends_at", "en_route_at",
            "arrived_at", "loaded_at", "completed_at", "aborted_at", "persons", "parcels",
            "received_by", "why_aborted",
        ]  # fmt: skip


class AssignmentSerializer(serializers.ModelSerializer):
    task = serializers.UUIDField(source="task_id")
    fleet = serializers.UUIDField(source="fleet_id", allow_null=True)
    fleet_name = serializers.CharField(source="fleet.name", allow_null=True)
    driver = serializers.UUIDField(source="driver_id", allow_null=True)
    driver_name = serializers.CharField(source="driver.worker.user.name", allow_null=True)
    reasons = serializers.DictField(
        child=serializers.FloatField(allow_null=True),
        help_text="km, minutes, late (minutes), spare_seats, spare_kg, hours_served, rested (minutes); of a fleet the "
        "means of its vehicles, and how many it has free; silent: how many earlier offers of the task were let pass.",
    )

    class Meta:
        model = Assignment
        fields = [
            "id", "task", "fleet", "fleet_name", "driver", "driver_name", "vehicles", "pinned", "struck",
            "reasons",
        ]  # fmt: skip


class UnservedReasonsSerializer(serializers.Serializer):
    rule = serializers.CharField(help_text="Which kept away the driver who came nearest to serving it.")
    drivers = serializers.IntegerField(help_text="How many it kept away.")
    nearest = serializers.UUIDField(allow_null=True, help_text="That driver.")
    by = serializers.FloatField(allow_null=True, help_text="By how many seats, kg or minutes.")


class UnservedSerializer(serializers.ModelSerializer):
    task = serializers.UUIDField(source="task_id")
    reasons = UnservedReasonsSerializer()

    class Meta:
        model = Unserved
        fields = ["task", "vehicles", "reasons"]


class PlanInBriefSerializer(serializers.ModelSerializer):
    summary = serializers.DictField(help_text="As of the plan itself.")
    vehicles = serializers.IntegerField(help_text="That it would ask, or has asked.")

    class Meta:
        model = Plan
        fields = ["id", "mode", "status", "summary", "vehicles", "created_at", "committed_at"]


class PlanSerializer(serializers.ModelSerializer):
    version = serializers.SerializerMethodField(help_text="Changes with what the plan would offer.")
    tasks: serializers.ManyRelatedField = serializers.PrimaryKeyRelatedField(many=True, read_only=True)  # type: ignore[assignment]
    summary = serializers.DictField(
        help_text="seconds, cost and bound (minutes), proven, gap (of fleets), drivers, without_position, routing "
        "(straight_line, roads or fallback), let_loose (pins), parts (into which the needs were cut, when they were "
        "too many for drivers to be matched at once), left_out (task and why)."
    )
    assignments = AssignmentSerializer(many=True)
    unserved = UnservedSerializer(many=True)

    class Meta:
        model = Plan
        fields = [
            "id", "version", "mode", "status", "tasks", "summary", "assignments", "unserved", "created_at",
            "committed_at",
        ]  # fmt: skip

    def get_version(self, plan: Plan) -> str:
        return plans.version(plan)
