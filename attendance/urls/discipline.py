"""Teachers' attendance, flags and breaches."""

from django.urls import path

from attendance.views import breaches, flags, school_devices, staff_checks, teacher_attendance

urlpatterns = [
    path("teachers/mine/", teacher_attendance.mine, name="my-attendance"),
    path("teachers/day/", teacher_attendance.day, name="teacher-day"),
    path("teachers/duties/<int:pk>/sign-ins/new/", teacher_attendance.enter, name="teacher-sign-in"),
    path("teachers/unrecorded/<int:pk>/settle/", teacher_attendance.settle, name="unrecorded-settle"),
    path("teachers/flags/", flags.desk, name="teacher-flags"),
    path("teachers/flags/<int:pk>/", flags.page, name="flag"),
    path("teachers/flags/<int:pk>/decide/", flags.decide, name="flag-decide"),
    path("teachers/flags/<int:pk>/answer/", flags.answer, name="flag-answer"),
    path("teachers/flags/<int:pk>/appeal/", flags.appeal, name="flag-appeal"),
    path("teachers/flags/<int:pk>/keep/", flags.keep, name="flag-keep"),
    path("teachers/flags/<int:pk>/drop/", flags.drop, name="flag-drop"),
    path("teachers/rules/", flags.rules, name="attendance-rules"),
    path("teachers/checks/", staff_checks.today, name="staff-checks"),
    path("sessions/<int:pk>/staff-checks/new/", staff_checks.new, name="staff-check-new"),
    path("sessions/<int:pk>/staff-checks/add/", staff_checks.add, name="staff-check-add"),
    path("devices/", school_devices.listing, name="devices"),
    path("devices/networks/set/", school_devices.networks, name="networks-set"),
    path("devices/add/", school_devices.add, name="device-add"),
    path("devices/<int:pk>/remove/", school_devices.remove, name="device-remove"),
    path("breaches/", breaches.listing, name="breaches"),
    path("breaches/new/", breaches.new, name="breach-new"),
    path("breaches/<int:pk>/", breaches.page, name="breach"),
    path("breaches/<int:pk>/ask/", breaches.ask, name="breach-ask"),
    path("breaches/<int:pk>/answer/", breaches.answer, name="breach-answer"),
    path("breaches/<int:pk>/confirm/", breaches.confirm, name="breach-confirm"),
    path("breaches/<int:pk>/dismiss/", breaches.dismiss, name="breach-dismiss"),
    path("breaches/<int:pk>/files/add/", breaches.add_file, name="breach-file-add"),
    path("breaches/<int:pk>/files/<int:file_pk>/", breaches.file, name="breach-file"),
]
