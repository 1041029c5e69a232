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
from rewardkit.formats.english import Bound, bound
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
_conditional = re.compile(r"\b(?:if|when|any tables?|where)\b", re.IGNORECASE)
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
    ours, args = read(said) or _rubric(said)
    return Spec(ours, args, key)


def _rubric(said: str) -> Mapped:
    return "rubric:criterion", {"criterion": f"The response follows this: {said}"}


def _placed(said: str, mapped: Mapped) -> Mapped | None:
    """The constraint on what the text speaks of: the response, or each of its parts; None where no rule finds that."""
    for match in _each.finditer(said):
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
            if not re.search(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|single)\b", said):
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
    placed = _placed(said, ("keywords:count", {"words": [word.strip(" .,") or word for word in found]}))
    times = bound(said, "times?")
    if placed is None or times is None:
        return None if re.search(r"\btwice\b|\bonce\b|\btimes\b", said) else placed
    return None


def _table(said: str) -> Mapped | None:
    rows, columns = (bound(said, f"{noun}s?") or _limit(said, noun) for noun in ("row", "column"))
    if rows is None and columns is None and re.search(r"\brows?\b|\bcolumns?\b", said):
        return None
    if not re.search(r"\btables?\b|\btabular\b|\brows?\b|\bcolumns?\b", said, re.IGNORECASE):
        return None
    args: dict[str, Any] = {}
    for name, asked in (("rows", rows), ("columns", columns)):
        if asked is not None and asked.least is not None:
            args[f"min_{name}"] = asked.least
        if asked is not None and asked.most is not None:
            args[f"max_{name}"] = asked.most
    table: Mapped = ("markup:table", args)
    if not _conditional.search(said):
        return table
    none: Mapped = ("logic:not", {"inner": [{"id": "markup:table", "args": {}}]})
    return "logic:any_of", {"inner": [{"id": id, "args": args} for id, args in (none, table)]}


def _limit(said: str, noun: str) -> Bound | None:
    """ "a row limit of 3" """
    found = re.search(rf"\b{noun} limit of (\w+)", said, re.IGNORECASE)
    return bound(f"at most {found[1]} {noun}s", f"{noun}s?") if found else None


def _english(said: str) -> Mapped | None:
    if re.search(r"\b(?:all )?upper\s?case\b|\ball[- ]caps\b|\ball capital letters\b", said, re.IGNORECASE):
        return _placed(said, ("case:letters", {"case": "upper"}))
    if re.search(r"\blower\s?case\b", said, re.IGNORECASE):
        return _placed(said, ("case:letters", {"case": "lower"}))
    if re.search(r"\beach word\b|\bevery word\b|\ball words\b|\bof words\b", said, re.IGNORECASE) and re.search(
        r"\bcapital", said, re.IGNORECASE
    ):
        return "case:first_letters", {"of": "words"}
    if re.search(r"\bin english\b", said, re.IGNORECASE) and "capital" not in said.lower():
        return "language:response", {"language": "en"}
    return None


def _chinese(said: str) -> Mapped | None:
    return all_of(("language:response", {"language": "zh"}), _rubric(said))


_MARKS = {"period": ".", "full stop": ".", "exclamation mark": "!", "exclamation point": "!", "question mark": "?"}


def _punctuation(said: str) -> Mapped | None:
    marks = [mark for name, mark in _MARKS.items() if name in said.lower()]
    if not _ends.search(said) or len(set(marks)) != 1 or _negated.search(said):
        return None
    return _placed(said, ("position:end", {"phrase": marks[0]}))


def _headings(said: str) -> Mapped | None:
    levels = {int(level) for level in re.findall(r"\b(?:level|H)[- ]?([1-6])\b", said, re.IGNORECASE)}
    if _quoted.search(said) or not levels or _particular.search(said):
        return None
    return "markup:headings", {"levels": sorted(levels)}


def _json(said: str) -> Mapped | None:
    asked = bound(said, r"(?:nesting )?levels?")
    of = re.search(r"nesting levels? of (\d)", said)
    if asked is None and of:
        asked = Bound(int(of[1]), int(of[1]))
    exceed = re.search(r"nesting levels? (?:do |must |should )?not (?:to )?exceed(?:ing)? (\w+)", said)
    if exceed and exceed[1].isdigit():
        asked = Bound(None, int(exceed[1]))
    if asked is None:
        return None
    args = {"depth": asked.least or 1}
    return "data:json_depth", args if asked.most is None else {**args, "max_depth": asked.most}


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
