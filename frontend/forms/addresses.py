"""Giving an address, one form for each channel."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form, said
from mobilize.channels.states import ChannelName


class AddressForm(Form):
    """An address; `channel` tells the forms of a page apart."""

    channel: ClassVar[ChannelName]

    def __init__(self, data: object = None) -> None:
        super().__init__(data, auto_id=f"{self.channel}_%s")


class EmailForm(AddressForm):
    """An e-mail address."""

    channel = ChannelName.EMAIL
    address = forms.CharField(
        label=_("E-mail address"),
        error_messages={"required": said("bad_email")},
        widget=forms.TextInput(attrs={"type": "email", "inputmode": "email", "autocomplete": "email"}),
    )


class BrowserForm(AddressForm):
    """What the browser answers when it is asked for push messages; the script fills it in."""

    channel = ChannelName.PUSH
    address = forms.CharField(error_messages={"required": said("bad_subscription")}, widget=forms.HiddenInput)


class RobotForm(AddressForm):
    """A robot of a chat group, by the address its vendor shows."""

    channel = ChannelName.CHAT
    address = forms.CharField(
        label=_("Webhook address"),
        help_text=_(
            "In the group's settings add a robot of your own and copy its address here. Where it asks for a keyword "
            "(DingTalk, Feishu), type 工会动员: every message begins with it."
        ),
        error_messages={"required": said("bad_robot")},
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    label = forms.CharField(label=_("What the group is called"), required=False, max_length=60)


FORMS: dict[str, type[AddressForm]] = {form.channel: form for form in (EmailForm, BrowserForm, RobotForm)}
