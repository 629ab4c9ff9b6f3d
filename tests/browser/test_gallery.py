"""The gallery as a browser and axe see it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.browser.conftest import DESKTOP, PHONE


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.django_db(transaction=True)
def test_the_gallery_fits_and_axe_finds_nothing(page_as, viewport):
    page = page_as("teacher", viewport)
    page.goto(reverse("gallery"))
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert not Axe().run(page).response["violations"]
