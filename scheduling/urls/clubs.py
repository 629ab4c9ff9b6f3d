"""Clubs: catalogue, proposal, approval, members."""

from django.urls import path

from scheduling.views import club_members, clubs

urlpatterns = [
    path("clubs/", clubs.clubs, name="clubs"),
    path("clubs/new/", clubs.club_new, name="club-new"),
    path("clubs/most/set/", clubs.set_most, name="clubs-most"),
    path("clubs/print/", club_members.print_all, name="clubs-print"),
    path("clubs/class/", club_members.of_class, name="clubs-class"),
    path("clubs/<int:pk>/", clubs.club, name="club"),
    path("clubs/<int:pk>/edit/", clubs.club_edit, name="club-edit"),
    path("clubs/<int:pk>/approve/", clubs.approve, name="club-approve"),
    path("clubs/<int:pk>/return/", clubs.give_back, name="club-return"),
    path("clubs/<int:pk>/decline/", clubs.decline, name="club-decline"),
    path("clubs/<int:pk>/close/", clubs.close, name="club-close"),
    path("clubs/<int:pk>/print/", club_members.print_lists, name="club-print"),
    path("clubs/<int:pk>/members/", club_members.members, name="club-members"),
    path("clubs/<int:pk>/members/reserve/", club_members.reserve, name="club-reserve"),
    path("clubs/members/<int:pk>/remove/", club_members.remove, name="club-member-remove"),
]
