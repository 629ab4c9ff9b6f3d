from django.urls import path

from enrollment.views import care, family, family_fees, fees, office, payments, review

app_name = "enrollment"
urlpatterns = [
    # The family
    path("my/", family.my_applications, name="my-applications"),
    path("consent/", family.consent, name="my-consent"),
    path("students/<int:pk>/application/", family.apply, name="apply"),
    path("students/<int:pk>/application/withdraw/", family.withdraw, name="apply-withdraw"),
    path("students/<int:pk>/application/reopen/", family.reopen, name="apply-reopen"),
    # The class
    path("class-review/", review.class_review, name="class-review"),
    path("classes/<int:pk>/review/", review.class_review_of, name="class-review-of"),
    path("classes/<int:pk>/applications/approve/", review.class_approve, name="class-approve"),
    path("students/<int:pk>/paper/", review.record_paper, name="class-paper"),
    path("students/<int:pk>/care/", care.child, name="class-care"),
    path("applications/<int:pk>/", review.application, name="application"),
    path("applications/<int:pk>/approve/", review.approve, name="application-approve"),
    path("applications/<int:pk>/return/", review.return_one, name="application-return"),
    path("applications/<int:pk>/decline/", review.decline, name="application-decline"),
    path("applications/<int:pk>/withdraw/", review.paper_withdraw, name="application-withdraw"),
    path("applications/<int:pk>/review-again/", review.review_again, name="application-review-again"),
    # The school
    path("figures/", office.figures, name="figures"),
    path("grades/<int:grade>/", office.grade, name="figures-grade"),
    path("grades/<int:grade>/list.xlsx", office.grade_list, name="figures-grade-list"),
    path("grades/<int:grade>/approve/", office.grade_approve, name="figures-grade-approve"),
    path("classes/<int:pk>/approve/", office.school_approve_class, name="figures-class-approve"),
    path("late/", office.late, name="late"),
    path("students/<int:pk>/late/permit/", office.permit_late, name="late-permit"),
    path("window/close/", office.window_close, name="window-close"),
    path("window/reopen/", office.window_reopen, name="window-reopen"),
    path("care-categories/", care.categories, name="care-categories"),
    path("care-categories/add/", care.category_add, name="care-category-add"),
    path("care-categories/<int:pk>/change/", care.category_change, name="care-category-change"),
    # Fees
    path("my/fees/", family_fees.my_fees, name="my-fees"),
    path("students/<int:pk>/my-fees/print/", family_fees.my_fees_print, name="my-fees-print"),
    path("fees/", fees.fees, name="fees"),
    path("fees/settings/", fees.settings, name="fees-settings"),
    path("fees/periods/<slug:period>/", fees.period, name="fees-period"),
    path("fees/periods/<slug:period>/issue/", fees.period_issue, name="fees-period-issue"),
    path("fees/classes/<int:pk>/", fees.school_class, name="fees-class"),
    path("fees/classes/<int:pk>/print/", fees.class_print, name="fees-class-print"),
    path("fees/students/<int:pk>/", fees.student, name="fees-student"),
    path("fees/students/<int:pk>/print/", fees.student_print, name="fees-student-print"),
    path("fees/students/<int:pk>/payments/add/", payments.add, name="fees-payment-add"),
    path("fees/payments/<int:pk>/take-back/", payments.take_back, name="fees-payment-take-back"),
    path("fees/differences/", fees.differences, name="fees-differences"),
    path("fees/export/", fees.export, name="fees-export"),
    path("fees/files/", payments.payments, name="fees-payments"),
    path("fees/files/template/", payments.template, name="fees-payments-template"),
    path("fees/files/<int:pk>/", payments.file, name="fees-payments-file"),
    path("fees/files/<int:pk>/accept/", payments.accept, name="fees-payments-accept"),
    path("fees/files/<int:pk>/discard/", payments.discard, name="fees-payments-discard"),
]
