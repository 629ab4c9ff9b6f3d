"""Passwords: as strong as they must be, and no hash made before is lost."""

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, get_hasher, make_password
from django.test import override_settings

from afterschool.school.hashers import PortalArgon2

HASHERS = ["afterschool.school.hashers.PortalArgon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]


def test_a_password_is_kept_as_argon2id_with_46_mib():
    kept = PortalArgon2().encode("qinghe-2026", "somesalt12345678")
    assert kept.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")
    assert PortalArgon2().verify("qinghe-2026", kept)
    assert not PortalArgon2().verify("qinghe-2027", kept)


@pytest.mark.django_db
def test_a_hash_of_before_opens_the_account_and_is_made_anew(cast):
    user = cast.guardian.user
    before = Argon2PasswordHasher().encode("qinghe-2026", "somesalt12345678")
    type(user).objects.filter(pk=user.pk).update(password=before)
    user.refresh_from_db()
    with override_settings(PASSWORD_HASHERS=HASHERS):
        assert user.check_password("qinghe-2026")
        assert get_hasher("default").decode(user.password)["memory_cost"] == PortalArgon2.memory_cost
        assert make_password("x").startswith("argon2$argon2id$v=19$m=47104")
