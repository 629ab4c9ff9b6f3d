"""The work list and its tasks."""

from django.urls import URLPattern, path

from scheduling.views import work

urlpatterns: list[URLPattern] = [
    path("work/", work.work, name="work"),
    path("work/mine/", work.mine, name="my-work"),
    path("work/list/", work.work_list, name="work-list"),
    path("work/list/begin/", work.work_begin, name="work-begin"),
    path("work/list/print/", work.work_paper, name="work-paper"),
    path("work/items/new/", work.item_edit, name="work-item-new"),
    path("work/items/<int:pk>/", work.item_edit, name="work-item"),
    path("work/items/<int:pk>/switch/", work.item_switch, name="work-item-switch"),
    path("work/items/<int:pk>/move/", work.item_move, name="work-item-move"),
    path("work/tasks/<int:pk>/done/", work.done, name="work-done"),
    path("work/tasks/<int:pk>/undo/", work.undo, name="work-undo"),
    path("work/tasks/<int:pk>/hand-over/", work.hand_over, name="work-hand-over"),
    path("work/tasks/<int:pk>/drop/", work.drop, name="work-drop"),
]
