"""The demo school's choosing of clubs: a round by lot, drawn before parents and confirmed; then the places that were left.

A visitor finds results with reasons, waiting lists, an offer that waits for an answer, and an open second round.
"""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta

from afterschool.school.access import SYSTEM, Actor
from afterschool.school.enums import Role
from afterschool.school.models import Guardian, Guardianship, Student, Teacher, Term
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from scheduling.actions import choosing, drawing, rounds, waiting, wishes
from scheduling.actions.rounds import RoundSettings
from scheduling.enums import ClubState, PlaceSource, PlaceState, RoundMode
from scheduling.models import Club, ClubPlace, ClubRound, ClubWait, ClubWish
from scheduling.place_rules import fits
from scheduling.queries.choosing import held_numbers
from scheduling.queries.club_places import book_of
from scheduling.tasks import run_check, run_draw

PUBLISHED = datetime(2026, 9, 14, 12, 0, tzinfo=SHANGHAI)
OPENS = datetime(2026, 9, 15, 8, 0, tzinfo=SHANGHAI)
CLOSES = datetime(2026, 9, 17, 20, 0, tzinfo=SHANGHAI)
DRAWN = datetime(2026, 9, 18, 10, 0, tzinfo=SHANGHAI)
SECOND_OPENS = datetime(2026, 9, 21, 8, 0, tzinfo=SHANGHAI)
SECOND_CLOSES = datetime(2026, 9, 23, 20, 0, tzinfo=SHANGHAI)
SEED = "4615263354126143"  # sixteen throws of a die
TAKE_PART = 0.6  # of the children in the service
WAITING_PER_CLUB = 3
SECOND = 4  # who took a left place on the first day


def play(term: Term, office: Actor, rng: random.Random, starts_on: date) -> None:
    """Play both rounds; clubs are approved, and the teams' places are given."""
    clubs = list(Club.objects.filter(term=term, state=ClubState.APPROVED).order_by("pk"))
    if not clubs:
        return
    found = _first_round(term, clubs, office, starts_on)
    entries = _entries(term, clubs, rng)
    with clock.frozen(OPENS + timedelta(hours=30)):
        wishes.save_many(found=found, entries=entries, by=SYSTEM)
    _draw(found, office)
    with clock.frozen(DRAWN + timedelta(hours=3)):
        _wait(term, found, rng)
    _second_round(term, office, rng)


def _first_round(term: Term, clubs: list[Club], office: Actor, starts_on: date) -> ClubRound:
    checker = Teacher.objects.filter(active=True, roles__role=Role.LEADING_GROUP, user__isnull=False).first()
    settings = RoundSettings(
        "秋季第一轮", RoundMode.LOT, OPENS, CLOSES, starts_on, most_wishes=4, offer_hours=48, checker=checker
    )
    with clock.frozen(PUBLISHED):
        found = rounds.set_up_round(term=term, settings=settings, clubs=[club.pk for club in clubs], by=office)
        rounds.publish_round(found=found, by=office)
    return found


def _entries(term: Term, clubs: list[Club], rng: random.Random) -> list[wishes.Entry]:
    """Return the wishes of most families: some clubs are dear to all, some brothers and sisters want one together."""
    approved = term.applications.filter(state="school_approved").order_by("pk")
    ids = list(approved.values_list("student_id", flat=True))
    book = book_of(term, [club.pk for club in clubs], ids)
    dear = {club.pk: rng.choice((1, 1, 2, 3, 6)) for club in clubs}
    guardians: dict[int, Guardian] = {}
    families: dict[int, list[int]] = defaultdict(list)
    links = Guardianship.objects.filter(acts=True, student__in=ids, guardian__user__isnull=False)
    for link in links.select_related("guardian").order_by("-pk"):
        guardians[link.student_id] = link.guardian
        families[link.guardian_id].append(link.student_id)
    pairs = [pair for pair in families.values() if len(pair) == 2]
    together = {pk for pair in pairs[::6] for pk in pair}
    placed = set(held_numbers(term, ids))  # by the school already
    found = []
    for pk in ids:
        if pk in placed or (rng.random() > TAKE_PART and pk not in together):
            continue
        child = book.children[pk]
        possible = [room.id for room in book.clubs.values() if not fits(room, child).code]
        possible.sort(key=lambda club: rng.random() ** (1 / dear[club]), reverse=True)
        wanted = tuple(possible[: rng.choice((1, 2, 3, 3, 4, 4))])
        none = not wanted or rng.random() < 0.05
        found.append(wishes.Entry(pk, () if none else wanted, none, pk in together and not none, guardians.get(pk)))
    return found


