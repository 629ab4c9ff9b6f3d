"""Pinyin of names: all readings find a person, the usual one orders a list."""

import pytest

from afterschool.support.pinyin import readings


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("朱可", "zhuke shuke", "sk zk"),
        ("曾可", "cengke zengke", "ck zk"),
        ("孟可", "mengke", "mk"),
        ("", "", ""),
    ],
)
def test_every_reading_of_a_surname_counts_and_the_usual_one_is_first(name, full, initials):
    assert readings(name) == (full, initials)
