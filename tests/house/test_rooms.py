"""The house as docs/architecture.md describes it."""

import ast
import re
import sys
from pathlib import Path

import pytest

from attendance import custody
from attendance.custody import State
from attendance.enums import ENDS, CustodyState

ROOT = Path(__file__).parents[2]
PACKAGES = ["afterschool", "enrollment", "scheduling", "attendance", "evaluation"]
SOURCES = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py")) if "migrations" not in path.parts]
RULES = [
    "enrollment/workflow.py", "enrollment/amending.py", "enrollment/asof.py", "enrollment/charts.py",
    "enrollment/signing.py", "enrollment/fees.py", "scheduling/grouping", "scheduling/calendar.py", "scheduling/rota",
    "scheduling/choosing",
    "scheduling/duedates.py", "scheduling/hours.py", "scheduling/seasons.py", "scheduling/checking.py",
    "scheduling/volunteering.py", "scheduling/substituting.py",
    "attendance/custody.py", "attendance/discipline.py", "attendance/visiting.py", "attendance/fetching.py",
    "attendance/lateness.py", "attendance/emergency.py", "attendance/planning.py", "attendance/safety.py",
    "evaluation/rubric.py", "evaluation/reporting.py", "evaluation/surveying.py",
]  # fmt: skip
PURE = {
    "afterschool.support.refusal",
    "afterschool.support.weekdays",
    "afterschool.school.naming",
    "enrollment.details",
    "enrollment.workflow",
    "scheduling.hours",
    "scheduling.seasons",
    "highspy",
    "scheduling.draw",
    "scheduling.draw.words",
    "django.db.models",
}
WRITES = {"save", "create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "delete"}
OWN_WRITES = {"form.save", "request.session"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def rule_files(rule: str) -> list[Path]:
    path = ROOT / rule
    return sorted(path.glob("*.py")) if path.is_dir() else [path]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_of_the_plan_is_pure(rule):
    app = rule.split("/")[0]
    own = rule.removesuffix(".py").replace("/", ".")
    for path in rule_files(rule):
        for module in imports(path):
            top = module.split(".")[0]
            allowed = (
                top in sys.stdlib_module_names or module.startswith(own) or module == f"{app}.enums" or module in PURE
            )
            assert allowed or module == "afterschool.school.enums", f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("rule", RULES)
def test_a_page_of_the_docs_names_each_rule(rule):
    pages = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "rules").glob("*.md"))
    assert rule.removesuffix(".py") in pages


@pytest.mark.parametrize("path", [p for p in SOURCES if "views" in p.parts], ids=name_of)
def test_a_view_changes_nothing_by_itself(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            raise AssertionError(f"{name_of(path)}:{node.lineno} calls .{node.func.attr}(): changes belong to actions")


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_stays_readable(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_no_clock_but_the_clock():
    for path in SOURCES:
        if path.match("support/clock.py"):
            continue
        assert not re.search(r"\b(datetime|date)\.(now|today)\(", path.read_text(encoding="utf-8")), name_of(path)


def sentences_of_refusals() -> list[tuple[str, str]]:
    """Return where each refusal with a sentence written out stands, and how the sentence ends."""
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused" and len(node.args) == 2):
                continue
            sentence = node.args[1]
            last = sentence.values[-1] if isinstance(sentence, ast.JoinedStr) else sentence
            if isinstance(last, ast.Constant) and isinstance(last.value, str):
                found.append((f"{name_of(path)}:{node.lineno}", last.value))
    return found


def test_a_refusal_is_a_whole_sentence():
    found = sentences_of_refusals()
    assert len(found) > 100
    assert [where for where, end in found if not end.endswith(("。", "？", "！"))] == []


def test_the_rule_and_the_table_know_the_same_states_of_custody():
    assert set(State) == set(CustodyState.values)
    assert set(custody.ENDS) == set(ENDS)


def test_no_test_holds_a_stopwatch():
    """How long things take is measured in bench/, where nothing else runs."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(perf_counter|monotonic|process_time)\(|timeit", text) or path == Path(__file__), (
            name_of(path)
        )


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_every_template_is_used():
    texts = [p.read_text(encoding="utf-8") for p in [*SOURCES, *TEMPLATES]]
    found_by_library = {"403.html", "404.html", "500.html", "403_csrf.html"} | {
        f"bootstrap5/{n}.html" for n in ("field", "errors")
    }
    unused = []
    for template in TEMPLATES:
        name = str(template.relative_to(ROOT / "templates"))
        if name not in found_by_library and not any(f'"{name}"' in text or f"'{name}'" in text for text in texts):
            unused.append(name)
    assert not unused


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_a_page_carries_no_inline_style_or_script(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", text), "inline style or handler"
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline script"
    assert not re.search(r"https?://(?!www\.w3\.org)", text), "another host"