def _draw(found: ClubRound, office: Actor) -> None:
    """Seal, draw with the seed thrown before parents, let the checker repeat it, confirm."""
    with clock.frozen(DRAWN):
        drawing.seal_wishes(found=found, by=office)
        run = drawing.start_draw(found=found, by=office, typed=SEED, in_background=False)
        run_draw.func(run.pk)
    found.refresh_from_db()
    run.refresh_from_db()
    with clock.frozen(DRAWN + timedelta(minutes=20)):
        if found.checker is not None and found.checker.user is not None:
            by = Actor(user=found.checker.user, teacher=found.checker, roles=frozenset({Role.LEADING_GROUP}))
            check = drawing.ask_check(run=run, by=by, in_background=False)
            run_check.func(check.pk)
    with clock.frozen(DRAWN + timedelta(hours=1)):
        drawing.confirm_draw(found=found, by=office)


def _parent(student: Student) -> Actor | None:
    """Return an account that acts for the child."""
    links = Guardianship.objects.filter(student=student, acts=True, guardian__user__isnull=False)
    link = links.select_related("guardian__user").first()
    if link is None:
        return None
    return Actor(user=link.guardian.user, guardian=link.guardian, roles=frozenset({Role.PARENT}))


def _wait(term: Term, found: ClubRound, rng: random.Random) -> None:
    """Let some who lost their first choice wait for it; in one club a place gets free and is offered."""
    lost = ClubWish.objects.filter(sheet__round=found, rank=1).select_related("club__term", "sheet__student")
    held = {
        place.student_id: place for place in ClubPlace.objects.filter(club__term=term).exclude(state=PlaceState.LEFT)
    }
    lined: dict[int, int] = defaultdict(int)
    for wish in lost.order_by("sheet"):
        place = held.get(wish.sheet.student_id)
        full = wish.club.taken >= wish.club.largest
        reserved = place is not None and place.source == PlaceSource.RESERVED
        if not full or reserved or (place and place.club_id == wish.club_id) or lined[wish.club_id] >= WAITING_PER_CLUB:
            continue
        by = _parent(wish.sheet.student)
        if by is not None:
            waiting.join_line(club=wish.club, student=wish.sheet.student, by=by, instead_of=place)
            lined[wish.club_id] += 1
    for club_id in list(lined)[:2]:
        place = (
            ClubPlace.objects.filter(club=club_id, source=PlaceSource.DRAW, state=PlaceState.HELD)
            .select_related("club__term", "student")
            .first()
        )
        by = _parent(place.student) if place else None
        if place is not None and by is not None:
            choosing.leave_club(place=place, by=by)
    with clock.frozen(DRAWN + timedelta(days=2)):
        choosing.leaving_and_lines(term=term)


def _second_round(term: Term, office: Actor, rng: random.Random) -> None:
    """Open the places that were left, first come, first served; some took one already."""
    left = [club for club in Club.objects.filter(term=term, state=ClubState.APPROVED) if club.taken < club.largest]
    if not left:
        return
    settings = RoundSettings(
        "剩余名额",
        RoundMode.FIRST,
        SECOND_OPENS,
        SECOND_CLOSES,
        SECOND_CLOSES.date() + timedelta(days=1),
        offer_hours=48,
    )
    with clock.frozen(DRAWN + timedelta(hours=5)):
        found = rounds.set_up_round(term=term, settings=settings, clubs=[club.pk for club in left], by=office)
        rounds.publish_round(found=found, by=office)
    have = ClubPlace.objects.filter(club__term=term).exclude(state=PlaceState.LEFT).values("student")
    waits = ClubWait.objects.filter(club__term=term).values("student")
    rows = term.applications.filter(state="school_approved").exclude(student__in=have).exclude(student__in=waits)
    students = list(Student.objects.filter(pk__in=rows.values("student")).order_by("pk"))
    book = book_of(term, [club.pk for club in left], [student.pk for student in students])
    by_id = {club.pk: club for club in left}
    for student in rng.sample(students, min(SECOND, len(students))):
        fitting = next((pk for pk in by_id if not book.ask(student.pk, pk).code), None)
        by = _parent(student)
        if fitting is not None and by is not None:
            with clock.frozen(SECOND_OPENS + timedelta(minutes=rng.randrange(400))):
                choosing.choose_now(found=found, club=by_id[fitting], student=student, by=by)
