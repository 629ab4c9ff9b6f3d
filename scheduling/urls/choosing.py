"""Choosing clubs: rounds, wishes, the draw, waiting lists."""

from django.urls import URLPattern, path

from scheduling.views import choosing, drawing, rounds

urlpatterns: list[URLPattern] = [
    # The family's
    path("choosing/mine/", choosing.my_clubs, name="my-clubs"),
    path("choosing/rounds/<int:pk>/children/<int:student_pk>/", choosing.choose, name="choose"),
    path("choosing/rounds/<int:pk>/children/<int:student_pk>/take/", choosing.take, name="choose-take"),
    path("choosing/children/<int:student_pk>/", choosing.child_clubs, name="child-clubs"),
    path("choosing/children/<int:student_pk>/wait/", choosing.wait_join, name="wait-join"),
    path("choosing/waits/<int:pk>/leave/", choosing.wait_leave, name="wait-leave"),
    path("choosing/waits/<int:pk>/take/", choosing.wait_take, name="wait-take"),
    path("choosing/places/<int:pk>/leave/", choosing.place_leave, name="place-leave"),
    path("choosing/places/<int:pk>/take-back/", choosing.place_take_back, name="place-take-back"),
    path("choosing/places/<int:pk>/leave-merged/", choosing.place_leave_merged, name="place-leave-merged"),
    path("choosing/places/<int:pk>/restore/", choosing.place_restore, name="place-restore"),
    path("choosing/places/<int:pk>/swap/", choosing.place_swap, name="place-swap"),
    path("choosing/swaps/<int:pk>/drop/", choosing.swap_drop, name="swap-drop"),
    # The office's
    path("choosing/rounds/", rounds.listing, name="rounds"),
    path("choosing/rounds/new/", rounds.new, name="round-new"),
    path("choosing/rounds/<int:pk>/", rounds.one, name="round"),
    path("choosing/rounds/<int:pk>/edit/", rounds.edit, name="round-edit"),
    path("choosing/rounds/<int:pk>/publish/", rounds.publish, name="round-publish"),
    path("choosing/rounds/<int:pk>/extend/", rounds.extend, name="round-extend"),
    path("choosing/rounds/<int:pk>/cancel/", rounds.cancel, name="round-cancel"),
    path("choosing/rounds/<int:pk>/end/", rounds.end, name="round-end"),
    path("choosing/rounds/<int:pk>/excel/", rounds.excel, name="round-excel"),
    path("choosing/rounds/<int:pk>/class/", rounds.class_choose, name="round-class-choose"),
    path("choosing/rounds/<int:pk>/class/<int:class_pk>/", rounds.class_list, name="round-class"),
    path("choosing/offers/<int:pk>/keep/", rounds.offer_keep, name="round-club-keep"),
    path("choosing/offers/<int:pk>/merge/", rounds.offer_merge, name="round-club-merge"),
    path("choosing/offers/<int:pk>/close/", rounds.offer_close, name="round-club-close"),
    path("choosing/paper/", rounds.on_paper, name="wishes-on-paper"),
    # The draw
    path("choosing/rounds/<int:pk>/seal/", drawing.seal, name="round-seal"),
    path("choosing/rounds/<int:pk>/draw/", drawing.start, name="round-draw"),
    path("choosing/rounds/<int:pk>/again/", drawing.again, name="round-again"),
    path("choosing/rounds/<int:pk>/confirm/", drawing.confirm, name="round-confirm"),
    path("choosing/checks/", drawing.checks, name="round-checks"),
    path("choosing/rounds/<int:pk>/checking/", drawing.checking, name="round-checking"),
    path("choosing/draws/<int:pk>/check/", drawing.check, name="draw-check"),
    path("choosing/draws/<int:pk>/file/", drawing.full_file, name="draw-file"),
    path("choosing/rounds/<int:pk>/public/", drawing.public_page, name="round-public"),
]
