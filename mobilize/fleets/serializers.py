from rest_framework import serializers

from mobilize.fleets.models import Driver, Fleet, Vehicle
from mobilize.fleets.states import FleetKind


class VehicleSerializer(serializers.ModelSerializer):
    class Meta:
        model = Vehicle
        fields = ["id", "plate", "seats", "load_kg", "refrigerated"]


class DriverSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="worker.user.name")
    phone = serializers.CharField(source="worker.user.masked_phone", help_text="Masked.")
    vehicle = VehicleSerializer(allow_null=True)

    class Meta:
        model = Driver
        fields = ["id", "name", "phone", "active", "vehicle"]


class FleetSerializer(serializers.ModelSerializer):
    union = serializers.UUIDField(source="union_id")
    leader = serializers.CharField(source="leader.name")
    leader_phone = serializers.CharField(source="leader.masked_phone", help_text="Masked.")
    driver_count = serializers.IntegerField()

    class Meta:
        model = Fleet
        fields = ["id", "name", "kind", "union", "leader", "leader_phone", "status", "enrolled_at", "driver_count"]


class DriverInput(serializers.Serializer):
    name = serializers.CharField(max_length=60)
    phone = serializers.CharField(max_length=40)
    plate = serializers.CharField(max_length=20)
    seats = serializers.IntegerField(default=4, min_value=0, max_value=80)
    load_kg = serializers.IntegerField(default=0, min_value=0, max_value=50_000)
    refrigerated = serializers.BooleanField(default=False)


class DriversInput(serializers.Serializer):
    drivers = DriverInput(many=True)


class FleetInput(serializers.Serializer):
    union_id = serializers.UUIDField(required=False, help_text="A partner's own union unless told.")
    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=FleetKind.choices)
    leader_name = serializers.CharField(max_length=60)
    leader_phone = serializers.CharField(max_length=40)
    drivers = DriverInput(many=True, required=False)
