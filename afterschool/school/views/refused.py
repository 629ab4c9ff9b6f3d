"""What is shown when a form comes from a page that has grown too old."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain an expired form in the look of the portal, with the way back."""
    return render(request, "403_csrf.html", status=403)
