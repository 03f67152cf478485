from django.http import HttpResponse


def session_detail(request, session_id):
    return HttpResponse("x")
