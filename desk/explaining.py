"""`kla explain`: what a finding means, by the example that stands with its rule. Only YAML is read here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from desk.frame import USAGE, out, stop
from kla.io.desk_words import entry, say
from kla.io.page_words import word

if TYPE_CHECKING:
    from kla.io.rules import Rule


def explain(
    code: Annotated[str, typer.Argument(metavar="KODE", help=say("option.code"), show_default=False)],
) -> None:
    """Explain a finding code."""
    from kla.io.examples import example_sentences
    from kla.io.rules import load_rules

    rules = {rule.code: rule for rule in load_rules()}
    rule = rules.get(code.strip().upper())
    if rule is None:
        stop(say("explain.unknown", code=code, codes=" ".join(sorted(rules))), USAGE)
    severity, subject = word(f"severity.{rule.severity}.name"), say(f"subject.{rule.code[0]}")
    tell, fix = example_sentences(rule, cast(dict[str, str], entry("explain.place")))
    out(say("explain.title", code=rule.code, severity=severity, subject=subject))
    out(say("explain.meaning", tell=tell))
    out(say("explain.fix", fix=fix))
    out(say("explain.why", source=rule.source))
    out(say("explain.phase", phase=say(f"phase.{rule.phase}")))
    out(say("explain.effect", effect=say(f"effect.{effect_of(rule)}")))
    if rule.trial_until:
        from kla.wording import date_text

        out(say("explain.trial", date=date_text(rule.trial_until)))
    if rule.silences:
        out(say("explain.silences", codes=", ".join(rule.silences)))


def effect_of(rule: Rule) -> str:
    """Return which effect of reports/desk.id.yaml a rule has: by its severity, and how far a blocking one reaches."""
    if rule.severity != "blocking":
        return rule.severity.value
    if rule.scope == "file":
        return "blocking_file"
    return "blocking_evidence" if rule.frame == "evidence" else "blocking"
