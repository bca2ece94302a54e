"""What a session remembers of a sign-up on its way: which shift, and whether its covenant was accepted."""

from uuid import UUID

from django.http import HttpRequest

STATE = "joining"
DONE = "joined"  # the sign-up it led to: who comes back to a step, or sends it again, is led there


def remember(request: HttpRequest, shift_id: UUID, *, accepted: bool) -> None:
    """Note that somebody is about to sign up for a shift."""
    request.session[STATE] = {"shift": str(shift_id), "accepted": accepted}


def unfinished(request: HttpRequest) -> UUID | None:
    """Return the shift somebody was about to sign up for, None when that is done or was never begun."""
    state = request.session.get(STATE)
    return UUID(state["shift"]) if state else None


def accepted(request: HttpRequest, shift_id: UUID) -> bool:
    """Tell whether the covenant was accepted on the way to this shift."""
    state = request.session.get(STATE, {})
    return bool(state.get("shift") == str(shift_id) and state.get("accepted"))


def finish(request: HttpRequest, signup_id: object) -> None:
    """The sign-up is done. One that was a single tap left nothing in the session, and in a surge nothing is written."""
    if request.session.pop(STATE, None):
        request.session[DONE] = str(signup_id)


def finished(request: HttpRequest) -> str | None:
    """Return the sign-up that was made last in this session."""
    return request.session.get(DONE)
