"""Who may fetch a child on a day: against the rule spelled out, for any mix of adults, people named for the day and bans."""

from hypothesis import given
from hypothesis import strategies as st

from attendance.fetching import Person, allowed, banned, same_person

NAMES, PHONES = ["周敏", "周 敏", "陈建", "王芳"], ["", "13900000001", "13900000002"]


@st.composite
def people(draw: st.DrawFn) -> list[Person]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        name, phone = draw(st.sampled_from(NAMES)), draw(st.sampled_from(PHONES))
        if draw(st.booleans()):
            found.append(Person(f"d{number}", name, "姑姑", phone, named=True))
        else:
            may, ban = draw(st.sampled_from([(True, False), (False, True), (False, False)]))
            found.append(Person(str(number), name, "叔叔", phone, may_fetch=may, banned=ban))
    return found


def spelled_out(everybody: list[Person], one: Person) -> bool:
    if one.banned:
        return False
    if one.may_fetch:
        return True
    if not one.named:
        return False
    for other in everybody:
        if other.banned:
            if other.name.replace(" ", "") == one.name.replace(" ", ""):
                return False
            if one.phone and other.phone == one.phone:
                return False
    return True


@given(people())
def test_allowed_is_what_the_rule_says(everybody: list[Person]) -> None:
    found = allowed(everybody)
    assert {one.key for one in found} == {one.key for one in everybody if spelled_out(everybody, one)}
    assert not {one.key for one in found} & {one.key for one in banned(everybody)}


@given(people())
def test_those_named_for_the_day_stand_first_and_the_rest_keep_their_order(everybody: list[Person]) -> None:
    found = allowed(everybody)
    assert [one.named for one in found] == sorted((one.named for one in found), reverse=True)
    listed = [one for one in found if not one.named]
    assert listed == [one for one in everybody if one in listed]


def test_two_without_a_phone_are_not_one_person() -> None:
    assert not same_person("周敏", "", "陈建", "")
    assert same_person("周 敏", "", "周敏", "13900000001")
    assert same_person("周敏", "13900000001", "周小敏", "13900000001")
