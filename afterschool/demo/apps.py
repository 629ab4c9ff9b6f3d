from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "afterschool.demo"
    label = "demo"
    verbose_name = "示范学校"
