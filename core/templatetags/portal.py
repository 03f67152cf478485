"""What any page may say of the employer whose portal it is."""

from django import template
from django.conf import settings

from core import company

register = template.Library()
register.simple_tag(company.company_name)


@register.simple_tag
def contact_email() -> str:
    return settings.CONTACT_EMAIL
