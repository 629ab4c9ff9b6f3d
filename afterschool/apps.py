from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The shell: it owns no tables, only what speaks to all apps."""

    name = "afterschool"
    label = "portal"
    verbose_name = "课后服务"

    def ready(self) -> None:
        from afterschool.setup.archive import making

        making.register()
