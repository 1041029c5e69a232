"""Which constraints cannot be met together, and why.

A contradiction is only said where it can be shown. Two constraints are compared by what they demand; where one of them
leaves nothing but a few responses, those are tried; and what several demand is added up against a limit on the length.
"""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from rewardkit.languages import canonical, name_of
from rewardkit.matching import ends_with, occurrences, starts_with
from rewardkit.registry import build
from rewardkit.text import Text
from rewardkit.types import Spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_Demand: TypeAlias = tuple[str, dict[str, Any]]


class Conflict(NamedTuple):
    """Specs that nothing can meet together."""

    specs: tuple[Spec, ...]
    why: str


def contradictions(specs: tuple[Spec, ...]) -> Iterator[Conflict]:
    """The smallest conflicting subsets that can be shown."""
    flat = [(spec, part) for spec in specs for part in _parts(spec)]
    found = []
    for (one, first), (other, second) in combinations(flat, 2):
        why = _conflict(first, second) or _conflict(second, first)
        if why:
            found.append(Conflict((one,) if one is other else (one, other), why))
    known = [set(map(id, conflict.specs)) for conflict in found]
    for conflict in (*_only_responses(specs), *_crowded(flat)):
        if not any(subset <= set(map(id, conflict.specs)) for subset in known):
            found.append(conflict)
    yield from found


def _parts(spec: Spec) -> Iterator[_Demand]:
    """What a spec demands, its defaults filled in; of several constraints at once, each."""
    made: Any = build(spec)
    yield from map(_demand, made.inner if spec.id == "logic:all_of" else (made,))


def _demand(constraint: Any) -> _Demand:
    return constraint.id, {field.name: getattr(constraint, field.name) for field in fields(constraint)}


def _conflict(one: _Demand, other: _Demand) -> str:
    """Why nothing meets both, "" where something may."""
    (id, args), (other_id, others) = one, other
    if id == other_id and "n" in args and "relation" in args and (why := _empty_range(id, args, others)):
        return why
    if id in ("keywords:count", "keywords:among") and _forbids(args):
        return _required_words(args["words"], other_id, others)
    if id == "keywords:letter" and args["relation"] != "at least":
        return _too_many_letters(args["letter"].lower(), args["n"], other_id, others)
    if id == "punctuation:without":
        return _required_marks(args["mark"], other_id, others)
    if id == "case:letters":
        return _case_conflict(args, other_id, others)
    if id == "language:response" and other_id == "language:response":
        return _two_languages(args, others)
    if id == "position:echo" and other_id in ("format:quoted", "format:json"):
        what = "begin with a quotation mark" if other_id == "format:quoted" else "be JSON"
        first = args["phrase"].lstrip()[:1]
        return "" if first in '"\u201c[{' else f"a response cannot begin with {args['phrase'][:40]!r} and {what}"
    if id == "format:json" and other_id == "format:quoted":
        return "a JSON object is not wrapped in quotation marks"
    if id == "format:json" and other_id in _LINES and others.get("relation") != "at most" and others.get("n", 1) > 0:
        return f"no line of JSON can be what {other_id} asks for"
    if id == "length:words" and args["relation"] != "at least":
        needed = _needed_words(other_id, others)
        return f"{other_id} needs {needed} words or more, and {args['n']} are allowed" if needed > args["n"] else ""
    if id == "length:characters" and args["relation"] != "at least":
        needed = _needed_characters(other_id, others)
        return (
            f"{other_id} needs {needed} characters or more, and {args['n']} are allowed" if needed > args["n"] else ""
        )
    if id == "logic:not" and [(other_id, others)] == [_demand(inner) for inner in args["inner"]]:
        return f"{other_id} is asked for and forbidden"
    if id == other_id and id in ("position:start", "position:end", "position:paragraph_start"):
        return _two_places(id, args, others)
    return ""


