"""Leave, changes of pick-up, who else fetches; and the settings of the afternoon."""

from django.urls import path

from attendance.views import leaves, pickups, settings, slips

urlpatterns = [
    path("leaves/", leaves.listing, name="leave-list"),
    path("leaves/mine/", leaves.mine, name="leave-mine"),
    path("leaves/slips/", slips.slips, name="leave-slips"),
    path("children/<int:pk>/leaves/new/", leaves.new, name="leave-new"),
    path("leaves/<int:pk>/cancel/", leaves.cancel, name="leave-cancel"),
    path("children/<int:pk>/pickup-changes/new/", pickups.new, name="pickup-change-new"),
    path("pickup-changes/<int:pk>/cancel/", pickups.cancel, name="pickup-change-cancel"),
    path("day-fetchers/<int:pk>/cancel/", pickups.cancel_other, name="fetcher-cancel"),
    path("settings/", settings.edit, name="afternoon-settings"),
]
