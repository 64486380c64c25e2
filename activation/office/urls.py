"""The addresses of the offices' pages, below `/admin/office/`: `admin:office:…`."""

from django.urls import path

from activation.office import corrections, letters, numbers, progress, quality, remedies, views, write_back

app_name = "office"
urlpatterns = [
    path("corrections/", corrections.queue, name="corrections"),
    path("corrections/<int:pk>/", corrections.request_page, name="correction"),
    *(
        path(f"corrections/<int:pk>/{act}/", corrections.act, {"act": act}, name=f"correction_{act}")
        for act in corrections.ACTS
    ),
    path("amka/", numbers.numbers, name="numbers"),
    path("amka/<int:pk>/", numbers.number, name="number"),
    *(path(f"amka/<int:pk>/{act}/", numbers.act, {"act": act}, name=f"number_{act}") for act in numbers.ACTS),
    path("letters/", letters.batch, name="letters"),
    path("letters/<int:pk>/", letters.single, name="letter"),
    path("write-back/", write_back.overview, name="write_back"),
    path("write-back/export/", write_back.export, name="write_back_export"),
    path("records/<int:pk>/", views.why, name="why"),
    path("records/<int:pk>/number/", views.reveal, name="reveal"),
    path("records/<int:pk>/release/<slug:field>/", views.release, name="release"),
    *(path(f"records/<int:pk>/{act}/", remedies.act, {"act": act}, name=f"why_{act}") for act in remedies.ACTS),
    path("progress/", progress.progress, name="progress"),
    path("progress/export/", progress.export, name="progress_export"),
    path("quality/", quality.overview, name="quality"),
    path("quality/export/", quality.export, name="quality_export"),
    path("quality/<slug:code>/", quality.finding, name="finding"),
]
