"""Every page of the portal, by somebody whose it is, on a phone and on a PC: it fits, it is accessible, it is kept as a picture."""

import pytest
from django.test import Client
from django.urls import reverse

from afterschool.navigation import NAVIGATION
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import ROLES
from tests.house.access_base import WORLD
from tests.house.access_table import ROWS
from tests.house.world import World, build_world

pytestmark = pytest.mark.django_db(transaction=True)
WALKERS = ["", *(who for who in ROLES if not who.startswith("other_"))]


@pytest.fixture
def world(cast) -> World:
    """One object of everything."""
    return build_world(cast)


def pages_of(world: World, who: str) -> list[tuple[str, str]]:
    """Return name and address of this person's navigation, and of the other pages that are first of all theirs."""
    roles = world.roles.get(who, frozenset())
    found = {entry.url_name: reverse(entry.url_name) for role in sorted(roles) for entry in NAVIGATION[role]}
    for name, thing, insiders in ROWS:
        first = "" if insiders >= WORLD else next((one for one in WALKERS if one in insiders), None)
        if first == who and name not in found:
            found[name] = reverse(name, kwargs=world.things[thing])
    return [(name, address) for name, address in found.items() if is_page(world, who, address)]


def is_page(world: World, who: str, address: str) -> bool:
    """Tell whether a page stands there: no verb, no file, no way to another page, no piece of one."""
    client = Client()
    if who:
        client.force_login(getattr(world.cast, who).user, backend="afterschool.school.auth.PhoneOrStaffNumberBackend")
    answer = client.get(address)
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        return False
    return b"".join(answer).lstrip()[:9].lower() == b"<!doctype"


@pytest.mark.parametrize("who", WALKERS)
def test_pages_fit_and_are_accessible(world, page_as, axe_clean, fits, keep_picture, who):
    walked = pages_of(world, who)
    assert walked
    page = page_as(who or None, PHONE)
    for name, address in walked:
        page.set_viewport_size(PHONE)
        page.goto(address)
        for viewport in (PHONE, DESKTOP):
            page.set_viewport_size(viewport)
            fits(page)
            axe_clean(page)
            keep_picture(page, f"page-{who or 'world'}-{name.replace(':', '-')}-{viewport['width']}", whole=True)
