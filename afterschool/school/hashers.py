"""How passwords are kept: Argon2id at the strength that OWASP asks for (46 MiB, one pass), not at Django's 100 MiB eightfold.

A login costs 45 ms of CPU and 46 MiB where Django's own costs 176 ms and 100 MiB: on the morning a window opens, logins are
what a small server has least of (bench/README.md). Hashes made before are read as they are, and made anew at the next login.
"""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PortalArgon2(Argon2PasswordHasher):
    """Argon2id, 46 MiB, one pass, one lane."""

    time_cost = 1
    memory_cost = 47_104
    parallelism = 1
