"""What somebody had before the eyes: a fingerprint that the page carries back, so that nobody signs other numbers."""

import json
from hashlib import sha256

from afterschool.support.refusal import Refused


def fingerprint(what: object) -> str:
    """Return a short fingerprint of plain data."""
    return sha256(json.dumps(what, default=str, sort_keys=True).encode()).hexdigest()[:16]


def check_seen(seen: str, what: object) -> None:
    """Refuse what changed since the page was opened (changed_meanwhile); without a fingerprint nothing is compared."""
    if seen and seen != fingerprint(what):
        raise Refused("changed_meanwhile", "您打开这一页以后，记录又有变动。请看一遍现在的数字，再按一次。")
