"""The pages of the demo; wired in the demo mode only."""

urlpatterns: list[object] = []
