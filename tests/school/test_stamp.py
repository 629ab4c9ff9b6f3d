"""A piece stamped for many rows is what it would be if it were rendered for each."""

import re
from dataclasses import dataclass

import pytest
from django.template import engines
from django.template.loader import get_template
from django.utils.safestring import mark_safe

from afterschool.school.templatetags import school

PIECE = """<li{% if look %} class="{{ look }}"{% endif %} title="100 %(sure)s %">{{ words.name }}, {{ words.number }}
<a href="{% url 'school:message' words.number %}">{{ shared.word }}</a></li>"""


@dataclass
class Line:
    look: str
    words: dict[str, object]


@pytest.fixture
def rendered(monkeypatch):
    """Count how often the piece is rendered."""
    piece = engines["django"].from_string(PIECE)
    times = []

    class Counted:
        def render(self, context):
            times.append(context["look"])
            return piece.render(context)

    monkeypatch.setattr(school.loader, "get_template", lambda name: Counted())
    return piece, times


def test_each_row_has_its_own_words_and_its_look(rendered):
    piece, times = rendered
    words = [("<b>5</b> & %s", 1), (mark_safe("a<wbr>b"), 12345678), ("“引号” \"'", 3), ("90909090909", 1), ("", 0)]
    rows = [Line(look, {"name": name, "number": number}) for look in ("", "now", "") for name, number in words]
    expected = "".join(piece.render({"look": r.look, "words": r.words, "shared": {"word": "看"}}) for r in rows)
    assert school.stamp("piece.html", rows, shared={"word": "看"}) == expected
    assert sorted(times) == ["", "now"]


def test_nothing_is_stamped_for_nobody(rendered):
    assert school.stamp("piece.html", []) == ""


@pytest.mark.parametrize("name", ["tile", "tile_closed", "board_line", "board_missing", "gate_line"])
def test_no_piece_reads_its_words(name):
    source = get_template(f"attendance/parts/{name}.html").template.source
    assert "words." in source
    parts = [found[0] for found in re.finditer(r"\{\{.*?\}\}|\{% (if|elif|with|for) .*?%\}", source)]
    assert not [part for part in parts if "words." in part and ("|" in part or part.startswith("{%"))]
