"""The readable card beside a bank file, drawn from the same content."""

from __future__ import annotations

from typing import Any


def card_of(content: dict[str, Any]) -> str:
    """A Markdown page: whose answers, which steps, how it was fitted, what it cannot say."""
    sample, fit = content["sample"], content["fit"]
    lines = [
        f"# {content['title']}",
        "",
        f"Figures for {content['instrument']}. Made on {content['made_on']} with recipe "
        f"`{content['recipe']['id']}`.",
        "",
        f"- licence: {content['licence']}",
        f"- source: {content['source']}",
        f"- {content['checksum']}",
        "",
        "## Whose answers",
        "",
        f"{_sentence(sample['name'])}, {sample['collected']}. {sample['how']} {sample['who']}",
        "",
        "| step | rows left |",
        "|---|---:|",
        *(f"| {step['step']} | {step['rows']:,} |" for step in sample["steps"]),
        "",
        "## Model",
        "",
        f"{_sentence(content['model']['name'])}: {content['model']['formula']}. "
        f"{_sentence(content['model']['estimation'])}; {content['model']['metric']}.",
        "",
        f"- log-likelihood {fit['log_likelihood']:,.1f} on {fit['evaluated_on']}",
        f"- correlation of the dimensions {content['correlation']:+.4f}",
        f"- medians (borders on the chart): anxiety {content['borders']['anxiety']:+.3f}, "
        f"avoidance {content['borders']['avoidance']:+.3f}",
        "",
        "| item | dimension | keying | slope | thresholds | answers |",
        "|---|---|---:|---:|---|---:|",
        *(_row(item) for item in content["items"]),
        "",
        "## Groups to compare with",
        "",
        "| group | n |",
        "|---|---:|",
        *(f"| {norm['name']} | {norm['n']:,} |" for norm in content["norms"]),
        "",
        "Each is the mean of its members' posteriors, not of their point scores.",
        "",
        "## What it cannot say",
        "",
        "- The people chose to take an online test; they do not stand for everyone.",
        "- The figures belong to the original words. For an adaptation they are borrowed, and what "
        "holds for the original items is assumed for it until its own answers confirm it.",
        "- Only one of the 18 anxiety items is reversed, so that score is open to yes-saying.",
        "- One set of parameters serves men and women. Some items work differently for them; this "
        "bank does not correct for that.",
        "",
    ]
    return "\n".join(lines)


def _row(item: dict[str, Any]) -> str:
    thresholds = ", ".join(f"{-d / item['slope']:.3f}" for d in item["intercepts"])
    return (
        f"| {item['id']} | {item['dimension']} | {item['keying']:+d} | {item['slope']:.3f} | "
        f"{thresholds} | {item['answered']:,} |"
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
