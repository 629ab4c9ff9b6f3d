"""Teachers' leave, stand-ins and swaps."""

from django.urls import path

from scheduling.views import standin_moves, standin_record, standins, teacher_leave

urlpatterns = [
    path("standins/", standins.standins, name="standins"),
    path("standins/desk/", standins.desk, name="standins-desk"),
    path("standins/leaves/new/", teacher_leave.leave_new, name="standins-leave-new"),
    path("standins/leaves/<int:pk>/", teacher_leave.leave, name="standins-leave"),
    path("standins/leaves/<int:pk>/confirm/", teacher_leave.leave_confirm, name="standins-leave-confirm"),
    path("standins/leaves/<int:pk>/decline/", teacher_leave.leave_decline, name="standins-leave-decline"),
    path("standins/leaves/<int:pk>/cancel/", teacher_leave.leave_cancel, name="standins-leave-cancel"),
    path("standins/duties/<int:pk>/", standins.choose, name="standins-duty"),
    path("standins/duties/<int:pk>/ask/", standins.ask, name="standins-duty-ask"),
    path("standins/duties/<int:pk>/place/", standins.place, name="standins-duty-place"),
    path("standins/duties/<int:pk>/swap/", standins.swap, name="standins-duty-swap"),
    path("standins/<int:pk>/accept/", standin_moves.accept, name="standins-accept"),
    path("standins/<int:pk>/decline/", standin_moves.decline, name="standins-decline"),
    path("standins/<int:pk>/confirm/", standin_moves.confirm, name="standins-confirm"),
    path("standins/<int:pk>/place/", standin_moves.place, name="standins-place"),
    path("standins/<int:pk>/refuse/", standin_moves.refuse, name="standins-refuse"),
    path("standins/<int:pk>/cancel/", standin_moves.cancel, name="standins-cancel"),
    path("standins/record/", standin_record.record, name="standins-record"),
    path("standins/record/paper/", standin_record.paper, name="standins-record-paper"),
    path("standins/record/excel/", standin_record.excel, name="standins-record-excel"),
    path("standins/load/", standin_record.load, name="standins-load"),
]
