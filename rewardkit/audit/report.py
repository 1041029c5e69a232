"""The audit as a page and as Markdown: one self-contained file, no network, no script that has to run.

The page reads on a phone, in dark mode, in print and by a screen reader: charts are inline SVG with a title and a table
of the same figures beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from rewardkit.audit.decision import is_red

if TYPE_CHECKING:
    from jinja2 import Environment

    from rewardkit.audit.agreement import Agreement
    from rewardkit.audit.audit import Audit
    from rewardkit.audit.intervals import Interval


_NAMES = {
    "recall_wrong": "wrong responses rejected",
    "recall_right": "right responses accepted",
    "precision_right": "accepted responses that are right",
    "precision_wrong": "rejected responses that are wrong",
    "abstained": "abstentions",
}


class Bar(NamedTuple):
    """One bar of a chart: a share with its interval."""

    name: str
    value: float
    low: float
    high: float
    note: str = ""
    red: bool = False


class Line(NamedTuple):
    """One line of a chart, as points (x, y), both from 0 to 1."""

    name: str
    points: tuple[tuple[float, float], ...]


def html(audit: Audit) -> str:
    """The page."""
    return _rendered(audit, "report.html")


def markdown(audit: Audit) -> str:
    """The same as Markdown, for a pull request or a step's summary."""
    return _rendered(audit, "report.md")


def _rendered(audit: Audit, template: str) -> str:
    return str(
        _environment()
        .get_template(template)
        .render(
            audit=audit,
            rates=list(_rates(audit, audit.agreement)) if audit.agreement else [],
            names=_NAMES,
            compared=_compared(audit),
            slices=[part for part in audit.slices if part.agreement.recall_wrong.n][:40],
            exploits=_exploits(audit),
            felt=_felt(audit),
            curve=_curve(audit),
            colour={"TRAIN": "good", "GUARD": "warn", "DO NOT TRAIN": "bad", "INCONCLUSIVE": "open"}[audit.decision],
        )
    )


def _rates(audit: Audit, rates: Agreement) -> Iterator[Bar]:
    for name, told in _NAMES.items():
        one = getattr(rates, name)
        yield _bar(told, one, f"of {one.n}")
    if audit.stability is not None:
        yield _bar("the same verdict in every run", audit.stability, f"of {audit.stability.n}")


def _compared(audit: Audit) -> list[Bar]:
    if audit.agreement is None or not audit.compared:
        return []
    all_of_them = {"natural, one at a time": audit.agreement, **audit.compared}
    return [_bar(name, one.recall_wrong, f"of {one.recall_wrong.n}") for name, one in all_of_them.items()]


def _exploits(audit: Audit) -> list[Bar]:
    if audit.exploits is None:
        return []
    return [
        _bar(one.name, one.acceptance, "one string" if one.one_string else "", red=is_red(one, audit.agreement))
        for one in audit.exploits.families
    ]


def _felt(audit: Audit) -> list[Line]:
    """By rate of success: the share of a clean reward's gap, wrong responses pushed up, right among the rewarded."""
    shown = (
        ("advantage gap, of a clean reward's", "attenuation"),
        ("wrong responses with a positive advantage", "wrong_up"),
        ("rewarded responses that are right", "precision"),
    )
    lines = [
        Line(name, tuple([(p, getattr(one, key)) for p, one in audit.felt.items() if _is_share(getattr(one, key))]))
        for name, key in shown
    ]
    return [line for line in lines if len(line.points) > 1]


def _curve(audit: Audit) -> list[Line]:
    """The operating points: right accepted over wrong accepted."""
    if audit.scored is None:
        return []
    points = [(1 - one.recall_wrong, one.recall_right) for one in audit.scored.curve]
    return [Line("right accepted", ((0.0, 0.0), *points, (1.0, 1.0)))]


def _bar(name: str, one: Interval, note: str, *, red: bool = False) -> Bar:
    return Bar(name, one.value, one.low, one.high, note, red)


def _is_share(value: float) -> bool:
    return not math.isnan(value) and 0 <= value <= 1


def _percent(value: float | None, digits: int = 1) -> str:
    return "\u2013" if value is None or math.isnan(value) else f"{value:.{digits}%}"


def _path(points: Sequence[tuple[float, float]], width: float, height: float) -> str:
    """Points as an SVG path, the origin at the lower left."""
    return "M" + "L".join([f"{x * width:.1f} {(1 - y) * height:.1f}" for x, y in points])


@cache
def _environment() -> Environment:
    from jinja2 import BaseLoader, Environment, TemplateNotFound, select_autoescape

    class Packaged(BaseLoader):
        def get_source(self, _: Any, template: str) -> tuple[str, str | None, Any]:
            source = files("rewardkit.audit").joinpath(f"templates/{template}")
            if not source.is_file():
                raise TemplateNotFound(template)
            return source.read_text("utf-8"), None, None

    made = Environment(loader=Packaged(), autoescape=select_autoescape(["html"]), trim_blocks=True, lstrip_blocks=True)
    made.filters["percent"] = _percent
    made.filters["path"] = _path
    made.filters["line"] = lambda text: " ".join(str(text).split()).replace("|", "\\|").replace("`", "'")
    return made
