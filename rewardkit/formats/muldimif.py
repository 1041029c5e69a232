"""MulDimIF: constraints in English under 55 keys; the text is read once, here, and never at check time.

A record: `{"id", "conversations": [{"role", "content"}], "constraints": [[type, subtype, text]]}`. What the words ask
of the whole response, or of each sentence, paragraph, section, line, list item or table row, becomes a constraint. What
they ask of something that no rule can find ("each expression", "the genre name") or of taste goes to a judge, word for
word. A length without a number in it cannot be read: it is an error that quotes it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError, did_you_mean
from rewardkit.formats.english import Bound, bound, number
from rewardkit.formats.mapping import Mapped, all_of, scope, text
from rewardkit.formats.row import Row, key_of
from rewardkit.types import Spec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_quoted = re.compile(
    r"(?<!\w)(?:'(?P<single>.+?)'|\"(?P<double>.+?)\"|\u2018(?P<curly>.+?)\u2019|\u201c(?P<both>.+?)\u201d)(?!\w)"
)
_each = re.compile(r"\b(?:each|every)\s+(?:of the\s+)?(?P<noun>[a-z]+(?:\s[a-z]+)?)", re.IGNORECASE)
_include = re.compile(r"\b(?:includ\w*|contain\w*|mention\w*|us(?:e|es|ing)|incorporat\w*|featur\w*)\b", re.IGNORECASE)
_ends = re.compile(r"\b(?:end|ends|ending|conclude|concludes|concluding|finish|finishes|close)\b", re.IGNORECASE)
_particular = re.compile(r"\b(?:each|every|main|title|for the|if)\b", re.IGNORECASE)
_negated = re.compile(r"\b(?:avoid\w*|not|without|exclud\w*|refrain\w*|never|no)\b", re.IGNORECASE)
_tabular = re.compile(r"\btab(?:les?|ular)\b", re.IGNORECASE)
# Said of any table, of tables, or on a condition: there need be none.
_optional = re.compile(
    r"^\W*(?:\w+,\s+)?(?:if|when)\b|\b(?:if|when|any)\b[^,.;]*?\btab(?:les?|ular)\b|\blimit tables\b", re.IGNORECASE
)
_named = re.compile(r"\bcolumns?:|\b(?:columns (?:for|should)|label+ed|titled|named|correspond)\b", re.IGNORECASE)
_capitals = re.compile(r"\b(?:capitalized letters for each word|all uppercase letters)\b", re.IGNORECASE)
_period = re.compile(r"\b(?:end|conclude)s? with a period\b", re.IGNORECASE)
_keyword = re.compile(r"\bincludes? the keyword\b", re.IGNORECASE)
_in_english = re.compile(r"\b(?:in|be) English\b", re.IGNORECASE)
_number = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|single)\b")
_reason = re.compile(r"\bto (?:ensure|provide)\b(?! that)[^,.;]*\bof $", re.IGNORECASE)
_part = re.compile(
    r"\b(?:headings?|titles?|tables?|(?:user)?names?|entry|entries|objectives|slides?|url)\b", re.IGNORECASE
)
_levels = re.compile(
    r"\b(?P<how>at least|a minimum of|exactly) (?P<n>two|three|four|[2-4]) (?:different |distinct )?heading levels",
    re.IGNORECASE,
)
_deepest = re.compile(r"\b(?:up to|not exceed|limited to) level ([1-6])\b", re.IGNORECASE)
_UNITS = {
    "sentence": "sentence", "sentences": "sentence", "paragraph": "paragraph", "paragraphs": "paragraph",
    "section": "section", "sections": "section", "line": "line", "lines": "line", "bullet": "list item",
    "bullet point": "list item", "list item": "list item", "item": "list item", "bullet points": "list item",
    "row": "table row", "rows": "table row",
}  # fmt: skip
_WHOLE = ("word", "words", "letter", "letters", "output", "response", "answer", "text", "table", "tables", "tabular")


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record has constraints in words."""
    listed = record.get("constraints")
    return isinstance(listed, list) and all(isinstance(one, list) and len(one) == 3 for one in listed)


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    listed = record.get("constraints")
    if not isinstance(listed, list) or not listed:
        raise FormatError(f"constraints must be a list of [type, subtype, text], got {listed!r:.80}")
    turns = record.get("conversations")
    said = [turn.get("content") for turn in turns if turn.get("role") == "user"] if isinstance(turns, list) else []
    prompt = text("the user's turn", said[-1] if said else record.get("prompt"))
    return Row(key_of(record), prompt, tuple([_spec(one) for one in listed]), record)


