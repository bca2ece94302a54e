"""Addresses of the API, version 1."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from oauth2_provider.views import TokenView

from mobilize.accounts import api as accounts
from mobilize.attendance import api as attendance
from mobilize.calendars import api as calendars
from mobilize.campaigns import api as campaigns
from mobilize.channels import api as channels
from mobilize.core.rest import UnknownView
from mobilize.dispatch import api as dispatch
from mobilize.fleets import api as fleets
from mobilize.reports import api as reports
from mobilize.signups import api as signups
from mobilize.tasks import api as tasks
from mobilize.unions import api as unions
from mobilize.workers import api as workers

urlpatterns = [
    path("shifts/<uuid:shift_id>/signups/", signups.ShiftSignupsView.as_view()),  # the way of a whole city at once
    path("schema/", SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]), name="schema"),
    path(
        "docs/",
        csp_update({"style-src": [SELF, UNSAFE_INLINE]})(
            SpectacularSwaggerSplitView.as_view(
                url_name="schema", authentication_classes=[], permission_classes=[], title="Mobilize API"
            )
        ),
        name="docs",
    ),
    path("oauth/token/", csrf_exempt(TokenView.as_view()), name="oauth_token"),
    path("auth/codes/", accounts.CodesView.as_view()),
    path("auth/tokens/", accounts.TokensView.as_view()),
    path("me/", workers.MeView.as_view()),
    path("me/export/", reports.ExportView.as_view()),
    path("me/addresses/", channels.MyAddressesView.as_view()),
    path("me/addresses/<uuid:address_id>/", channels.MyAddressView.as_view()),
    path("me/addresses/<uuid:address_id>/confirm-again/", channels.ConfirmAgainView.as_view()),
    path("me/calendar/", calendars.MyCalendarView.as_view()),
    path("me/signups/", signups.MySignupsView.as_view()),
    path("me/offers/", dispatch.MyOffersView.as_view()),
    path("unions/", unions.UnionsView.as_view()),
    path("campaigns/", campaigns.CampaignsView.as_view()),
    path("campaigns/<slug:slug>/", campaigns.CampaignView.as_view()),
    path("sites/", tasks.SitesView.as_view()),
    path("tasks/", tasks.TasksView.as_view()),
    path("tasks/<uuid:task_id>/", tasks.TaskView.as_view()),
    path("tasks/<uuid:task_id>/publish/", tasks.PublishView.as_view()),
    path("tasks/<uuid:task_id>/close/", tasks.CloseView.as_view()),
    path("tasks/<uuid:task_id>/cancel/", tasks.CancelView.as_view()),
    path("shifts/", signups.ShiftsView.as_view()),
    path("shifts/<uuid:shift_id>/", signups.ShiftView.as_view()),
    path("shifts/<uuid:shift_id>/cancel/", signups.ShiftCancelView.as_view()),
    path("shifts/<uuid:shift_id>/groups/", signups.ShiftGroupsView.as_view()),
    path("shifts/<uuid:shift_id>/enrolments/", signups.ShiftEnrolmentsView.as_view()),
    path("shifts/<uuid:shift_id>/checkins/", attendance.CheckInsView.as_view()),
    path("groups/<uuid:group_id>/", signups.GroupView.as_view()),
    path("signups/<uuid:signup_id>/", signups.SignupView.as_view()),
    path("signups/<uuid:signup_id>/accept/", signups.AcceptView.as_view()),
    path("signups/<uuid:signup_id>/decline/", signups.DeclineView.as_view()),
    path("signups/<uuid:signup_id>/withdraw/", signups.WithdrawView.as_view()),
    path("people/merge/", signups.MergeView.as_view()),
    path("fleets/", fleets.FleetsView.as_view()),
    path("fleets/<uuid:fleet_id>/", fleets.FleetView.as_view()),
    path("fleets/<uuid:fleet_id>/base/", fleets.BaseView.as_view()),
    path("fleets/<uuid:fleet_id>/enrol/", fleets.EnrolView.as_view()),
    path("fleets/<uuid:fleet_id>/drivers/", fleets.FleetDriversView.as_view()),
    path("dispatch/plans/", dispatch.PlansView.as_view()),
    path("dispatch/plans/<uuid:plan_id>/", dispatch.PlanView.as_view()),
    path("dispatch/plans/<uuid:plan_id>/commit/", dispatch.PlanCommitView.as_view()),
    path("dispatch/plans/<uuid:plan_id>/undo/", dispatch.PlanUndoView.as_view()),
    path("dispatch/plans/<uuid:plan_id>/pin/", dispatch.PlanPinView.as_view()),
    path("dispatch/plans/<uuid:plan_id>/strike/", dispatch.PlanStrikeView.as_view()),
    path("dispatch/offers/", dispatch.OffersView.as_view()),
    path("dispatch/offers/<uuid:offer_id>/accept/", dispatch.AcceptView.as_view()),
    path("dispatch/offers/<uuid:offer_id>/decline/", dispatch.DeclineView.as_view()),
    path("dispatch/offers/<uuid:offer_id>/take-back/", dispatch.TakeBackView.as_view()),
    path("dispatch/offers/<uuid:offer_id>/undo/", dispatch.UndoView.as_view()),
    path("dispatch/tasks/<uuid:task_id>/search/", dispatch.SearchView.as_view()),
    path("dispatch/tasks/<uuid:task_id>/lock/", dispatch.LockView.as_view()),
    path("dispatch/tasks/<uuid:task_id>/unlock/", dispatch.UnlockView.as_view()),
    path("dispatch/flights/", dispatch.FlightsView.as_view()),
    path("dispatch/flights/<uuid:flight_id>/", dispatch.FlightView.as_view()),
    path("dispatch/flights/<uuid:flight_id>/tasks/", dispatch.FlightTasksView.as_view()),
    path("dispatch/flights/<uuid:flight_id>/move/", dispatch.MoveFlightView.as_view()),
    path("dispatch/trips/", dispatch.TripsView.as_view()),
    path("dispatch/trips/<uuid:trip_id>/en-route/", dispatch.EnRouteView.as_view()),
    path("dispatch/trips/<uuid:trip_id>/arrive/", dispatch.ArriveView.as_view()),
    path("dispatch/trips/<uuid:trip_id>/load/", dispatch.LoadView.as_view()),
    path("dispatch/trips/<uuid:trip_id>/complete/", dispatch.CompleteView.as_view()),
    path("dispatch/trips/<uuid:trip_id>/abort/", dispatch.AbortView.as_view()),
    path("sms/<slug:provider>/receipts/", channels.ReceiptsView.as_view()),
    path("sms/<slug:provider>/replies/", channels.RepliesView.as_view()),
    re_path(r"", UnknownView.as_view()),
]
