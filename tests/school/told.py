"""What the tests of sending tell, and what of it is to go out."""

from afterschool.school.access import SYSTEM
from afterschool.school.enums import Channel
from afterschool.school.messaging import tell
from afterschool.school.models import Delivery, User
from tests.cast import NOW


def confirm(person, email="someone@example.com"):
    User.objects.filter(pk=person.user_id).update(email=email, email_confirmed_at=NOW)


def publish(cast, title="告家长书", **more):
    return tell([cast.guardian.user_id], kind="notice.published", title=title, by=SYSTEM, **more)


def outside():
    return Delivery.objects.exclude(channel=Channel.PORTAL).order_by("pk")


def many_letters(number):
    people = [
        User.objects.create_user(f"P{n}", None, name="家长", email=f"p{n}@example.com", email_confirmed_at=NOW)
        for n in range(number)
    ]
    tell(people, kind="notice.published", title="告家长书", by=SYSTEM)