def _spec(listed: Any) -> Spec:
    if not isinstance(listed, (list, tuple)) or len(listed) != 3:
        raise FormatError(f"a constraint is [type, subtype, text], got {listed!r:.80}")
    key, said = f"{listed[0]}_{listed[1]}", text("a constraint's text", listed[2])
    read = READERS.get(key)
    if read is None:
        raise FormatError(f"no MulDimIF constraint {key!r}{did_you_mean(key, READERS)}")
    ours, args = _with_the_rest(said, read(said)) or _rubric(said)
    return Spec(ours, args, key)


def _with_the_rest(said: str, mapped: Mapped | None) -> Mapped | None:
    """What the words ask of the response beside what the key names: a keyword and a length, a length and its end."""
    known = repr(mapped)
    if mapped is None or "rubric:" in known or "scope:part" in known:
        return mapped
    rest: list[Mapped] = []
    for id, noun in (("length:words", "words?"), ("length:sentences", "sentences?")):
        if id not in known and (asked := bound(said, noun)) is not None:
            rest.append(_placed(said, _bounded(id, asked)) or _rubric(said))
    for name, beside in (("case:", _capitals), ("position:end", _period), ("keywords:", _keyword)):
        if name not in known and beside.search(said):
            rest.append(
                {"case:": _english, "position:end": _punctuation, "keywords:": _keywords}[name](said) or _rubric(said)
            )
    return all_of(mapped, *rest) if rest else mapped


def _rubric(said: str) -> Mapped:
    return "rubric:criterion", {"criterion": f"The response follows this: {said}"}


def _placed(said: str, mapped: Mapped) -> Mapped | None:
    """The constraint on what the text speaks of: the response, or each of its parts; None where no rule finds that."""
    for match in _each.finditer(said):
        if _reason.search(said[: match.start()]):  # "to ensure a thorough explanation of each section"
            continue
        noun = match["noun"].lower()
        first = noun.split()[0]
        if noun in _UNITS or first in _UNITS:
            return scope(_UNITS.get(noun) or _UNITS[first], mapped)
        if first not in _WHOLE:
            return None
    return mapped


def _bounded(id: str, asked: Bound) -> Mapped:
    found = [(id, {"relation": relation, "n": n}) for relation, n in asked.relations()]
    return found[0] if len(found) == 1 else all_of(*found)


def _length(id: str, noun: str) -> Callable[[str], Mapped | None]:
    def read(said: str) -> Mapped | None:
        asked = bound(said, noun)
        if asked is None:
            if not _number.search(said):
                raise FormatError(f"no length can be read from {said!r}")
            return None
        placed = _placed(said, _bounded(id, asked))
        return (
            None if placed and placed[0] == "scope:part" and placed[1]["unit"] == id.partition(":")[2][:-1] else placed
        )

    return read


def _keywords(said: str) -> Mapped | None:
    found = [next(group for group in match.groups() if group) for match in _quoted.finditer(said)]
    if not found or not _include.search(said) or re.search(r"\bsuch as\b|\blike\b|\bor\b|\be\.g\.", said):
        return None
    if _negated.search(said):
        return None
    # A comma or the sentence's full stop may stand inside the quotation marks; that of "Apple Inc." is a part of it.
    found = [word.strip(" ,") or word for word in found]
    if re.search(r"\.['\"\u2019\u201d]+\W*$", said):
        found[-1] = found[-1].rstrip(".") or found[-1]
    placed = _placed(said, ("keywords:count", {"words": found}))
    times = bound(said, "times?")
    if placed is None or times is None:
        return None if re.search(r"\btwice\b|\bonce\b|\btimes\b", said) else placed
    return None


