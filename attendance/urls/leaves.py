"""Leave and changes of pick-up."""

from django.urls import path

from attendance.views import leaves

urlpatterns = [
    path("leaves/", leaves.listing, name="leave-list"),
    path("leaves/new/", leaves.choose, name="leave-choose"),
    path("children/<int:pk>/leaves/new/", leaves.new, name="leave-new"),
    path("leaves/<int:pk>/cancel/", leaves.cancel, name="leave-cancel"),
    path("children/<int:pk>/pickup-changes/new/", leaves.new_change, name="pickup-change-new"),
    path("pickup-changes/<int:pk>/cancel/", leaves.cancel_change, name="pickup-change-cancel"),
]
