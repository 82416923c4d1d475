"""Templates are compiled with their texts in them, and call plainly; what they say and escape is not touched by that."""

from __future__ import annotations

from enum import StrEnum

import jinja2
import pytest
from markupsafe import Markup
from reports.factory import small_picture

from kla.io.page_templates import (
    TEXTS,
    KeptSections,
    PageTemplates,
    Texts,
    WrittenTexts,
    empty_sections,
    kept_sections,
    with_sections,
)
from kla.io.page_views import PictureView
from kla.io.page_words import words
from kla.io.rendering import desk, links_of


class Name(StrEnum):
    LESS = "<"


def environment() -> PageTemplates:
    made = PageTemplates(autoescape=True, undefined=jinja2.StrictUndefined, extensions=[WrittenTexts, KeptSections])
    made.globals[TEXTS] = Texts.of({"a": {"b": "<x>", "many": "{count} & lain", "c": {"d": "dalam"}}, "n": 3})
    return made


def rendered(source: str, **given: object) -> str:
    return environment().from_string(source).render(**given)


def test_a_text_stands_in_the_compiled_template_already_escaped() -> None:
    code = environment().compile("<p>{{ t.a.b }}</p>", raw=True)
    assert "'<p>&lt;x&gt;</p>'" in code
    assert "shown(" not in code


def test_every_output_goes_through_the_pages_own_escaping() -> None:
    """The hook it hangs on is Jinja's own: without it pages are escaped all the same, only dearer."""
    code = environment().compile("{% block a %}{{ x }}{% for it in x %}{{ it }}{% endfor %}{% endblock %}", raw=True)
    assert code.count("environment.shown(") == 2
    assert " escape(" not in code


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("<b>", "&lt;b&gt;"),
        (Markup("<b>"), "<b>"),
        (Name.LESS, "&lt;"),
        (3, "3"),
        (("<", "'"), "(&#39;&lt;&#39;, &#34;&#39;&#34;)"),
        (None, "None"),
    ],
)
def test_all_is_escaped_but_what_is_safe_already(value: object, made: str) -> None:
    for _ in range(2):
        assert rendered("{{ value }}", value=value) == made


def test_a_safe_text_and_its_plain_twin_are_never_taken_for_one_another() -> None:
    source = "{{ safe }}{{ plain }}{{ safe }}"
    assert rendered(source, safe=Markup("<i>"), plain="<i>") == "<i>&lt;i&gt;<i>"


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("{{ t.a.b }}", "&lt;x&gt;"),
        ("{{ t.a.many.format(count='<') }}", "&lt; &amp; lain"),
        ("{{ t.a[key] }}", "&lt;x&gt;"),
        ("{{ t.a.c['d'] }}", "dalam"),
        ("{{ t.n }}", "3"),
        ("{{ other.t.a.b }}", "lain"),
        ("{% for name in (t.a.b, t.a.c.d) %}{{ name|upper }}{% endfor %}", "&lt;X&gt;DALAM"),
    ],
)
def test_a_text_reads_the_same_wherever_it_stands(source: str, made: str) -> None:
    other = Texts.of({"t": {"a": {"b": "lain"}}})
    assert rendered(source, key="b", other=other) == made


@pytest.mark.parametrize("source", ["{{ t.a.missing }}", "{{ t.a.missing.format(count=1) }}"])
def test_a_path_that_leads_to_no_text_is_an_error_on_the_page(source: str) -> None:
    with pytest.raises((AttributeError, jinja2.UndefinedError)):
        rendered(source)


def test_a_function_is_called_with_what_the_template_gives_it_and_no_more() -> None:
    def told(*args: object, **named: object) -> str:
        return f"{args} {named}"

    in_block = "{% block a %}{% for it in (1,) %}{{ told(it, b=2) }}{% endfor %}{% endblock %}"
    assert rendered(in_block, told=told) == "(1,) {&#39;b&#39;: 2}"


