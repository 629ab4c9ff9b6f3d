"""Training, meetings and volunteers."""

from django.urls import URLPattern, path

from scheduling.views import training, volunteers

urlpatterns: list[URLPattern] = [
    path("trainings/", training.trainings, name="trainings"),
    path("trainings/new/<slug:kind>/", training.training_new, name="training-new"),
    path("trainings/<int:pk>/", training.training, name="training"),
    path("trainings/<int:pk>/edit/", training.training_edit, name="training-edit"),
    path("trainings/<int:pk>/mark/", training.training_mark, name="training-mark"),
    path("trainings/<int:pk>/close/", training.training_close, name="training-close"),
    path("trainings/<int:pk>/cancel/", training.training_cancel, name="training-cancel"),
    path("trainings/<int:pk>/print/", training.training_paper, name="training-paper"),
    path("trainings/people/<int:pk>/remove/", training.person_remove, name="training-person-remove"),
    path("trainings/classes/<int:pk>/tell/", training.class_told, name="training-class-told"),
    path("volunteers/", volunteers.volunteers, name="volunteers"),
    path("volunteers/my/", volunteers.my_volunteering, name="my-volunteering"),
    path("volunteers/my/<int:pk>/end/", volunteers.my_end, name="my-volunteering-end"),
    path("volunteers/today/", volunteers.today, name="volunteer-today"),
    path("volunteers/propose/", volunteers.propose, name="volunteer-propose"),
    path("volunteers/place/", volunteers.place, name="volunteer-place"),
    path("volunteers/most/set/", volunteers.most, name="volunteer-most"),
    path("volunteers/<int:pk>/decide/", volunteers.decide, name="volunteer-decide"),
    path("volunteers/turns/<int:pk>/cancel/", volunteers.take_away, name="volunteer-turn-cancel"),
    path("volunteers/turns/<int:pk>/came/", volunteers.came, name="volunteer-turn-came"),
]