def _table(said: str) -> Mapped | None:
    if not _tabular.search(said):
        return None
    rows, columns = _size(said, "row"), _size(said, "column")
    if both := re.search(r"\b(row|column)s? and (\w+) (row|column)s?\b", said, re.IGNORECASE):
        if both[1].lower() == "row":
            columns = _alike(rows, both[2]) or columns
        else:
            rows = _alike(columns, both[2]) or rows
    if rows is None and columns is None and re.search(r"\brows?\b|\bcolumns?\b", said):
        return None
    if rows is not None and "including the header" in said.lower():
        rows = Bound(*[None if n is None else n - 1 for n in rows])
    args: dict[str, Any] = {}
    for name, asked in (("rows", rows), ("columns", columns)):
        if asked is not None and asked.least is not None:
            args[f"min_{name}"] = asked.least
        if asked is not None and asked.most is not None:
            args[f"max_{name}"] = asked.most
    table: Mapped = ("markup:table", args)
    if _named.search(said) or _quoted.search(said) or (not args and _number.search(said)):
        table = all_of(table, _rubric(said))  # names of the columns, and what the table is about
    return _or_none("markup:table", {}, table) if _optional.search(said) else table


def _or_none(id: str, args: dict[str, Any], mapped: Mapped) -> Mapped:
    """The constraint, or nothing of the kind."""
    none = {"id": "logic:not", "args": {"inner": [{"id": id, "args": args}]}}
    return "logic:any_of", {"inner": [none, {"id": mapped[0], "args": mapped[1]}]}


def _size(said: str, noun: str) -> Bound | None:
    """ "a row limit of 3", "limit the table to 3 rows", or a bound as it is said of anything"""
    found = re.search(rf"\b{noun} limit of (\w+)|\blimit (?:[a-z]+ ){{1,3}}to (\w+) {noun}", said, re.IGNORECASE)
    return bound(f"at most {found[1] or found[2]} {noun}s" if found else said, f"{noun}s?")


def _alike(first: Bound | None, said: str) -> Bound | None:
    """The bound of the second number in "no more than 3 rows and 2 columns"."""
    exact = bound(f"exactly {said} times", "times")
    return first and exact and Bound(*[n and other for n, other in zip(first, exact, strict=True)])


def _english(said: str) -> Mapped | None:
    if _part.search(said):  # the capitals of headings or names are not those of the response
        return None
    english = {"language": "en"} if _in_english.search(said) else {}
    if re.search(r"\b(?:all )?upper\s?case\b|\ball[- ]caps\b|\ball capital letters\b", said, re.IGNORECASE):
        return _placed(said, ("case:letters", {"case": "upper", **english}))
    if re.search(r"\blower\s?case\b", said, re.IGNORECASE):
        return _placed(said, ("case:letters", {"case": "lower", **english}))
    if re.search(r"\beach word\b|\bevery word\b|\ball words\b|\bof words\b", said, re.IGNORECASE) and re.search(
        r"\bcapital", said, re.IGNORECASE
    ):
        capitals: Mapped = ("case:first_letters", {"of": "words"})
        return all_of(capitals, ("language:response", english)) if english else capitals
    if english and "capital" not in said.lower():
        return "language:response", english
    return None


def _chinese(said: str) -> Mapped | None:
    return all_of(("language:response", {"language": "zh"}), _rubric(said))


_MARKS = {"period": ".", "full stop": ".", "exclamation mark": "!", "exclamation point": "!", "question mark": "?"}


def _punctuation(said: str) -> Mapped | None:
    marks = [mark for name, mark in _MARKS.items() if name in said.lower()]
    if not _ends.search(said) or len(set(marks)) != 1 or _negated.search(said):
        return None
    if re.search(r"\bthe (?:table|references)\b", said, re.IGNORECASE) and not _each.search(said):
        return None  # which need not be the response's end
    return _placed(said, ("position:end", {"phrase": marks[0]}))


def _headings(said: str) -> Mapped | None:
    deepest = _deepest.search(said)
    if deepest:
        mapped: Mapped = ("markup:headings", {"max_depth": int(deepest[1])})
        return _or_none("markup:headings", {"max_depth": 6}, mapped) if "any heading" in said.lower() else mapped
    plain = re.split(r",? such as\b", said)[0]
    if _quoted.search(plain) or _particular.search(plain) or "headings should be" in plain:
        return None
    named = sorted({int(level) for level in re.findall(r"\b(?:level|H)[- ]?([1-6])\b", plain, re.IGNORECASE)})
    counted = _levels.search(plain)
    if named:
        exact = counted is not None and counted["how"].lower() == "exactly"
        mapped = ("markup:headings", {"levels": named, "max_depth": named[-1]} if exact else {"levels": named})
    elif counted:
        mapped = _so_many_levels(number(counted["n"]), counted["how"].lower())
    else:
        return None
    if re.search(r"\b(?:begin|start)s?\b|\bat the beginning\b", plain):
        mapped = scope("line", mapped, which="first")
    return all_of(mapped, _rubric(said)) if re.search(r"\b(?:bullet points|bold|quotes)\b", said) else mapped


