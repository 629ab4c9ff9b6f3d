"""Safety checks of places, and the defects they find."""

from django.urls import path

from attendance.views import checks, defects

urlpatterns = [
    path("safety/", checks.safety, name="safety"),
    path("safety/rooms/<int:room_pk>/lists/<int:list_pk>/check/", checks.check_new, name="safety-check-new"),
    path("safety/checks/<int:pk>/", checks.check, name="safety-check"),
    path("safety/records/", checks.records, name="safety-records"),
    path("safety/records/paper/", checks.records_paper, name="safety-records-paper"),
    path("safety/lists/", checks.lists, name="safety-lists"),
    path("safety/lists/<int:pk>/set/", checks.list_set, name="safety-list-set"),
    path("safety/lists/<int:pk>/add/", checks.item_add, name="safety-item-add"),
    path("safety/items/<int:pk>/switch/", checks.item_switch, name="safety-item-switch"),
    path("defects/", defects.defects, name="defects"),
    path("defects/new/", defects.defect_new, name="defect-new"),
    path("defects/<int:pk>/", defects.defect, name="defect"),
    path("defects/<int:pk>/arrange/", defects.defect_arrange, name="defect-arrange"),
    path("defects/<int:pk>/repair/", defects.defect_repair, name="defect-repair"),
    path("defects/<int:pk>/pass/", defects.defect_pass, name="defect-pass"),
    path("defects/<int:pk>/fail/", defects.defect_fail, name="defect-fail"),
    path("defects/photos/<int:pk>/", defects.defect_photo, name="defect-photo"),
]
