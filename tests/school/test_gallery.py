"""The gallery of components."""

from django.urls import reverse

from tests.cast import ROLES


def test_the_gallery_opens_to_staff_and_nobody_else(afternoon, login):
    for who in ROLES:
        status = login(who).get(reverse("gallery")).status_code
        assert status == (403 if "guardian" in who else 200), who
