"""What MulDimIF's published checkers say, restated from their source: regexes read the constraint's text each time.

They are in no package, so their rules are written down here by class, faults included: a number of words or sentences
that no pattern reads holds always, a rule on headings that none reads does too, and what stands between two apostrophes
is a keyword. Left out, and told as such (None): what they look for in each entry or cell (keywords and words with
"each"), Chinese, which needs zhconv, and of the two classes for the rest what our reading leaves to a judge.
Source: github.com/Junjie-Ye/MulDimIF, Code/evaluation/scripts.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from rewardkit import punkt

Rule = Callable[[str, str], bool | None]

UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
VALUES = {name: value for value, name in enumerate(UNITS)} | TENS | {"hundred": 100}
UP_TO_TEN = {name: VALUES[name] for name in UNITS[1:11]}
CHINESE = dict(zip("一二三四五六七八九十", range(1, 11), strict=True)) | {"两": 2}
FULL_WIDTH = re.compile("[\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002a6df\u3000-\u303f\uff00-\uffef]")


def verdict(key: str, constraint: str, response: str) -> bool | None:
    """What the published checker says (which may raise); None where it is not restated."""
    rule = RULES.get(key)
    return None if rule is None else rule(constraint, response)


def spelled(said: str, values: dict[str, int]) -> int | None:
    """A number in digits, or the sum of its words."""
    said = said.strip().replace(",", "")
    if said.isdigit():
        return int(said)
    total = current = 0
    for part in re.split(r"[\s-]+", said.lower()):
        if part not in values:
            return None
        if values[part] >= 100:
            total, current = total + max(current, 1) * values[part], 0
        else:
            current += values[part]
    return total + current


def has_word(word: str, response: str) -> int:
    """How often the word stands there, alone unless it is Chinese."""
    if any("\u4e00" <= char <= "\u9fff" for char in word):
        return response.count(word)
    return len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", response, re.IGNORECASE))


def within(count: int, least: int | None, most: int | None) -> bool:
    return (least is None or count >= least) and (most is None or count <= most)


# Words

RANGES = (
    r"between\s+([a-z0-9\-– ]+?)\s+to\s+([a-z0-9\-– ]+?)(?=\s*word|$|\b)",
    r"between\s+([a-z0-9\-– ]+?)\s+and\s+([a-z0-9\-– ]+?)(?=\s*word|$|\b)",
    r"range:?\s*([a-z0-9\-– ]+?)\s+to\s+([a-z0-9\-– ]+?)(?=\s*word|$|\b)",
    r"range:?\s*([a-z0-9\-– ]+?)\s*[-–]\s*([a-z0-9\-– ]+?)(?=\s*word|$|\b)",
    r"(\b[a-z0-9\-–]+\b)\s+to\s+(\b[a-z0-9\-–]+\b)(?=\s*word|$|\b)",
    r"(\b[a-z0-9\-–]+\b)\s*[-–]\s*(\b[a-z0-9\-–]+\b)(?=\s*word|$|\b)",
    r"([0-9]+)\s*到\s*([0-9]+)(?=\s*个|字)",
)
LONGEST = r"(?:not exceed|not exceeding|not surpass|at most|no more than|maximum of|maximum length of|no longer than"
LONGEST += r"|limit of|within|within a) (\S+) word"
LONGEST_CHINESE = (r"最多([0-9]+)(?:个|字)", r"在([0-9]+)\s*(?:个单词以内|个字以内|字以内|单词以内|词以内|字)")


def first_number(patterns: Iterable[str], constraint: str) -> int | None:
    """What the first pattern that matches, and can be read, has for a number."""
    for pattern in patterns:
        match = re.search(pattern, constraint)
        if match and (n := spelled(match[1], VALUES)) is not None:
            return n
    return None


def words(constraint: str, response: str) -> bool | None:
    if re.search(r"\beach\b", constraint, re.IGNORECASE):
        return None
    said = re.sub(r"\s+", " ", constraint.lower().strip('"').strip())
    for old, new in (("-word", " word"), ("a total of ", ""), ("words", "word"), ("a single", "exactly one")):
        said = said.replace(old, new)
    said = said.strip()
    count = len(FULL_WIDTH.findall(response)) or len(response.split())
    exact = re.search(r"exactly\s+([a-z0-9\-, ]+?)\s+\S+", said)
    if exact and (n := spelled(exact[1], VALUES)) is not None:
        return count == n
    least = most = None
    for pattern in RANGES:  # a range of which one side is read is kept until the next pattern matches
        if match := re.search(pattern, said):
            least, most = spelled(match[1], VALUES), spelled(match[2], VALUES)
            if least is not None and most is not None:
                least, most = sorted((least, most))
                break
    if least is None:
        least = first_number((r"(?:at least|minimum of|minimum length of|no less than) (\S+) word",), said)
    if most is None:
        most = first_number((LONGEST, *LONGEST_CHINESE), said)
    fewest = first_number((r"(?:at least|minimum of) (\S+) sentence",), said)
    longest = r"(?:not exceed|at most|no more than|maximum of|maximum length of|no longer than) (\S+) sentence"
    # Whatever stands between two quotation marks or apostrophes must be in the response.
    if any(not has_word(keyword, response) for keyword in re.findall(r"[\"']([^']*)[\"']", said)):
        return False
    marks = len(re.findall(r"[.!?]+", response))
    return within(count, least, most) and within(marks, fewest, first_number((longest,), said))


# Sentences and paragraphs: the first pattern that matches decides, and which side the number is on.

SENTENCE_NUMBERS = {name: VALUES[name] for name in [*UNITS[1:13], "fifteen", "twenty", "thirty", "fifty", "hundred"]}
SENTENCE_NUMBERS |= {"thousand": 1000} | CHINESE
N = rf"(\d+|{'|'.join(SENTENCE_NUMBERS)})"
SENTENCES = (
    ("exactly", rf"exactly:? {N} (?:topic )?sentences?"),
    ("exactly", rf"(?:should|must) contain {N} sentences?"),
    ("single", r" be a single sentence|consisting of (?:only )?one sentence|in a single sentence"),
    ("at least", rf"at least:? {N} sentences?"),
    ("at least", rf"a minimum of {N} sentences?"),
    ("at least", rf"no fewer than {N} sentences?"),
    ("at least", rf"(?:至少|最少)(?:包含)?{N}(?:个句子|句话|句|個句子)"),
    ("at most", rf"contain at most {N} sentences?"),
    ("at most", rf"at most:? {N} sentences?"),
    ("at most", rf"not exceeding {N} sentences?"),
    ("at most", rf"no (?:more|longer) than {N} sentences?"),
    ("at most", rf"limited to {N} sentences?"),
    ("at most", rf" not exceed {N} sentences?"),
    ("at most", rf"a maximum (?:length )?of {N} sentences?"),
    ("at most", rf"not to exceed {N} sentences?"),
    ("at most", rf"not surpass(?: a total of)? {N} sentences?"),
    ("at most", rf"(?:至多|最多)(?:包含)?{N}(?:个句子|句话|句|個句子)"),
    ("range", rf"range:? {N}-{N} sentences?"),
    ("range", rf"between {N} and {N} sentences?"),
    ("range", rf"between {N} to {N} sentences?"),
    ("range", rf"(?:into|a range of|be composed of|consists? of|consisting of) {N} to {N} sentences?"),
    ("range", rf"{N}到{N}(?:个句子|句话|句|個句子)"),
)
M = rf"(\d+|{'|'.join(UP_TO_TEN)})"
PARAGRAPHS = (
    ("exactly", rf"exactly {M} paragraphs?"),
    ("exactly", rf"(?:should|must) contain {M} paragraphs?"),
    ("single", r" be a single paragraph"),
    ("at least", rf"at least {M} paragraphs?"),
    ("at least", rf"least: {M} paragraphs?"),
    ("at least", rf"a minimum of {M}(?: distinct)? paragraphs?"),
    ("at most", rf"at most {M} paragraphs?"),
    ("at most", rf"not exceeding {M} paragraphs?"),
    ("at most", rf"no more than {M} paragraphs?"),
    ("at most", rf"最多(?:分为)?(\d+|{'|'.join(CHINESE)})个段落"),
    ("range", r"range (\d+)-(\d+) paragraphs?"),
    ("range", r"range: (\d+)-(\d+)"),
    ("range", r"between (\d+) and (\d+) paragraphs?"),
    ("range", r"(\d+) to (\d+) paragraphs?"),
)


@cache
def limits(constraint: str, patterns: tuple[tuple[str, str], ...]) -> tuple[int | None, int | None]:
    said = constraint.lower().strip()
    for kind, pattern in patterns:
        if match := re.search(pattern, said):
            if kind == "single":
                return 1, 1
            found = [int(n) if n.isdigit() else SENTENCE_NUMBERS.get(n, 0) for n in match.groups()]
            return (None if kind == "at most" else found[0]), (None if kind == "at least" else found[-1])
    return None, None


def sentences(constraint: str, response: str) -> bool:
    # Every full stop, question mark and exclamation mark ends one, those of "3.5" and of "..." too.
    return within(len(re.findall(r"[.!?]", response)), *limits(constraint, SENTENCES))


def paragraphs(constraint: str, response: str) -> bool:
    least, most = limits(constraint, PARAGRAPHS)
    if least is None and most is None:
        return False
    return within(sum(bool(piece.strip()) for piece in response.split("\n\n")), least, most)


# Keywords

OFTEN = UP_TO_TEN | {"once": 1, "twice": 2}


def keywords(constraint: str, response: str) -> bool | None:
    if re.search(r"\b(each|every)\b", constraint, re.IGNORECASE) and "for each word" not in constraint:
        return None
    wanted = re.search(r"includes?\s+the\s+keyword\s+[\"']([^\"']+)[\"']", constraint, re.IGNORECASE)
    unwanted = re.search(r"avoids?\s+the\s+keyword\s+[\"']([^\"']+)[\"']", constraint, re.IGNORECASE)
    if wanted and unwanted:
        return wanted[1] in response and unwanted[1] not in response
    topics = r"If discussing\s+([^,]+),\s*the summary must include the keyword\s+[\"']([^\"']+)[\"']"
    if pairs := re.findall(topics, constraint, re.IGNORECASE):
        return all(keyword in response for topic, keyword in pairs if any(of in response for of in either(topic)))
    return keyword_rule(constraint, response)


def either(topic: str) -> list[str]:
    """The two topics of "California housing/property laws"."""
    match = re.match(r"^(.*\s)(\S+)/(\S+)(\s.*)$", topic)
    return [match[1] + match[i] + match[4] for i in (2, 3)] if match else [part.strip() for part in topic.split("/")]


def keyword_rule(constraint: str, response: str) -> bool:
    said = constraint.strip()
    while match := re.match(r'^"+(.*[^"])"+$', said):
        said = match[1]

    def has(pattern: str) -> re.Match[str] | None:
        return re.search(pattern, said, re.IGNORECASE)

    if has(r"must\s+use\s+capitalized\s+letters\s+for\s+each\s+word") and any(
        not word[0].isupper() for word in response.split()
    ):
        return False
    if has(r"must\s+end\s+with\s+(a\s+)?period") and not response.strip().endswith("."):
        return False
    least: int | None = 0
    most: float | None = float("inf")
    if match := has(r"(?:at\s+least|minimum\s+of)\s+(\S+)\s+word"):
        least = spelled(match[1], OFTEN)
    if match := has(r"(?:not\s+exceed|at\s+most|no\s+more\s+than|maximum\s+of)\s+(\S+)\s+word"):
        most = spelled(match[1], OFTEN)
    if has(r"is\s+a\s+single\s+word"):
        least = most = 1
    if least is None or most is None:
        raise TypeError("a number of words that cannot be read is compared with one")
    if not least <= len(response.split()) <= most:
        return False
    if has(r"(avoid\s+using\s+(the\s+)?term|must\s+be\s+avoided)"):
        match = re.search(r"[\"']([^\"']+)[\"']", said)
        return match is None or not has_word(match[1], response)
    times = 1
    count = has(rf"at least (\d+|{'|'.join(OFTEN)})(?:\s+times?)?\b(?!\s+words\s+long)")
    if count:
        times = int(count[1]) if count[1].isdigit() else OFTEN[count[1].lower()]
    if has(r"must appear multiple times"):
        times = 2
    # Doubled quotation marks first; else whatever stands between two marks or apostrophes.
    doubled = re.findall(r'["”]{2}([^"“]+)["“]{2}', said)
    found = doubled or re.findall(r"[\"'「“]([^\"']+)[\"'」”]", said)
    often = [has_word(word, response) >= times for word in found]
    return any(often) if has(r"\bOR\b") else all(often)


# Punctuation

MARKS = {"period": ".", "question mark": "?", "exclamation mark": "!", "semicolon": ";"}


def tokenized(response: str) -> list[str]:
    return [response[start:end] for start, end in punkt.sentences(response)]


def punctuation(constraint: str, response: str) -> bool:
    said, text = constraint.strip().lower().rstrip("."), response.strip()
    if "paragraph" in said or "section" in said:
        parts = [line.strip() for line in text.split("\n") if line.strip()]
    elif any(word in said for word in ("each", "any", "all")):  # as in "additionally"
        parts = tokenized(text)
    else:
        parts = [text]
    if "table" in said or "cell" in said:
        rows = text.split("\n")
        cells = [cell.strip() for row in rows[2 if len(rows) > 1 else 0 :] for cell in row.strip("|").split("|")]
        parts = [cell for cell in cells if cell.strip("-")]
    if "bullet point" in said:
        mark = next((mark for name, mark in MARKS.items() if name in said), None)
        ends = [one for point in re.findall(r"(?m)^[-*•]\s.*$", text) for one in tokenized(point)]
        return all(one.strip()[-1] in (mark or string.punctuation) for one in ends)
    negative = re.search(r"\b(must not|avoid|exclude|not end with|do not use)\b", said) is not None
    if not all(parts):
        return negative
    special = re.search(r"(period|question mark|exclamation mark|semicolon)\s+followed by a `([^`]+)`", said)
    if special:
        return all(part.endswith(MARKS[special[1]] + special[2]) for part in parts)
    names = re.findall(r"\b(period|question mark|exclamation mark|semicolon|punctuation mark)s?\b", said)
    allowed = string.punctuation if "punctuation mark" in names else "".join([MARKS[name] for name in names])
    return all((part[-1] in allowed) is not negative for part in parts)


# Capital and small letters

CAPITALS = (r"\ball[- ]?uppercase\b", "in all uppercase letters", "in capitalized form")
TITLES = ("each word in", r"\bcapitalized\b", "capital.*each", "each.*capital")


def english(constraint: str, response: str) -> bool:
    if not response.strip():
        return False
    said = constraint.strip().lower()
    text = part_of(said, response)
    if any(re.search(pattern, said) for pattern in CAPITALS):
        return text == text.upper()
    if any(re.search(pattern, said, re.DOTALL) for pattern in TITLES):
        return not any("a" <= word[0] <= "z" for word in text.split())
    if re.search(r"\blowercase\b|all lowercase", said):
        return text == text.lower()
    return "written as a short blurb" in said  # what it cannot read is false


def part_of(said: str, response: str) -> str:
    """The table, keys, values or headings that are spoken of, where there are any."""
    if "table" in said:
        narrower = () if "headings" in said else ("header", "entries", "content")
        return table_text(response, next((part for part in narrower if part in said), "all"))
    if "json" in said:
        if "{" not in response or "}" not in response:
            return response
        pattern = r'"([^"]+)"\s*:' if "keys" in said else r':\s*"([^"]+)"' if "values" in said else "(?!)"
        return " ".join(re.findall(pattern, response)) or response
    if "heading" in said:
        return " ".join(re.findall(r"(?m)^#+\s*(.+)$", response)) or response
    return response


def table_text(response: str, part: str) -> str:
    if "|" not in response:
        return response
    rows = [row.strip() for row in response.split("\n") if row.strip()]
    if part == "entries" and len(rows) < 2:
        return response
    chosen = rows[:1] if part == "header" else rows[1:] if part == "entries" else rows
    return " ".join([cell.strip() for row in chosen for cell in row.split("|") if cell.strip()])


# JSON

LEVEL = r"(\d+|two|three)"
EXACT_DEPTH = (
    "exactly {} levels? of nesting", "structured as a json object with a nesting level of {}",
    "json example with exactly {} levels?", "object nesting levels must be {}", "nesting level of {}",
    "be limited to {} levels of nesting",
)  # fmt: skip
DEEPEST = (
    "no more than {} levels?", "maximum of {} nesting levels", "maximum of {} object nesting levels",
    "maximum of {} levels", "not exceed {} levels", "must not exceed {} levels? of nesting", "levels not exceeding {}",
    "with the structure not exceeding {} levels", "object nesting levels must not exceed {}", "and at most {}",
)  # fmt: skip
SHALLOWEST = (
    "at least {} levels? of nesting", "at least {} levels? deep", "must include a json object with at least {} levels?",
    "and at least {}",
)  # fmt: skip


def json_levels(patterns: tuple[str, ...], said: str) -> list[int]:
    found = [n for pattern in patterns for n in re.findall(pattern.replace("{}", LEVEL), said)]
    return [int(n) if n.isdigit() else VALUES[n] for n in found]


def json_depth(constraint: str, response: str) -> bool:
    said = re.sub(r"[^\w\s]", "", constraint.lower())
    fenced = re.search(r"```json(.*?)```", response, re.DOTALL)
    try:
        value = json.loads(fenced[1].strip() if fenced else response)
    except json.JSONDecodeError:
        return False
    if value is None:
        return False
    found = depth(value)
    if exact := json_levels(EXACT_DEPTH, said):
        return found == exact[0]
    least, most = max(json_levels(SHALLOWEST, said), default=None), min(json_levels(DEEPEST, said), default=None)
    return (least is not None or most is not None) and within(found, least, most)


def depth(value: Any) -> int:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return 1 + max(map(depth, inner)) if inner else 0


# Headings

LEVEL_WORDS = r"\b(one|two|three|four|five|six|seven|eight|nine|ten|\d+)\b"
SHOWN = "includ(?:e|es|ed|ing)|use|using|formatted|presented|organized|structured|feature|should be|incorporate"
ANY_HEADING = (
    "include headings", "includes headings", "use heading levels", "using heading levels",
    "presented under a separate heading", "separated with headings", "with headings",
)  # fmt: skip
BLOCK_QUOTES = (
    "use block quotes", "using block quotes", "include a block quote", "using markdown block quotes",
    "employ block quotes", "present the headline as a block quote",
)  # fmt: skip


class Heading(NamedTuple):
    level: int
    text: str


Headings = list[Heading]
Holds = Callable[[Headings], bool]


def headings(constraint: str, response: str) -> bool:
    said = constraint.lower()
    lines = response.split("\n")
    if "block quotes" in said and not has_quotes(said, lines):
        return False
    if "bold" in said and not re.search(r"\*\*.*?\*\*|__.*?__", response):
        return False
    if "bullet points" in said and not any(re.search(r"^\s*[-*+]\s", line) for line in lines):
        return False
    rules = [rule for clause in re.split(r"\b,\b", constraint) if (rule := heading_rule(constraint, clause))]
    matches = [re.match(r"^(#+)\s+(.*?)\s*$", line.strip()) for line in lines]
    found = [Heading(len(match[1]), match[2].strip()) for match in matches if match]
    if "each" in said or "any" in said:  # each heading alone has to follow all rules
        return bool(found) and all(rule([one]) for one in found for rule in rules)
    return all(rule(found) for rule in rules)


def has_quotes(said: str, lines: list[str]) -> bool:
    quoted = sum(line.strip().startswith(">") for line in lines)
    if "at least" in said:
        match = re.search(rf"{LEVEL_WORDS} block quotes", said)
        assert match is not None
        return quoted >= level_of(match[1])
    return quoted > 0 if any(words in said for words in BLOCK_QUOTES) else quoted == len(lines)


def level_of(said: str) -> int:
    return int(said) if said.isdigit() else UP_TO_TEN[said.lower()]


def has_all(*levels: int) -> Holds:
    return lambda found: set(levels) <= {one.level for one in found}


def has_levels(relation: str, n: int) -> Holds:
    exact, least = relation == "exactly", relation == "at least"
    return lambda found: within(len({one.level for one in found}), n if exact or least else None, None if least else n)


def heading_rule(constraint: str, clause: str) -> Holds | None:
    whole = constraint.lower()
    if "include headings at two levels: main and subheadings" in whole:
        return has_all(1, 2)
    if "be structured with a main heading and subheadings" in whole:
        return has_all(1, 2)
    if constraint == "Questions must be organized under a level 2 heading.":
        return lambda found: bool(found) and all(one.level == 2 for one in found if "?" in one.text)
    if "include a single level 1 heading" in whole:
        return lambda found: sum(one.level == 1 for one in found) == 1
    if "be structured using a minimum of two heading levels" in whole or "include headings at two levels" in whole:
        return has_levels("at least", 2)
    if constraint == (
        "format the response using Markdown, employing '##' for main points and '###' for subpoints to clearly organize"
        " the information"
    ):
        return has_all(2, 3)
    return named_levels(clause) or lower_rule(whole, clause.strip().lower().rstrip("."))


def named_levels(clause: str) -> Holds | None:
    """Rules that are read with their capitals."""
    pair = re.search(rf"(?i)use heading levels {LEVEL_WORDS} and {LEVEL_WORDS}", clause) or re.search(
        rf"(?i)use heading levels.*?level\s*{LEVEL_WORDS}.*?level\s*{LEVEL_WORDS}", clause
    )
    if pair:
        return has_all(level_of(pair[1]), level_of(pair[2]))
    several = (
        re.findall(rf"(?i)a heading level {LEVEL_WORDS}", clause)
        or re.findall(r"(?i)H(\d+)", clause)
        or re.findall(rf"(?i)Level {LEVEL_WORDS} for", clause)
    )
    if several and ("must include" in clause or "should" in clause):
        return has_all(*map(level_of, several))
    if "titled" in clause:
        plain = clause.strip().rstrip(".")
        titled = re.search(rf"(?i)level {LEVEL_WORDS} heading titled [\"'](.*?)[\"']", plain) or re.search(
            rf"(?i)(?:a|at least one|two|three|four|five|six|seven|eight|nine|ten|\d+) level {LEVEL_WORDS} heading"
            r" with the text [\"'](.*?)[\"']",
            plain,
        )
        if titled:
            wanted = Heading(level_of(titled[1]), titled[2])
            return lambda found: wanted in found
    return None


def lower_rule(whole: str, clause: str) -> Holds | None:
    if re.search(SHOWN, clause):
        level = (
            re.search(rf"(?:a|at least \d+) heading level {LEVEL_WORDS}", clause)
            or re.search(
                rf"(?:a|at least one|two|three|four|five|six|seven|eight|nine|ten|\d+) level {LEVEL_WORDS} heading",
                clause,
            )
            or re.search(r"must use a heading level of h(\d+)", clause)
        )
        if level:
            return has_all(level_of(level[1]))
        relation = r"(at least|at most|exactly|up to|a maximum of|under)"
        number = re.search(rf"{relation} {LEVEL_WORDS} heading levels?", clause) or re.search(
            rf"{relation} {LEVEL_WORDS} levels?", clause
        )
        if number:
            return has_levels(number[1], level_of(number[2]))
    if match := re.search(rf" must (?:not exceed|be limited to)\s+(?:level\s+)?{LEVEL_WORDS}", clause):
        deepest = level_of(match[1])
        return lambda found: bool(found) and all(one.level <= deepest for one in found)
    if match := re.search(rf"must begin with a level {LEVEL_WORDS} heading", clause):
        first = level_of(match[1])
        return lambda found: bool(found) and found[0].level == first
    if match := re.search(rf"use heading level {LEVEL_WORDS}", clause):
        return has_all(level_of(match[1]))
    return bool if any(words in whole for words in ANY_HEADING) else None


# Tables

NUMBERS = rf"(\d+|\b(?:{'|'.join(UNITS[1:])}|{'|'.join(TENS)}|hundred)\b)"
# What stands before the number, in the order in which it is looked for; "" for what needs no noun behind the number.
ROW_LIMITS: tuple[tuple[str, str, str], ...] = (
    ("exactly", r"exactly\s+", r"\s+rows?"), ("at most", r"no\s+more\s+than\s+", r"\s+rows?"),
    ("at most", r"not\s+have\s+more\s+than\s+", r"\s+rows?"), ("at most", r"must\s+not\s+exceed\s+", r"\s+rows?"),
    ("at most", r"not\s+exceed\s+", r"\s+rows?"), ("at most", r"not\s+exceeding\s+", r"\s+rows?"),
    ("at most", r"row\s+limit\s+of\s+", ""), ("exactly", "", r"\s+rows?\s+must\s+be\s+included"),
    ("exactly", r"exactly\s+.+and ", r"\s+rows?"), ("at most", r"not exceed\s+.+and ", r"\s+rows?"),
    ("at most", r"a maximum of\s+", r"\s+rows"), ("at most", r"limited to\s+", r"\s+rows"),
    ("at most", r"a maximum of\s+.+and ", r"\s+rows?"), ("at most", r"limit the number of rows to\s+", ""),
    ("at most", r"limit (?:it|the table) to\s+", r"\s+rows"),
    ("at most", r"the number of rows in each table does not exceed\s+", ""),
)  # fmt: skip
COLUMN_LIMITS: tuple[tuple[str, str, str], ...] = (
    ("exactly", r"exactly\s+", r"\s+columns?"), ("at most", r"no\s+more\s+than\s+", r"\s+columns?"),
    ("at most", r"not\s+have\s+more\s+than\s+", r"\s+columns?"), ("at most", r"must\s+not\s+exceed\s+", r"\s+columns?"),
    ("at most", r"not\s+exceed\s+", r"\s+columns?"), ("at most", r"not\s+exceeding\s+", r"\s+columns?"),
    ("at most", r"column\s+limit\s+of\s+", ""), ("exactly", r"exactly\s+.+and ", r"\s+columns?"),
    ("exactly", r"in\s+", r"\s+columns"), ("at most", r"not exceed\s+.+and ", r"\s+columns?"),
    ("at most", r"maximum of\s+", r"\s+columns"), ("at most", r"maximum\s+", r"\s+columns"),
    ("at most", r"at most\s+", r"\s+columns"), ("at most", r"limited to\s+", r"\s+columns"),
    ("at most", r"a maximum of\s+.+and ", r"\s+columns?"), ("at most", r"limit the number of columns to\s+", ""),
    ("at most", r"limit (?:it|the table) to\s+", r"\s+columns"),
    ("at most", r"the number of columns in each table does not exceed\s+", ""),
)  # fmt: skip
KINDS = r"(a |any )?(tables?|tabular data)"
DONE = r"(used|included|utilized|incorporated|presented|chosen)"
OPTIONAL = (
    rf"if you (include|use|utilize|incorporate|present) {KINDS}",
    rf"if you (decide|choose|opt) to (use|include|incorporate|present|utilize) {KINDS}",
    rf"if (a |any )?(tables?|tabular data|table format) (is|are) {DONE}",
    rf"if there (is|are) (a |any )?(tables?|tabular data|table format) {DONE}",
)


@cache
def size(said: str, patterns: tuple[tuple[str, str, str], ...]) -> tuple[str, int] | None:
    for relation, before, after in patterns:
        if match := re.search(before + NUMBERS + after, said):
            return relation, int(match[1]) if match[1].isdigit() else VALUES[match[1]]
    return None


def is_over(found: int, asked: tuple[str, int] | None) -> bool:
    return asked is not None and (found != asked[1] if asked[0] == "exactly" else found > asked[1])


def table(constraint: str, response: str) -> bool:
    said = constraint.lower()
    if "|" not in response:
        return "table" not in said or any(re.search(pattern, said) for pattern in OPTIONAL)
    # From the first pipe of the response to the last, whatever stands between.
    region = re.search(r"\|.*\|", response, re.DOTALL)
    lines = [line.strip() for line in (region[0] if region else "").split("\n") if line.strip()]
    if "markdown" in said and not any(line.startswith("|") for line in lines):
        return False
    rows = len(lines) - (2 if len(lines) > 1 and "---" in lines[1] else 1)
    if is_over(rows, size(said, ROW_LIMITS)):
        return False
    columns = ("exactly", 1) if "single column" in said else size(said, COLUMN_LIMITS)
    if columns and (not lines or is_over(len(lines[0].split("|")) - 2, columns)):
        return False
    title = re.search(rf"title\s+must\s+not\s+exceed\s+{NUMBERS}\s+words", said)
    if title and (not lines or len(lines[0].strip("|").split()) > (spelled(title[1], VALUES) or 0)):
        return False
    return has_columns(said, lines)


def has_columns(said: str, lines: list[str]) -> bool:
    header = [name.strip() for name in lines[0].lower().split("|")[1:-1]] if lines else []
    if all(word in said for word in ("series must include", "title", "author", "year")):
        return all(any(word in name for name in header) for word in ("title", "author", "year"))
    quoted = [name for found in re.findall(r'"([^"]+)"', said) if (name := found.strip().rstrip(",").strip())]
    wanted = quoted if "columns for" in said and quoted else listed_columns(said) or quoted
    if "columns for" in said and wanted:
        return bool(lines) and all(any(column in name or name in column for name in header) for column in wanted)
    if wanted and (not lines or any(not any(column in name for name in header) for column in wanted)):
        return False
    if "film title" in said and "release year" in said:
        both = (("film", "title"), ("release", "year"))
        return all(any(word in name for word in words for name in header) for words in both)
    shown = " ".join([" ".join(line.split("|")) for line in lines]).lower()
    return all(is_shown(asked, shown, header) for asked in contents(said))


def listed_columns(said: str) -> list[str]:
    """The names behind "columns:", cut at every comma and at every a, n and d."""
    found = [
        re.search(r"columns?\s+should\s+be\s+([\w\s,]+)", said), re.search(r"columns:\s+([\w\s,']+)", said),
        re.search(r'table must include columns (for|named)\s+"[^"]+"', said),
    ]  # fmt: skip
    pieces = [piece.strip("'\" ") for match in found if match for piece in re.split("[,、，和and]", match[1])]
    return [piece for piece in pieces if piece]


def contents(said: str) -> list[str]:
    """What each row must include."""
    kinds, shown = "(?:entry|row|item|game|series)", "(?:present|include|contain|show)(?:ed)?"
    found = [
        re.search(rf"each {kinds} must include (?:the\s+)?([\w\s,]+)", said),
        re.search(rf"each {kinds} should (?:be )?{shown} (?:in|with)?\s+([\w\s,]+)", said),
    ]
    asked: list[str] = []
    for match in found:
        if match is None:
            continue
        left, *right = match[1].split(" and ")
        asked += re.split("[,、，]", left)
        asked += [right[0].removeprefix("its ")] if right else []
    its = re.search(r"each\s+\w+\s+must\s+include\s+(?:the\s+)?([\w\s]+\s+and\s+its\s+[\w\s]+)", said)
    asked += re.split(r"\s+and\s+its\s+", its[1]) if its else []
    return [part for one in asked if (part := one.strip())]


def is_shown(asked: str, shown: str, header: list[str]) -> bool:
    words = {"film title": ["film", "title"], "release year": ["release", "year"], "year of publication": ["year"]}
    anywhere = words.get(asked, []) + asked.split()
    return asked == "publication" or asked in shown or any(word in name for word in anywhere for name in header)


# The rest, where our reading makes a rule of it


def starts(constraint: str, response: str) -> bool | None:
    match = re.match(r"Start identifier(?: must be|:)(?:.*)?\s'([^']+)'", constraint) or re.search(
        r"(?i)(?:start|begin) (?:with|by) the (?:identifier|phrase) '?([^']+)'?", constraint
    )
    if match is None or "Each example must start with" in constraint:
        return None
    return response.lstrip(" #").lower().startswith(match[1].lower())


def few_rows(constraint: str, response: str) -> bool | None:
    match = re.search(rf"(?i)(?:no more than|a table, which is limited to a maximum of) {M} rows", constraint)
    if match is None:
        return None
    rows = [row for row in re.findall(r"(?m)^\|.*\|$", response) if not re.match(r"^\|(\s*-+\s*\|)+$", row)]
    return max(len(rows), response.lower().count("<tr>")) <= level_of(match[1])


RULES: dict[str, Rule] = {
    **dict.fromkeys(("Content_Keywords", "Content_Keywords: Must include"), keywords),
    **dict.fromkeys(
        ("Length_Words", "Length_Words: At most", "Length_Words: At least", "Length_Words: Range", "Words_At most",
         "Format_Word Count"),
        words,
    ),
    **dict.fromkeys(
        ("Length_Sentences", "Length_Sentences: At least", "Length_Sentences: At most", "Length_Sentences: Range",
         "Sentences_At most", "Sentences_At least"),
        sentences,
    ),
    **dict.fromkeys(
        ("Length_Paragraphs", "Length_Paragraphs: At most", "Length_Paragraphs: At least", "Length_Paragraphs: Range",
         "Paragraphs_At most"),
        paragraphs,
    ),
    **dict.fromkeys(
        ("Format_Table", "Table_Row limit", "Table_Column limit", "Format_Table: Row limit",
         "Format_Table: Column limit"),
        table,
    ),
    **dict.fromkeys(
        ("Punctuation_Ending punctuation", "Content_Punctuation: Ending punctuation", "Content_Punctuation"),
        punctuation,
    ),
    **dict.fromkeys(
        ("Language_English", "Language_English: Capitalized", "Language_English: All Uppercase"), english
    ),
    **dict.fromkeys(
        ("Format_Markdown", "Markdown_Heading levels", "Format_Markdown: Heading levels", "Markdown_Block quotes"),
        headings,
    ),
    **dict.fromkeys(("Json_Object nesting levels", "Format_Json", "Json_Number of attributes"), json_depth),
    "Content_Identifiers": starts,
    "Table_Table": few_rows,
}  # fmt: skip
