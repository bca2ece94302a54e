"""What a phone has to know to put the site on its home screen."""

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

BRAND, GROUND = "#b5121b", "#f4f4f2"  # of app.css
ICONS = [
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable-512.png", "512x512", "maskable"),
]


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """Describe the site as an app; in Chinese, since browsers ask for it without cookies."""
    description = {
        "name": "工会动员",
        "short_name": "工会动员",
        "description": "太原市工会志愿服务报名：报名、上岗、我的任务。",
        "lang": "zh-Hans",
        "id": reverse("duties"),
        "start_url": reverse("duties"),
        "scope": "/",
        "display": "standalone",
        "theme_color": BRAND,
        "background_color": GROUND,
        "icons": [
            {"src": static(f"frontend/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
    }
    return JsonResponse(
        description, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
    )
