"""The offices' pages in the administration that need attempts, messages and the registry together.

A page is a view under `office_page`, which says who may open it; `urls.py` gives it its address below `/admin/office/`
and `desk.py` names what waits for whom on the first page of the administration.
"""
