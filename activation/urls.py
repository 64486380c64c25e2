"""The addresses of the activation."""

app_name = "activation"
urlpatterns: list[object] = []