def test_what_a_macro_returns_is_not_escaped_again_and_what_it_is_given_is() -> None:
    source = "{% macro bold(it) %}<b>{{ it }}</b>{% endmacro %}{% for it in ('<',) %}{{ bold(it) }}{% endfor %}"
    assert rendered(source) == "<b>&lt;</b>"


def test_attributes_keys_and_calls_are_the_languages_own() -> None:
    """The hooks they hang on are Jinja's own: without them pages say the same, only dearer."""
    code = environment().compile("{{ row.name }}{{ row[key] }}{{ row.told(1, b=row.name) }}", raw=True)
    for own in ("environment.getattr(", "environment.getitem(", "context.call("):
        assert own not in code


@pytest.mark.parametrize(
    "source", ["{{ row.missing }}", "{{ row['name'] }}", "{{ many.name }}", "{{ many['missing'] }}"]
)
def test_a_dot_names_an_attribute_and_brackets_a_key_and_what_is_missing_is_an_error(source: str) -> None:
    with pytest.raises((AttributeError, KeyError, TypeError)):
        rendered(source, row=Name.LESS, many={"name": "ada"})


@pytest.mark.parametrize("call", ["two(1)", "two(1, 2, 3)", "two(1, b=2)"])
def test_a_macro_takes_all_its_arguments_in_order(call: str) -> None:
    source = f"{{% macro two(a, b) %}}{{{{ a }}}}{{{{ b }}}}{{% endmacro %}}{{{{ {call} }}}}"
    with pytest.raises(TypeError):
        rendered(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ row.told(*many) }}",
        "{{ row.told(**many) }}",
        "{% call row.told() %}x{% endcall %}",
        "{% macro one() %}{{ caller() }}{% endmacro %}",
    ],
)
def test_what_templates_are_not_compiled_for_is_refused(source: str) -> None:
    with pytest.raises(jinja2.TemplateAssertionError, match="not known here"):
        environment().from_string(source)


def test_no_function_of_the_pages_asks_for_the_context() -> None:
    """Such a one would be called without it."""
    assert [name for name, it in desk().environment.globals.items() if hasattr(it, "jinja_pass_arg")] == []


def test_a_link_of_an_unknown_office_or_question_is_its_escaped_name_and_a_pill_its_escaped_text() -> None:
    view = PictureView(small_picture())
    made = desk().environment.from_string(
        "{{ link.office['<b>'] }} {{ link.question['<i>'] }} {{ pill.severity.info }}"
    )
    shown = made.render(link=links_of(view, "../"))
    assert shown.startswith("&lt;b&gt; &lt;i&gt; <span class=")
    assert words()["severity"]["info"]["name"] in shown  # type: ignore[index, call-overload]


SECTION = '<p>{{ day }}</p>{% kept "isi" %}<b>{{ row.upper() }}</b>{% endkept %}'


def test_a_kept_section_is_drawn_between_its_comments_and_then_taken_as_it_stands() -> None:
    template = environment().from_string(SECTION)
    first = template.render(day="Senin", row="satu", kept={})
    assert first == "<p>Senin</p><!--tetap isi--><b>SATU</b><!--/tetap isi-->"
    kept = kept_sections(first.encode())
    second = template.render(day="Selasa", row=None, kept=empty_sections(kept))
    assert with_sections(second.encode(), kept).decode() == first.replace("Senin", "Selasa")


def test_a_section_that_does_not_end_is_no_page_of_ours() -> None:
    assert kept_sections(b"<p>tanpa bagian</p>") == {}
    with pytest.raises(ValueError, match="subsection"):
        kept_sections(b"<!--tetap isi--><p>")


@pytest.mark.parametrize("source", ["{% kept isi %}x{% endkept %}", "{% kept 'a b' %}x{% endkept %}"])
def test_a_kept_section_without_a_plain_name_is_refused(source: str) -> None:
    with pytest.raises(jinja2.TemplateSyntaxError, match="needs a name"):
        environment().from_string(source)
