from mobilize.core.backoffice import ReadOnly, register
from mobilize.signups.models import Signup, SignupGroup

register(
    Signup,
    ReadOnly,
    list_display=["created_at", "worker", "shift", "status", "waiting_number"],
    list_filter=["status"],
    list_select_related=["worker__user", "shift__post__site"],
    ordering=["-created_at"],
)
register(
    SignupGroup,
    ReadOnly,
    list_display=["created_at", "name", "leader", "shift"],
    list_select_related=["leader", "shift__post__site"],
    ordering=["-created_at"],
)
