"""Rubrics and sheets."""

from django.urls import path

from evaluation.views import children, objections, periods, results, rubrics, teachers

urlpatterns = [
    path("teachers/", teachers.teachers, name="teachers"),
    path("teacher-periods/", periods.latest, name="teacher-periods"),
    path("teachers/<str:period>/", periods.period, name="teacher-period"),
    path("teachers/<str:period>/<int:pk>/", periods.sheet, name="teacher-period-sheet"),
    path("teachers/<str:period>/<int:pk>/save/", periods.save, name="teacher-period-save"),
    path("sessions/<int:pk>/sheet/", teachers.visit, name="teacher-visit"),
    path("sessions/<int:pk>/sheet/save/", teachers.save_visit, name="teacher-visit-save"),
    path("teacher-sheets/<int:pk>/", teachers.sheet, name="teacher-sheet"),
    path("teacher-sheets/<int:pk>/reopen/", teachers.reopen_sheet, name="teacher-sheet-reopen"),
    path("sheets/<int:pk>/paper/", teachers.paper, name="sheet-paper"),
    path("teacher-sheets/<int:pk>/object/", objections.object_to, name="teacher-sheet-object"),
    path("objections/<int:pk>/answer/", objections.answer, name="objection-answer"),
    path("results/", results.results, name="results"),
    path("results/follow/", results.follow, name="results-follow"),
    path("results/paper/", results.paper, name="results-paper"),
    path("results/<int:pk>/", results.result, name="result"),
    path("results/<int:pk>/decide/", results.decide, name="result-decide"),
    path("my-sheets/", teachers.my_sheets, name="my-sheets"),
    path("children/", children.groups, name="children"),
    path("groups/<int:pk>/children/<str:month>/", children.group, name="children-group"),
    path("groups/<int:pk>/children/<str:month>/save/", children.save_group, name="children-save"),
    path("child-sheets/", children.child_sheets, name="child-sheets"),
    path("child-sheets/<int:pk>/", children.child_sheet, name="child-sheet"),
    path("children-sheets/<int:pk>/", children.finished_sheet, name="children-sheet"),
    path("children-sheets/<int:pk>/reopen/", children.reopen_sheet, name="children-sheet-reopen"),
    path("rubrics/", rubrics.rubrics, name="rubrics"),
    path("rubrics/versions/<int:pk>/", rubrics.version, name="rubric-version"),
    path("rubrics/<str:kind>/new/", rubrics.edit, name="rubric-edit"),
    path("rubrics/<str:kind>/save/", rubrics.save, name="rubric-save"),
]
