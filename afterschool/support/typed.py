"""Words as people typed them."""

from typing import Any

from django import forms


def one_newline(text: str) -> str:
    """Return a text with one sign for each line end: a browser counts it as one letter and sends two."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class WordsField(forms.CharField):
    """Several lines of text, as long as the browser says they are."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(one_newline(value) if isinstance(value, str) else value)
