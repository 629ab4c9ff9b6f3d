"""The roll call without the network: a page without any name that the browser keeps, and the script that keeps it.

What is kept of children stands in the browser's own store under the teacher's number (static/js/roll-store.js), never here.
"""

import json
from hashlib import sha256

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_GET

from afterschool.school.access import public
from afterschool.school.http import PortalRequest
from attendance.views.roll_calls import BLANK_TILE

FILES = (
    "bootstrap/css/bootstrap.min.css",
    "css/tokens.css",
    "css/portal.css",
    "css/roll.css",
    "img/mark.svg",
    "js/roll-store.js",
    "django_htmx/htmx-2.min.js",
    "js/roll-send.js",
    "js/roll-find.js",
    "js/roll-tile.js",
    "js/roll-call.js",
    "js/roll-shell.js",
)
PAGES = r"^/(?:attendance/(?:roll-call/|sessions/\d+/roll-call/(?:begin/)?))?$"


def _shell(request: PortalRequest) -> str:
    """Return the page: made without the request's person, so that it is the same for everybody."""
    return render_to_string(
        "attendance/roll_call_shell.html", {"school": {"name": request.school.name}, "blank": BLANK_TILE}
    )


@public
@require_GET
def shell(request: PortalRequest) -> HttpResponse:
    """Give the page that shows what the browser itself has kept."""
    return HttpResponse(_shell(request), headers={"Cache-Control": "no-cache"})


def worker_answer(*, name: str, what: str, page: str, address: str, pages: str, files: tuple[str, ...]) -> HttpResponse:
    """Give a service worker that keeps one nameless page with its files, and answers with it for the addresses `pages`."""
    urls = [static(file) for file in files]
    version = sha256("\n".join([page, *urls]).encode()).hexdigest()[:12]
    kept = {"name": name, "files": urls, "shell": reverse(address), "pages": pages, "version": version}
    return HttpResponse(
        render_to_string("attendance/roll_worker.js", {"kept": json.dumps(kept), "what": what}),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"},
    )


@public
@require_GET
def worker(request: PortalRequest) -> HttpResponse:
    """Give the service worker, which may stand before the whole portal and answers for the roll call alone."""
    return worker_answer(
        name="roll-call",
        what="The roll call",
        page=_shell(request),
        address="attendance:roll-call-shell",
        pages=PAGES,
        files=FILES,
    )
