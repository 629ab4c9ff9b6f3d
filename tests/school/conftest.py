"""Ways out of the portal that answer on this machine: mail, a chat service, a robot of a group."""

import pytest

from afterschool.school.models import Robot
from tests.support.loopback import chat_service


@pytest.fixture
def mail_on(settings):
    settings.MAIL_ON = True
    settings.DEFAULT_FROM_EMAIL = "school@example.com"


@pytest.fixture
def chat(settings):
    settings.ROBOTS_ON_LOOPBACK = True
    with chat_service() as running:
        yield running


@pytest.fixture
def robot(cast, chat):
    return Robot.objects.create(name="家长群", service="wecom", address=chat.address("wecom"))
