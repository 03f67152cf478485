"""The portal's endpoints as they are usually written with Django REST framework."""
