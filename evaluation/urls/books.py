"""Record books, and their checks by lot."""

from django.urls import path

from evaluation.views import books

urlpatterns = [
    path("books/", books.books, name="books"),
    path("books/ask/", books.ask, name="books-ask"),
    path("books/draw/", books.draw, name="books-draw"),
    path("books/runs/<int:pk>/go-on/", books.go_on, name="books-go-on"),
    path("books/runs/<int:pk>/<str:kind>/", books.file, name="books-file"),
    path("books/groups/<int:pk>/", books.one, name="book-one"),
    path("books/checked/<int:pk>/", books.finding, name="book-finding"),
]
