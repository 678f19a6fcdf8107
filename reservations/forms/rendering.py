"""How the house draws a form: label, help, error, control, in that order (templates/components/)."""

from django.forms.renderers import TemplatesSetting


class HouseFormRenderer(TemplatesSetting):
    """Draws forms and fields with the house's components."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
