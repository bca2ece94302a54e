from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.core.rest import ApiView, page_of
from mobilize.tasks import policies, queries, services
from mobilize.tasks.models import Task
from mobilize.tasks.serializers import Reason, SiteSerializer, TaskChange, TaskInput, TaskSerializer
from mobilize.tasks.states import TaskKind, TaskStatus


class SitesView(ApiView):
    permission_classes = ()

    @extend_schema(
        responses=page_of(SiteSerializer),
        parameters=[OpenApiParameter("search", str)],
        tags=["tasks"],
        auth=[],
    )
    def get(self, request: Request) -> Response:
        """Places tasks happen at, by district."""
        sites = queries.sites(search=request.query_params.get("search", ""))
        return self.page(sites, SiteSerializer, ordering=("district", "sort_key", "id"))


class TasksView(ApiView):
    @extend_schema(
        responses=page_of(TaskSerializer),
        parameters=[
            OpenApiParameter("status", str, enum=TaskStatus.values),
            OpenApiParameter("kind", str, enum=TaskKind.values),
            OpenApiParameter("search", str),
        ],
        tags=["tasks"],
    )
    def get(self, request: Request) -> Response:
        """Tasks of the caller's branch, the newest first."""
        wanted = {name: request.query_params.get(name, "") for name in ("status", "kind", "search")}
        return self.page(queries.listed(policies.visible_to(self.actor), **wanted), TaskSerializer)

    @extend_schema(request=TaskInput, responses={201: TaskSerializer}, tags=["tasks"])
    def post(self, request: Request) -> Response:
        """Write a draft task."""

        def create(union_id: UUID | None = None, **given: Any) -> Task:
            union_id = union_id or self.actor.union_id
            return services.create_task(actor=self.actor, union_id=union_id, now=timezone.now(), **given)

        task = self.ask(TaskInput, create)
        return Response(
            TaskSerializer(queries.one(Task.objects.all(), task.pk)).data,
            status=201,
            headers={"Location": f"/api/v1/tasks/{task.pk}/"},
        )


class TaskView(ApiView):
    @extend_schema(responses=TaskSerializer, tags=["tasks"])
    def get(self, request: Request, task_id: UUID) -> Response:
        """One task."""
        return Response(TaskSerializer(queries.one(policies.visible_to(self.actor), task_id)).data)

    @extend_schema(request=TaskChange, responses=TaskSerializer, tags=["tasks"])
    def patch(self, request: Request, task_id: UUID) -> Response:
        """Correct a task; what is left out stays as it is."""
        self.ask(TaskChange, partial(services.change_task, actor=self.actor, task_id=task_id, now=timezone.now()))
        return self.get(request, task_id)


class _TaskStep(ApiView):
    step: ClassVar[Callable[..., Task]]

    @extend_schema(request=None, responses=TaskSerializer, tags=["tasks"])
    def post(self, request: Request, task_id: UUID) -> Response:
        type(self).step(actor=self.actor, task_id=task_id, now=timezone.now())
        return Response(TaskSerializer(queries.one(Task.objects.all(), task_id)).data)


class PublishView(_TaskStep):
    """Open a draft."""

    step = staticmethod(services.publish)


class CloseView(_TaskStep):
    """Close a live task's books."""

    step = staticmethod(services.close)


class CancelView(ApiView):
    @extend_schema(request=Reason, responses=TaskSerializer, tags=["tasks"])
    def post(self, request: Request, task_id: UUID) -> Response:
        """Call a task off; whoever was to come is told."""
        services.cancel(actor=self.actor, task_id=task_id, now=timezone.now(), **self.read(Reason))
        return Response(TaskSerializer(queries.one(Task.objects.all(), task_id)).data)
