"""Addresses of chat robots. Light: pages ask here too, and load no client of a provider."""

import re
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext_lazy as _

# Services whose hosts stand in apprise itself; any other would let whoever types an address make us call it.
ROBOT = re.compile(r"(wecombot|dingtalk|feishu|lark)://[A-Za-z0-9_@/-]{8,200}")
KEY = re.compile(r"[A-Za-z0-9_-]{8,200}")
# Where vendors let robots listen, the name of the parameter that holds the key (none: it ends the path), and apprise's
# word for the service.
VENDORS = {
    ("qyapi.weixin.qq.com", "/cgi-bin/webhook/send"): ("key", "wecombot"),
    ("oapi.dingtalk.com", "/robot/send"): ("access_token", "dingtalk"),
    ("open.feishu.cn", "/open-apis/bot/v2/hook"): ("", "feishu"),
}
SERVICES = {"wecombot": _("WeCom"), "dingtalk": _("DingTalk"), "feishu": _("Feishu")}


def robot_of(webhook: str) -> str | None:
    """Return a robot's address as apprise writes it, None unless it is one of the three services'.

    Args:
        webhook: the URL that WeCom, DingTalk or Feishu shows for it.
    """
    try:
        url = urlsplit(webhook.strip())
    except ValueError:
        return None
    host, whole = url.netloc.lower(), url.path.rstrip("/")
    path, _slash, last = whole.rpartition("/")
    parameter, service = VENDORS.get((host, path), VENDORS.get((host, whole), ("", "")))
    key = parse_qs(url.query).get(parameter, [""])[0] if parameter else last
    if url.scheme != "https" or not service or not KEY.fullmatch(key):
        return None
    robot = f"{service}://{key}"
    return robot if ROBOT.fullmatch(robot) else None
