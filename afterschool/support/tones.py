"""States whose badge has a tone; the words and signs of the tones are those of the look."""

from django.db.models import TextChoices


class Toned(TextChoices):
    """A state that says its tone between value and word: `OPEN = "open", "wait", "待处理"`."""

    tone: str

    def __new__(cls, value: str, tone: str = "") -> "Toned":
        member = str.__new__(cls, value)
        member._value_ = value
        member.tone = tone
        return member
