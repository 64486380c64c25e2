"""No page takes files but the import, and none writes them to the disk."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/activation/", "/mypassword/login/", "/receipts/nowhere/"])
def test_a_file_that_nobody_asked_for_goes_nowhere(address: str, settings: Any, tmp_path: Path) -> None:
    """Any of these, read by Django's own handlers, would become a file in this directory, which is not there."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "absent")
    large = SimpleUploadedFile("students.csv", b"x" * (3 << 20))
    client = Client(enforce_csrf_checks=address.startswith("/mypassword"))
    answer = client.post(address, {"role": "student", "file": large})
    assert answer.status_code in (302, 403, 404)
    assert not answer.wsgi_request.FILES


def test_the_fields_beside_a_file_are_read() -> None:
    answer = Client().post("/activation/", {"file": SimpleUploadedFile("a.txt", b"x" * 100), "role": "student"})
    assert answer["Location"] == "/activation/contact/"
