"""How forms become HTML: one template for a form, one for a field."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Takes form templates from `templates/forms/`; widgets keep Django's own."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
