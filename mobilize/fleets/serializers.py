from rest_framework import serializers

from mobilize.fleets.models import Driver, Fleet, Vehicle
from mobilize.fleets.states import FleetKind


class VehicleSerializer(serializers.ModelSerializer):
    class Meta:
        model = Vehicle
        fields = ["id", "plate", "seats", "load_kg", "refrigerated", "wheelchair"]


class DriverSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="worker.user.name")
    phone = serializers.CharField(source="worker.user.masked_phone", help_text="Masked.")
    vehicle = VehicleSerializer(allow_null=True)

    class Meta:
        model = Driver
        fields = ["id", "name", "phone", "active", "airport", "vehicle"]


class FleetSerializer(serializers.ModelSerializer):
    union = serializers.UUIDField(source="union_id")
    leader = serializers.CharField(source="leader.name")
    leader_phone = serializers.CharField(source="leader.masked_phone", help_text="Masked.")
    driver_count = serializers.IntegerField()

    class Meta:
        model = Fleet
        fields = [
            "id", "name", "kind", "union", "leader", "leader_phone", "status", "enrolled_at", "driver_count", "base",
            "latitude", "longitude",
        ]  # fmt: skip


class DriverInput(serializers.Serializer):
    name = serializers.CharField(max_length=60)
    phone = serializers.CharField(max_length=40)
    plate = serializers.CharField(max_length=20)
    seats = serializers.IntegerField(default=4, min_value=0, max_value=80)
    load_kg = serializers.IntegerField(default=0, min_value=0, max_value=50_000)
    refrigerated = serializers.BooleanField(default=False)
    wheelchair = serializers.BooleanField(default=False, help_text="The vehicle takes a wheelchair.")
    airport = serializers.BooleanField(default=False, help_text="The driver is cleared for the airport.")


class DriversInput(serializers.Serializer):
    drivers = DriverInput(many=True)


class BaseInput(serializers.Serializer):
    """Where a fleet's vehicles stand; its position comes whole or not at all."""

    base = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    latitude = serializers.DecimalField(
        max_digits=8, decimal_places=5, required=False, allow_null=True, default=None, help_text="Degrees, WGS 84."
    )
    longitude = serializers.DecimalField(
        max_digits=8, decimal_places=5, required=False, allow_null=True, default=None, help_text="Degrees, WGS 84."
    )


class FleetInput(BaseInput):
    union_id = serializers.UUIDField(required=False, help_text="A partner's own union unless told.")
    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=FleetKind.choices)
    leader_name = serializers.CharField(max_length=60)
    leader_phone = serializers.CharField(max_length=40)
    drivers = DriverInput(many=True, required=False)
