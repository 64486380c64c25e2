"""The pages of the demo; wired in the demo mode only."""

from django.urls import path

from accounts.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.guide, name="guide"),
    path("people.json", views.people_json, name="people_json"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox.json", views.inbox_json, name="inbox_json"),
    path("directory/", views.directory, name="directory"),
    path("directory.json", views.directory_json, name="directory_json"),
]