def _empty_range(id: str, args: Mapping[str, Any], others: Mapping[str, Any]) -> str:
    same = {name: value for name, value in args.items() if name not in ("relation", "n")}
    if same != {name: value for name, value in others.items() if name not in ("relation", "n")}:
        return ""
    low, high = 0, float("inf")
    for relation, n in ((a["relation"], a["n"]) for a in (args, others)):
        low = max(low, n) if relation != "at most" else low
        high = min(high, n) if relation != "at least" else high
    said = " and ".join([f"{a['relation']} {a['n']}" for a in (args, others)])
    return f"{id} cannot be {said}" if low > high else ""


def _forbids(args: Mapping[str, Any]) -> bool:
    # Of words spelled exactly so, others with the same letters are no case.
    return bool(args["relation"] != "at least" and args["n"] == 0 and not args.get("exact_case"))


def _required_texts(id: str, args: Mapping[str, Any]) -> list[str]:
    """Texts that a response cannot do without."""
    if id == "keywords:count" and args["relation"] != "at most" and args["n"] > 0:
        return list(args["words"])
    name = {
        "position:echo": "phrase",
        "position:end": "phrase",
        "position:start": "phrase",
        "position:paragraph_start": "word",
        "copy:exactly": "phrase",
        "format:sections": "marker",
        "content:postscript": "marker",
    }.get(id)
    if id == "format:sections" and args["relation"] == "at most":
        return []
    return [args[name]] if name else []


def _required_words(forbidden: Any, id: str, args: Mapping[str, Any]) -> str:
    for required in _required_texts(id, args):
        for word in forbidden:
            if occurrences(Text(required), word):
                return f"{word!r} is forbidden and {required[:60]!r} is required"
    return ""


def _too_many_letters(letter: str, most: int, id: str, args: Mapping[str, Any]) -> str:
    for required in _required_texts(id, args):
        found = required.lower().count(letter)
        if found > most:
            return f"at most {most} times {letter!r}, and {required[:60]!r}, which is required, has {found}"
    return ""


def _required_marks(mark: str, id: str, args: Mapping[str, Any]) -> str:
    check = build(Spec("punctuation:without", {"mark": mark}))
    for required in _required_texts(id, args):
        if check.check(Text(required)).ok is False:
            return f"there must be no {mark}, and {required[:60]!r} is required"
    return ""


def _case_conflict(args: Mapping[str, Any], id: str, others: Mapping[str, Any]) -> str:
    case, language = args["case"], args["language"]
    if id == "case:letters" and others["case"] != case:
        return "a letter cannot be upper and lower case"
    if id == "case:capital_words" and case == "lower" and others["relation"] != "at most" and others["n"] > 0:
        return "words in capitals are asked for where no capital letter is allowed"
    if id == "language:response" and language and canonical(others["language"]) != canonical(language):
        return (
            f"the response cannot be in {name_of(canonical(language))} and in {name_of(canonical(others['language']))}"
        )
    return ""


def _two_languages(args: Mapping[str, Any], others: Mapping[str, Any]) -> str:
    one, other = args["language"], others["language"]
    return "" if one == other else f"the response cannot be all in {name_of(one)} and all in {name_of(other)}"


def _two_places(id: str, args: Mapping[str, Any], others: Mapping[str, Any]) -> str:
    """Two phrases that would have to stand in the same place."""
    if id == "position:paragraph_start":
        place = "paragraphs", "nth"
        apart = [args[name] for name in place] == [others[name] for name in place] and (
            args["word"].lower() != others["word"].lower()
        )
        return f"paragraph {args['nth']} cannot begin with {args['word']!r} and {others['word']!r}" if apart else ""
    meets, where = (starts_with, "begin") if id == "position:start" else (_ends_with, "end")
    one, other = args["phrase"], others["phrase"]
    if meets(Text(one), other) is not None or meets(Text(other), one) is not None:
        return ""
    return f"a response cannot {where} with {one[:40]!r} and with {other[:40]!r}"


def _ends_with(text: Text, phrase: str) -> Any:
    return ends_with(text, phrase, "")


