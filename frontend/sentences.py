"""Codes of the domain's errors as sentences for people."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from frontend.templatetags.ui import moment
from mobilize.core.errors import DomainError

SENTENCES: dict[str, Any] = {
    # Who
    "not_signed_in": _("Please sign in first."),
    "forbidden": _("Your role does not allow this."),
    "role_too_weak": _("Your role in this union does not allow this. Ask an administrator of your union."),
    "officers_only": _("The desk is for union officers. Ask your union for a role."),
    "city_only": _("Only an administrator of the city federation changes this: it holds for the whole city."),
    "leader_only": _("Only the fleet's leader or the driver herself answers for it."),
    "leaders_only": _("Only the leader of the post's team or an officer signs other people up here."),
    "people_only": _("Only a person can do this."),
    "bad_budget": _("Type whole yuan from 0 to %(most)s, or nothing for no limit."),
    "bad_signature": _("This was not signed with our key, or too long ago."),
    "not_found": _("We cannot find this, or it is not yours to see."),
    "no_profile": _("Tell us your name and union first."),
    "unknown_person": _("Nobody in your branch has this number."),
    "same_person": _("This is one and the same person already."),
    "person_is_an_officer": _("The number that goes belongs to an officer. Merge the other way round."),
    "both_drive": _("Both drive for a fleet. Take one of them off its roster first."),
    "invented_and_real": _("One of them is invented, for the demonstration. They cannot become one."),
    "account_closed": _("This account is closed. Ask your union to open it again."),
    # When
    "wrong_status": _("This is no longer possible: it was changed in the meantime."),
    "changed_meanwhile": _("Somebody else was faster. Look at the page again and repeat it if it is still right."),
    "campaign_not_open": _("This campaign is not open."),
    "shift_has_begun": _("This shift has begun."),
    "no_turn": _("We do not know this turn any more. Look at your duties, or sign up once more."),
    "already_signed_up": _("You are signed up for this shift already."),
    "overlaps": _(
        "You have another duty at that time: %(site)s, %(starts_at)s to %(ends_at)s. "
        "Give it back first, or choose another shift."
    ),
    "not_open_yet": _("Sign-up for this shift opens %(opens_at)s."),
    "too_late_to_withdraw": _("It is too late to give the place back here. Please call the organisers: %(hotline)s."),
    "somebody_waits": _("%(waiting)s people wait for this shift: it is only swapped, not handed over past them."),
    "too_late_to_swap": _("Duties change hands until two hours before the start. Please call the organisers."),
    "in_a_group": _("This place belongs to a group, which comes together. Ask its leader."),
    "not_exchangeable": _("These two duties cannot be swapped."),
    "owner_busy": _("The colleague has something else at the time of your duty. Propose another one."),
    "proposer_busy": _("The colleague has something else at that time by now."),
    "too_many_proposals": _("%(most)s swaps are proposed for this duty already. Wait for an answer."),
    "answer_too_late": _("The time to answer is over, the place is not held any more. Sign up again if you can come."),
    "no_place_left": _("Others were faster: %(left)s places are free now."),
    "signup_closed": _("Sign-up for this shift is closed: places are not given out any more."),
    "flight_is_over": _("Everything that waited for this flight is over."),
    "tasks_wait_for_it": _("Transport waits for this flight: let nothing wait for it first."),
    "task_is_over": _("This task is over."),
    "fixed_once_published": _("Once published this cannot be changed any more. Call it off and write a new one."),
    "need_is_filled": _("The need is filled by now: %(left)s vehicles are still needed."),
    "too_many_asked": _("At most %(most)s people are asked for this need at a time. Wait for answers first."),
    "nothing_to_plan": _("Nothing is left to plan here: filled, over, kept by somebody, or not published."),
    "plan_is_empty": _("This proposal assigns nobody: there is nothing to offer."),
    "plan_is_stale": _(
        "Something changed since this proposal was made, so nothing was sent. See below, then propose again."
    ),
    "too_late_to_undo": _("The messages have left: take the offers back one by one."),
    "too_few_vehicles": _("Only %(free)s of your vehicles are free at that time."),
    "offer_expired": _("The time to answer this offer is over."),
    "fleet_without_drivers": _("A fleet needs at least one driver with a vehicle."),
    "code_expired": _("This code is used up or too old. Ask for another one."),
    "codes_too_fast": _("Please wait %(retry_after)s seconds before you ask for another code."),
    "proof_required": _("Many are asking for codes. Please wait %(retry_after)s seconds and ask again."),
    "links_too_fast": _("Please wait %(retry_after)s seconds before you ask for another link."),
    "unknown_calendar": _("This calendar's address is cut off or mistyped. Copy it anew."),
    "calendar_ended": _(
        "It was switched off or got a new address. Remove it from your calendar app, or subscribe anew."
    ),
    "unknown_link": _("This link is cut off or not yours. Sign in to see all offers made to you."),
    "address_link_expired": _("This link is too old, or the address was taken away. Ask for another letter."),
    "letters_too_fast": _("Please wait %(retry_after)s seconds before you ask for another letter."),
    "tests_too_fast": _("Please wait %(retry_after)s seconds before you send another test."),
    "bad_email": _("Type an e-mail address, for example name@example.com."),
    "bad_subscription": _("This browser's answer could not be read. Load the page again and try once more."),
    "unknown_push_service": _("This browser's push service is not allowed here. Try another browser."),
    "bad_robot": _("Paste the whole webhook address of a WeCom, DingTalk or Feishu robot; it begins with https://"),
    "too_many_addresses": _("At most %(most)s of them. Remove one first."),
    "link_expired": _("This link is used up or too old. Ask for another one on the officers' sign-in page."),
    "too_early": _("It is too early: a trip begins at most 12 hours before its time."),
    "own_office": _("Nobody changes her own role. Ask another administrator."),
    # On the spot
    "unknown_code": _("This code is cut off or not one of ours. Scan it once more, or type the six digits under it."),
    "code_is_old": _(
        "This code is from earlier: it changes every half minute. Scan the one on the leader's screen now, "
        "or show the leader your own code."
    ),
    "code_of_two": _("Two people on this shift have these digits. Scan the code, or choose her name on the list."),
    "other_shift": _("This code is for another shift. Add the person as one without sign-up."),
    "not_signed_up": _("You are not signed up for this shift. Scan the code at the post, or ask its leader."),
    "clock_ahead": _("The phone's clock runs ahead. Set it right and try again."),
    "scan_too_old": _("This was more than 24 hours ago. Ask an officer to note it."),
    "too_early_at_post": _("It is too early: arrivals are noted from %(from_at)s."),
    "shift_is_over": _("This shift is over. Ask an officer to note it."),
    "not_arrived": _("Nobody noted an arrival yet: note that first."),
    "left_before_arriving": _("The leaving would lie before the arrival."),
    "not_begun": _("The shift has not begun: until it does, she may still come."),
    "has_arrived": _("She was noted as arrived. Undo that first if it was a mistake."),
    "lies_ahead": _("This lies in the future."),
    "outside_shift": _("This lies outside of the shift."),
    "absent_with_times": _("Either she came, or she did not: clear one of them."),
    "too_late_for_paper": _("The list can be typed back until seven days after the end. Ask an officer to note it."),
    "was_corrected": _("An officer corrected these times. Only an officer changes them again."),
    # What was typed
    "invalid": _("Please check what you typed."),
    "required": _("This is needed."),
    "bad_text": _("Letters and ordinary signs only, please; no web address."),
    "groups_too_fast": _("Please wait %(retry_after)s seconds before you sign up another group."),
    "people_too_fast": _("Very many people are being signed up by others. Please wait %(retry_after)s seconds."),
    "fault": _("That went wrong on our side. Please sign up once more."),
    "too_long": _("This is too long."),
    "unknown_fact": _("In curly brackets only these can stand: %(facts)s."),
    "missing_fact": _("This must stand in it: %(facts)s."),
    "bad_minutes": _("Type a number of minutes from %(least)s to %(most)s."),
    "bad_days": _("Type a number of days from 1 to %(most)s."),
    "same_twice": _("Choose each way once."),
    "bad_phone": _("Type a phone number, for example 138 0000 0000."),
    "wrong_code": _("This code is not right. %(guesses_left)s tries are left."),
    "unknown_choice": _("Choose one of the list."),
    "unknown_union": _("Choose your union from the list."),
    "unknown_skill": _("Choose from the list."),
    "unknown_campaign": _("No campaign is open at the moment."),
    "unknown_task": _("One of these tasks is not in your branch."),
    "too_many": _("At most %(most)s at a time."),
    "unknown_site": _("Choose a place from the list."),
    "unknown_post": _("Choose a post from the list."),
    "unknown_fleet": _("One of these fleets is not in your branch."),
    "unknown_driver": _("One of these drivers is not in your branch."),
    "has_said_no": _("One of them has said no to this task and is asked no more. Choose again."),
    "no_free_vehicle": _("One of them has no free fitting vehicle any more. Choose again."),
    "same_place": _("Start and destination are the same place."),
    "name_differs": _(
        "This number belongs to somebody of another name. Check both with the person: by signing in she corrects hers."
    ),
    "name_unproven": _("Somebody wrote this number down under another name. Ask the person which one is right."),
    "fleet_exists": _("Your union has a fleet of this name already."),
    "too_many_drivers": _("At most 1,000 drivers at a time."),
    "twice_in_the_list": _("This stands in the list twice."),
    "bad_plate": _("Type a plate, for example 晋A12345."),
    "plate_taken": _("This vehicle belongs to a fleet already."),
    "drives_elsewhere": _("This driver belongs to a fleet already."),
    "bad_seats": _("Seats are a number from 1 to 80; 0 only for a vehicle that carries goods."),
    "bad_position": _("Type both: latitude and longitude in degrees, for example 37.86160 and 112.54970."),
    "bad_load": _("The load is a number of kilograms, at most 50,000."),
    "bad_passengers": _("Type a number from 1 to %(most)s."),
    "bad_flight_number": _("Type a flight number, for example CA1104."),
    "already_there": _("This flight with this arrival is written down already."),
    "too_far_moved": _("A flight moves by at most two days. Write down another flight instead."),
    "bad_vehicle_count": _("Type a number of vehicles from 1 to %(most)s."),
    "bad_count": _("Type a number from 0 to %(most)s."),
    "bad_places": _("Type a number from 1 to 1,000."),
    "below_taken": _("%(taken)s places are taken already: it cannot be fewer."),
    "opens_after_start": _("Sign-up must open before the start."),
    "group_too_big": _("This shift has %(places)s places in all: a smaller group, please."),
    "too_many_people": _("At most %(most)s people at a time."),
    "busy": _("Has something else at that time."),
    "leader_is_in_already": _("This is your own number: you are in the group already."),
    "in_the_past": _("This lies in the past."),
    "before_start": _("The end must come after the start."),
    "too_far_ahead": _("Tasks are planned at most two years ahead. Check the year."),
    "too_far": _("A task lasts at most 31 days."),
    "below_accepted": _("More vehicles than that have been accepted already."),
    "only_for_transport": _("Only transport needs vehicles."),
    "shift_exists": _("This post has a shift at that time already, of %(union)s."),
    "outside_task": _("The task lasts from %(task_starts_at)s to %(task_ends_at)s; a shift lies within."),
    "others_post": _("This post belongs to another union. Choose one of your own, or of a union above or below it."),
    "leaves_shifts_out": _("Some of its shifts would lie outside. Correct or call them off first."),
    "people_busy": _("%(count)s of its people have something else at that time."),
    "officer_exists": _("This person is an officer of that union already."),
    "password_too_short": _("At least 12 characters, please."),
    "password_too_common": _("This password is too common: others guess it at once."),
    "nothing_served": _("Nothing has been recorded of you in this campaign yet."),
    "no_certificate": _("There is no certificate of this number. Compare it with the paper, digit by digit."),
    "no_paper": _("This server cannot make files of certificates. Open the page and print it instead."),
    "too_many_numbers": _("Too many numbers from here. Please wait a moment, then try again."),
    "honour_exists": _("This honour is on your list already. Was it refused by mistake? Ask your union."),
    "bad_year": _("Type a year, for example 2019; it cannot lie ahead."),
}


def taken_back(called_off: int) -> str:
    """Say what undoing a dispatch did.

    Args:
        called_off: trips that had been promised already.
    """
    if not called_off:
        return gettext("Taken back. Nobody was told.")
    text = ngettext(
        "Taken back. %(n)s trip had been promised already: it is called off, and its driver is told.",
        "Taken back. %(n)s trips had been promised already: they are called off, and their drivers are told.",
        called_off,
    )
    return text % {"n": called_off}


def sentence(error: DomainError) -> str:
    """Return the sentence for an error in the current language, filled with the error's data."""
    return words(error.code, error.data)


def words(code: str, data: dict[str, Any] | None = None) -> str:
    """Return the sentence for an error code; one without a sentence of its own gets a general one.

    Args:
        code: of the domain.
        data: what the sentence names; a name it lacks shows as an ellipsis.
    """
    text = SENTENCES.get(code)
    if text is None:
        return gettext("This is not possible right now.")
    return str(text) % defaultdict(lambda: "…", {name: _said(name, value) for name, value in (data or {}).items()})


def _said(name: str, value: Any) -> Any:
    """Return a moment of the domain's data as people say it, everything else as it is."""
    return moment(datetime.fromisoformat(value)) if name.endswith("_at") else value