def _so_many_levels(n: int, relation: str) -> Mapped:
    levels = [{"id": "markup:headings", "args": {"levels": [level]}} for level in range(1, 7)]
    least: Mapped = ("logic:at_least_k", {"k": n, "inner": levels})
    if relation != "exactly":
        return least
    more = {"id": "logic:at_least_k", "args": {"k": n + 1, "inner": levels}}
    return all_of(least, ("logic:not", {"inner": [more]}))


def _json(said: str) -> Mapped | None:
    plain = re.sub(r"[^\w\s]", "", said)
    asked = bound(said, r"(?:nesting )?levels?")
    of = re.search(r"nesting levels? of (\d)", said)
    if asked is None and of:
        asked = Bound(int(of[1]), int(of[1]))
    exceed = re.search(r"nesting levels (?:(?:do|must|should) )?not (?:to )?exceed(?:ing)? (\w+)", plain)
    if exceed:
        asked = bound(f"at most {exceed[1]} times", "times")
    if asked is None:
        return None
    args = {"depth": asked.least or 1}
    nested: Mapped = ("data:json_depth", args if asked.most is None else {**args, "max_depth": asked.most})
    whole = re.search(r"\bin (?:a )?JSON format\b|\bformatted using JSON\b", said)
    return all_of(("format:json", {}), nested) if whole else nested


def _judged(said: str) -> Mapped | None:
    return None


def _start(said: str) -> Mapped | None:
    found = _quoted.search(said)
    if not found or not re.search(r"\bstart", said) or re.search(r"\bletter\b", said):
        return None
    return _placed(said, ("position:start", {"phrase": next(group for group in found.groups() if group)}))


READERS: dict[str, Callable[[str], Mapped | None]] = {
    **dict.fromkeys(("Content_Keywords", "Content_Keywords: Must include", "Content_Mention"), _keywords),
    **dict.fromkeys(
        ("Length_Words", "Length_Words: At most", "Length_Words: At least", "Length_Words: Range", "Words_At most",
         "Format_Word Count", "Content_Length"),
        _length("length:words", "words?"),
    ),
    **dict.fromkeys(
        ("Length_Sentences", "Length_Sentences: At least", "Length_Sentences: At most", "Length_Sentences: Range",
         "Sentences_At most", "Sentences_At least"),
        _length("length:sentences", "sentences?"),
    ),
    **dict.fromkeys(
        ("Length_Paragraphs", "Length_Paragraphs: At most", "Length_Paragraphs: At least", "Length_Paragraphs: Range",
         "Paragraphs_At most"),
        _length("length:paragraphs", "paragraphs?"),
    ),
    **dict.fromkeys(
        ("Format_Table", "Table_Row limit", "Table_Column limit", "Format_Table: Row limit",
         "Format_Table: Column limit", "Table_Table"),
        _table,
    ),
    **dict.fromkeys(
        ("Punctuation_Ending punctuation", "Content_Punctuation: Ending punctuation", "Content_Punctuation"),
        _punctuation,
    ),
    **dict.fromkeys(
        ("Language_English", "Language_English: Capitalized", "Language_English: All Uppercase"), _english
    ),
    **dict.fromkeys(("Language_Chinese", "Language_Chinese: Simplified", "Language_Chinese: Traditional"), _chinese),
    **dict.fromkeys(("Format_Markdown", "Markdown_Heading levels", "Format_Markdown: Heading levels"), _headings),
    **dict.fromkeys(("Json_Object nesting levels", "Format_Json"), _json),
    "Content_Identifiers": _start,
    **dict.fromkeys(
        ("Markdown_Block quotes", "Format_Markdown: Block quotes", "Citations_In-text", "Content_Quotes",
         "Content_Sources", "Format_Text", "XML_Number of attributes", "References_Format", "Format_Bullet Points",
         "Format_XML", "Format_Blurb", "Json_Number of attributes", "Format_Length"),
        _judged,
    ),
}  # fmt: skip
