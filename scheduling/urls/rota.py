"""The weekly rota: read, proposed, changed, published, its settings and wishes."""

from django.urls import path

from scheduling.views import rota, rota_draft, rota_people

urlpatterns = [
    path("rota/", rota.rota, name="rota"),
    path("rota/load/", rota.rota_load, name="rota-load"),
    path("rota/print/", rota.rota_print, name="rota-print"),
    path("rota/paper/", rota.rota_paper, name="rota-paper"),
    path("rota/excel/", rota.rota_excel, name="rota-excel"),
    path("rota/propose/", rota_draft.rota_propose, name="rota-propose"),
    path("rota/draft/", rota_draft.rota_draft, name="rota-draft"),
    path("rota/<int:pk>/accept/", rota_draft.rota_accept, name="rota-accept"),
    path("rota/turns/<int:pk>/", rota_draft.rota_turn, name="rota-turn"),
    path("rota/turns/<int:pk>/check/", rota_draft.rota_turn_check, name="rota-turn-check"),
    path("rota/turns/<int:pk>/free/", rota_draft.rota_turn_free, name="rota-turn-free"),
    path("rota/settings/", rota_people.rota_settings, name="rota-settings"),
    path("rota/settings/floaters/set/", rota_people.rota_floaters, name="rota-floaters"),
    path("rota/settings/carry/", rota_people.rota_carry, name="rota-carry"),
    path("rota/people/<int:pk>/", rota_people.rota_person, name="rota-person"),
    path("rota/people/<int:pk>/wish/", rota_people.rota_person_wish, name="rota-person-wish"),
    path("rota/wishes/", rota_people.rota_wishes, name="rota-wishes"),
]
