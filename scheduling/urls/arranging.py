"""Groups, timetables and the calendar."""

from django.urls import path

from scheduling.views import arranging, calendar, grouping, groups, regrouping, timetables

urlpatterns = [
    path("grouping/", grouping.grouping, name="grouping"),
    path("grouping/propose/", grouping.propose, name="grouping-propose"),
    path("grouping/<int:pk>/accept/", grouping.accept, name="grouping-accept"),
    path("grouping/<int:pk>/print/", grouping.print_reasons, name="grouping-print"),
    path("grouping/later/", regrouping.regrouping, name="regrouping"),
    path("grouping/later/propose/", regrouping.propose, name="regrouping-propose"),
    path("grouping/later/<int:pk>/accept/", regrouping.accept, name="regrouping-accept"),
    path("grouping/later/<int:pk>/take-back/", regrouping.take_back, name="regrouping-take-back"),
    path("groups/arrange/<int:grade>/", arranging.arrange, name="arrange"),
    path("groups/arrange/<int:grade>/hints/", arranging.hints, name="arrange-hints"),
    path("groups/arrange/<int:grade>/move/", arranging.move, name="arrange-move"),
    path("groups/arrange/<int:grade>/take-back/", arranging.take_back, name="arrange-take-back"),
    path("groups/", groups.groups, name="groups"),
    path("groups/places/end/", groups.end_idle, name="groups-places-end"),
    path("groups/places/follow/", groups.follow_weekdays, name="groups-weekdays-follow"),
    path("groups/print/", groups.print_lists, name="groups-print"),
    path("groups/<int:pk>/", groups.group, name="group"),
    path("groups/<int:pk>/room/", groups.set_room, name="group-room"),
    path("groups/children/<int:student>/move/", groups.move, name="group-move"),
    path("timetables/", timetables.timetables, name="timetables"),
    path("timetables/paper/", timetables.timetable_paper, name="timetable-paper"),
    path("timetables/new/<int:band_id>/", timetables.timetable_new, name="timetable-new"),
    path("timetables/<int:pk>/", timetables.timetable_edit, name="timetable-edit"),
    path("timetables/<int:pk>/remove/", timetables.timetable_remove, name="timetable-remove"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/fill/", calendar.fill, name="calendar-fill"),
    path("calendar/sessions/make/", calendar.sessions_make, name="calendar-sessions"),
    path("calendar/span/", calendar.span, name="calendar-span"),
    path("calendar/<int:pk>/", calendar.day, name="calendar-day"),
]
