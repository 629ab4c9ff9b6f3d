"""Week plans, day notes and notes about children."""

from django.urls import path

from attendance.views import notes, plan_desk, plans

urlpatterns = [
    path("plans/", plan_desk.desk, name="plans"),
    path("plans/see/", plan_desk.see, name="plans-see"),
    path("plans/print/", plan_desk.paper, name="plans-print"),
    path("plans/mine/", plans.mine, name="plans-mine"),
    path("plans/<int:pk>/take-back/", plans.take_back, name="plan-take-back"),
    path("plans/<int:pk>/return/", plan_desk.send_back, name="plan-return"),
    path("plans/<int:pk>/paper/", plans.paper, name="plan-paper"),
    path("plans/files/<int:pk>/", plans.file, name="plan-file"),
    path("plans/files/<int:pk>/remove/", plans.remove_file, name="plan-file-remove"),
    path("groups/<int:pk>/plans/<str:week>/", plans.plan, name="plan"),
    path("groups/<int:pk>/plans/<str:week>/files/add/", plans.add_file, name="plan-file-add"),
    path("sessions/<int:pk>/note/", notes.day, name="session-note"),
    path("sessions/<int:pk>/children/", notes.children, name="session-children"),
    path("sessions/<int:pk>/children/homework/", notes.homework, name="session-homework"),
    path("child-notes/", notes.of_class, name="child-notes"),
    path("child-notes/<int:pk>/", notes.child, name="child-note"),
    path("child-notes/<int:pk>/remove/", notes.remove, name="child-note-remove"),
    path("children/<int:pk>/notes/", notes.of_child, name="my-child-notes"),
]
