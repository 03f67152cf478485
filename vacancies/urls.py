"""What the candidate's pages show of a company, for anybody to see."""

from django.urls import path

from vacancies import views

app_name = "vacancies"

urlpatterns = [
    path("<int:company_id>/logo", views.company_logo, name="company_logo"),
    path("<int:company_id>/look.css", views.company_look, name="company_look"),
]