# What begins a line in a way that no line of JSON does.
_LINES = ("format:bullets", "lists:sub_bullets", "markup:table", "markup:headings")
# What each of them takes a word for, at least.
_UNITS = ("length:sentences", "length:paragraphs", "case:capital_words", "format:bullets", "format:highlights")


def _needed_words(id: str, args: Mapping[str, Any]) -> int:
    """How many words a response has at least that meets the demand."""
    if id == "length:words":
        return 0 if args["relation"] == "at most" else int(args["n"])
    if id == "format:sections":
        return 0 if args["relation"] == "at most" else 2 * int(args["n"])
    if id == "keywords:count":
        words = sum(len(Text(word).words) for word in args["words"])
        return 0 if args["relation"] == "at most" else int(args["n"]) * words
    if id in _UNITS:
        return 0 if args.get("relation") == "at most" else int(args["n"])
    return max([len(Text(text).words) for text in _required_texts(id, args)], default=0)


def _needed_characters(id: str, args: Mapping[str, Any]) -> int:
    """A letter a word and a space between, or the text itself."""
    texts = [len(" ".join(text.split())) for text in _required_texts(id, args)]
    return max([2 * _needed_words(id, args) - 1, 0, *texts])


def _only_responses(specs: tuple[Spec, ...]) -> Iterator[Conflict]:
    """Where a spec leaves nothing but a few responses, and each of them breaks another."""
    for spec in specs:
        left = _left_by(spec)
        others = [(other, build(other)) for other in specs if other is not spec and not other.id.startswith("rubric:")]
        broken = [[other for other, constraint in others if constraint.check(Text(text)).ok is False] for text in left]
        if not left or not all(broken):
            continue
        for size in range(1, len(others) + 1):
            subset = next(
                (
                    chosen
                    for chosen in combinations([other for other, _ in others], size)
                    if all(any(any(other is one for one in breaks) for other in chosen) for breaks in broken)
                ),
                None,
            )
            if subset is not None:
                told = f"{left[0][:40]!r}" + (" or another option" if spec.id == "format:options" else "")
                yield Conflict((spec, *subset), f"the response can only be {told}, which breaks {subset[0].id}")
                break


def _left_by(spec: Spec) -> list[str]:
    """What the spec allows, where that is a few texts, and the ways to write them that it takes for the same."""
    args = spec.args
    if spec.id == "copy:exactly" and args.get("times", 1) == 1:
        texts = [args["phrase"]]
    elif spec.id == "format:options" and args.get("only"):
        texts = list(args["options"])
    else:
        return []
    constraint = build(spec)
    spaced = [text for plain in texts for text in (plain, "\n".join(plain.split()))]
    cased = [way(text) for text in spaced for way in (str, str.lower, str.upper)]
    dressed = [f"{before}{text}{behind}" for text in cased for before, behind in _DRESSES]
    return [text for text in dict.fromkeys(dressed) if constraint.check(Text(text)).ok is not False]


_DRESSES = (
    ("", ""),
    ("", "."),
    ("", "!"),
    ("", "?"),
    ('"', '"'),
    ("**", "**"),
    ("* ", ""),
    ("- ", ""),
    ("# ", ""),
    ("<<", ">>"),
)


def _crowded(flat: list[tuple[Spec, _Demand]]) -> Iterator[Conflict]:
    """Keywords of several specs, each there once, that are more words than the response may have."""
    limits = [(spec, args["n"]) for spec, (id, args) in flat if id == "length:words" and args["relation"] != "at least"]
    asked = [
        (spec, {word.lower() for word in args["words"] if len(Text(word).words) == 1})
        for spec, (id, args) in flat
        if id == "keywords:count" and args["relation"] != "at most" and args["n"] > 0
    ]
    for limit, most in limits:
        chosen: list[Spec] = []
        words: set[str] = set()
        for spec, own in sorted(asked, key=lambda pair: -len(pair[1])):
            if len(words) <= most and own - words:
                chosen.append(spec)
                words |= own
        if len(words) > most:
            why = f"{len(words)} different words are required, and {most} are allowed"
            yield Conflict((limit, *{id(spec): spec for spec in chosen}.values()), why)
