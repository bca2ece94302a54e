"""The city in numbers."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse

from frontend.htmx import render
from mobilize.reports import queries


def city(request: HttpRequest) -> HttpResponse:
    """Show every figure of the story with the sentence it comes from."""
    figures = queries.city_figures()
    sections = [
        {"number": number, "figures": list(group)}
        for number, group in groupby(figures, lambda figure: figure.fact.section)
    ]
    return render(request, "city.html", {"sections": sections})
