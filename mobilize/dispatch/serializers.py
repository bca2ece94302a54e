from rest_framework import serializers

from mobilize.dispatch.models import Offer, Trip
from mobilize.fleets.serializers import VehicleSerializer


class OfferInput(serializers.Serializer):
    task_id = serializers.UUIDField()
    fleet_ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=200)
    driver_ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=1000)


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
