from rest_framework import serializers

from mobilize.unions.models import Union


class UnionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Union
        fields = ["id", "code", "name", "name_en", "level", "parent"]
