"""Drawings and the hash over all that was signed, by properties."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterschool.support.clock import SHANGHAI
from enrollment.signing import (
    HEIGHT,
    LEAST_EXTENT,
    MOST_POINTS,
    MOST_STROKES,
    WIDTH,
    NotASignatureError,
    Signed,
    canonical,
    content_hash,
    read_strokes,
    svg_path,
)

points = st.tuples(st.integers(0, WIDTH), st.integers(0, HEIGHT))
strokes = st.lists(st.lists(points, min_size=1, max_size=30), min_size=1, max_size=10).filter(
    lambda lines: any(
        max(p[axis] for line in lines for p in line) - min(p[axis] for line in lines for p in line) >= LEAST_EXTENT
        for axis in (0, 1)
    )
)
times = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=SHANGHAI)
)
signeds = st.builds(
    Signed,
    school=st.text(max_size=20),
    term=st.text(max_size=20),
    text_version=st.integers(1, 50),
    title=st.text(max_size=20),
    body=st.text(max_size=200),
    child=st.text(max_size=10),
    class_name=st.text(max_size=10),
    signer=st.text(max_size=10),
    strokes=st.text(max_size=50),
    signed_at=times,
)


def as_json(lines) -> str:
    return canonical(tuple(tuple(line) for line in lines))


@given(strokes)
def test_a_drawing_has_one_text(lines):
    once = canonical(read_strokes(as_json(lines)))
    assert canonical(read_strokes(once)) == once == as_json(lines)
    assert canonical(read_strokes(once.replace(",", " , \n"))) == once, "white space is no other drawing"


@given(strokes)
def test_every_stroke_is_drawn(lines):
    path = svg_path(read_strokes(as_json(lines)))
    assert path.count("M") == len(lines)
    assert path.count("L") == sum(max(1, len(line) - 1) for line in lines)
    assert set(path) <= set("ML 0123456789")


@given(st.text(max_size=60) | st.recursive(st.none() | st.integers() | st.floats(), st.lists).map(str))
def test_anything_else_is_refused_and_never_breaks(text):
    try:
        found = read_strokes(text)
    except NotASignatureError:
        return
    assert found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[[]]",
        "{}",
        "[[[1,1]]]",
        "[[[0,0],[59,59]]]",
        "[[[0,0],[1001,0]]]",
        "[[[0,0],[0,401]]]",
        "[[[-1,0],[500,0]]]",
        "[[[0.5,0],[500,0]]]",
        "[[[true,0],[500,0]]]",
        "[[[0,0,0],[500,0]]]",
        "[" * 100_000,
        as_json([[(0, 0), (500, 0)]] * (MOST_STROKES + 1)),
        as_json([[(n % WIDTH, 0) for n in range(MOST_POINTS + 1)]]),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_signature_is_refused(text):
    with pytest.raises(NotASignatureError):
        read_strokes(text)


@given(signeds, signeds)
def test_two_hashes_are_the_same_only_for_the_same(one, other):
    assert (content_hash(one) == content_hash(other)) == (one == other)


@given(signeds, signeds, st.sampled_from([field.name for field in fields(Signed)]))
def test_any_change_of_one_value_changes_the_hash(one, other, name):
    changed = replace(one, **{name: getattr(other, name)})
    assert (content_hash(one) == content_hash(changed)) == (getattr(one, name) == getattr(other, name))


@given(signeds)
def test_the_hash_knows_the_instant_and_not_the_zone(signed):
    assert content_hash(signed) == content_hash(replace(signed, signed_at=signed.signed_at.astimezone(UTC)))
    later = replace(signed, signed_at=signed.signed_at + timedelta(microseconds=1))
    assert content_hash(signed) != content_hash(later)
    assert len(content_hash(signed)) == 64


def test_a_value_cannot_slip_into_its_neighbour():
    at = datetime(2026, 9, 2, 10, tzinfo=SHANGHAI)
    values = {"term": "", "text_version": 1, "title": "", "body": "", "class_name": "", "strokes": "", "signed_at": at}
    one = Signed(school="青", child="禾王", signer="一", **values)
    other = Signed(school="青", child="禾", signer="王一", **values)
    assert content_hash(one) != content_hash(other)
