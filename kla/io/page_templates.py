"""How the pages' templates are compiled: what does not change between two districts is worked out once.

A page holds a thousand short texts and a hundred calls. Jinja looks up and escapes each anew, and asks of each call
whether it wants the context; together that costs more than all that differs between two pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser
from markupsafe import Markup, escape

TEXTS = "t"  # the name under which templates find the reports' texts
KEPT = "kept"  # the name under which they find sections drawn before
_BEFORE = b"<!--tetap "


class Texts(dict[str, object]):
    """A mapping whose keys are attributes too: `t.index.title`."""

    __slots__ = ("__dict__",)

    @classmethod
    def of(cls, texts: Mapping[str, object]) -> Texts:
        """Return a mapping and all that lie below it."""
        made = cls((key, cls.of(value) if isinstance(value, dict) else value) for key, value in texts.items())
        made.__dict__ = made
        return made


_markup: Callable[[str], Markup] = partial(str.__new__, Markup)  # of what is escaped already
_escaped = lru_cache(1 << 13)(escape)  # of plain texts alone: labels, names and figures that many rows repeat


def _shown(value: object) -> str:
    """Return a value as it stands on a page: what is safe already as it is, all else escaped."""
    if type(value) is Markup:
        return value
    return _escaped(value) if type(value) is str else escape(value)


class WrittenTexts(Extension):
    """Writes the texts into the templates: `{{ t.index.title }}` is compiled as if the title stood there in quotes.

    So it is looked up and escaped once, not on every page. What names no text is left for the page to refuse.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Yield the tokens of a template, each path that ends at a text as that text."""
        tokens = list(stream)
        place, before = 0, ""
        while place < len(tokens):
            token = tokens[place]
            text, after = self._text_at(tokens, place) if before != "dot" else (None, place)
            yield token if text is None else Token(token.lineno, "string", text)
            place = place + 1 if text is None else after
            before = token.type

    def _text_at(self, tokens: Sequence[Token], place: int) -> tuple[str | None, int]:
        """Return the text to which the path that begins here leads, None where there is none, and where the path ends."""
        if (tokens[place].type, tokens[place].value) != ("name", TEXTS):
            return None, place
        found: object = self.environment.globals[TEXTS]
        place += 1
        while isinstance(found, Texts) and [it.type for it in tokens[place : place + 2]] == ["dot", "name"]:
            found = found.get(tokens[place + 1].value)
            place += 2
        return (found if isinstance(found, str) else None), place


class KeptSections(Extension):
    """`{% kept "cards" %} ... {% endkept %}` is a part of a page that no day changes.

    It stands between two comments that bear its name, and is taken from `kept`, what such a page said before, where it is
    there; then nothing of it is worked out. All that stands outside is drawn anew.
    """

    tags = {KEPT}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> nodes.Node:
        """Return the section: as it is kept, else drawn."""
        line = next(parser.stream).lineno
        name = parser.parse_expression()
        if not isinstance(name, nodes.Const) or not str(name.value).isidentifier():
            parser.fail("a kept section needs a name in quotes", line)
        body = parser.parse_statements(("name:endkept",), drop_needle=True)
        kept = nodes.Name(KEPT, "load", lineno=line)
        before, after = (nodes.TemplateData(mark, lineno=line) for mark in _marks(name.value))
        drawn = [nodes.Output([before], lineno=line), *body, nodes.Output([after], lineno=line)]
        is_kept = nodes.Compare(name, [nodes.Operand("in", kept, lineno=line)], lineno=line)
        taken = nodes.Output([nodes.Getitem(kept, name, "load", lineno=line)], lineno=line)
        return nodes.If(is_kept, [taken], [], drawn, lineno=line)


def kept_sections(page: bytes) -> dict[str, bytes]:
    """Return the kept sections of a page by their names, the comments around them included.

    Raises:
        ValueError: a section does not end.
    """
    found, place = {}, page.find(_BEFORE)
    while place >= 0:
        name = page[place + len(_BEFORE) : page.index(b"-->", place)].decode()
        end = _marks(name)[1].encode()
        after = page.index(end, place) + len(end)
        found[name] = page[place:after]
        place = page.find(_BEFORE, after)
    return found


def empty_sections(names: Iterable[str]) -> dict[str, Markup]:
    """Return what a template draws for kept sections that `with_sections` puts in: they need not become text for that."""
    return {name: _markup("".join(_marks(name))) for name in names}


def with_sections(page: bytes, sections: Mapping[str, bytes]) -> bytes:
    """Return a page that was drawn with `empty_sections`, with these in their place."""
    for name, section in sections.items():
        page = page.replace("".join(_marks(name)).encode(), section)
    return page


def _marks(name: str) -> tuple[str, str]:
    """Return the comments between which a section stands. Nothing from a file can look like them: it is escaped."""
    return f"<!--tetap {name}-->", f"<!--/tetap {name}-->"


def _macro(body: Callable[..., str]) -> Callable[..., Markup]:
    """Return a macro as a plain function of its arguments in order; Jinja's own looks at each call for more than that."""

    def called(*given: object) -> Markup:
        return _markup(body(*given))

    return called


class _Compiled(CodeGenerator):
    """Templates as the Python one would write by hand: attributes, keys and calls are Python's own.

    Jinja goes through a function of its own for each, and makes a new Markup of every piece, safe already or not; and each
    piece of a block is handed on by every template that this one extends.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.shown(")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja's name, as below
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        self.write("(")
        self.visit(node.node, frame)
        self.write(")[")
        self.visit(node.arg, frame)
        self.write("]")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        if forward_caller or node.dyn_args or node.dyn_kwargs:
            self.fail("call blocks, *arguments and **arguments are not known here", node.lineno)
        self.write("(")
        self.visit(node.node, frame)
        self.write(")(")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def blockvisit(self, body: Iterable[nodes.Node], frame: Frame) -> None:
        """Write a body; that of a block or template gathers its pieces and yields them joined, not one by one."""
        yields = frame.buffer is None and not frame.require_output_check
        if yields:
            self.buffer(frame)
        super().blockvisit(body, frame)
        if yields:
            self.writeline(f"yield concat({frame.buffer})")

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:  # noqa: ARG002 - Jinja's arguments
        if macro_ref.accesses_caller or macro_ref.accesses_kwargs or macro_ref.accesses_varargs:
            self.fail("caller, kwargs and varargs are not known here", macro_ref.node.lineno)
        self.write("environment.macro(macro)")


class PageTemplates(jinja2.Environment):
    """Templates in which `row.name` names an attribute and `row["name"]` a key, as in Python; what is missing is an error.

    Jinja looks for either by either, which costs more than all the rest of a page. A macro takes its arguments in order,
    all of them; there are no call blocks, no argument lists, nothing that asks for the context.
    """

    code_generator_class = _Compiled
    shown = staticmethod(_shown)
    macro = staticmethod(_macro)
