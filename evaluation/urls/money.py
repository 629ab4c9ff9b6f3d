"""Term statements and allowance."""

from django.urls import path

from evaluation.views import money

urlpatterns = [
    path("allowance/", money.lists, name="allowance"),
    path("allowance/begin/", money.begin, name="allowance-begin"),
    path("allowance/rates/", money.rates, name="allowance-rates"),
    path("allowance/rates/<int:pk>/drop/", money.rate_drop, name="allowance-rate-drop"),
    path("allowance/<int:pk>/", money.one, name="allowance-list"),
    path("allowance/<int:pk>/send/", money.send, name="allowance-send"),
    path("allowance/<int:pk>/correct/", money.correct, name="allowance-correct"),
    path("allowance/<int:pk>/drop/", money.drop, name="allowance-drop"),
    path("allowance/<int:pk>/paper/", money.paper, name="allowance-paper"),
    path("statements/", money.statements, name="statements"),
    path("statements/paper/", money.statements_paper, name="statements-paper"),
    path("statements/mine/", money.my_statement, name="my-statement"),
    path("statements/<int:pk>/", money.statement, name="statement"),
    path("statements/<int:pk>/paper/", money.statement_paper, name="statement-paper"),
]
