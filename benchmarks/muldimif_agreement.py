"""Claim: where ours and MulDimIF's published checkers disagree, the constraint's own text says that ours is right.

No responses to its 1,200 prompts are published. So the texts are real, but answer other prompts: three of the strong
models' responses to IFEval for each row, chosen by the row's key, one of them edited as well until our constraints
hold, and that one again to break each constraint alone. The published rules are those of muldimif_published.py; what
our reading leaves to a judge is not compared. Exit status 1 if any disagreement finds no reason.

usage: muldimif_agreement.py [--list]   (--list: every disagreement, with its key and the evidence)
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator, Sequence

from agreement import Case, Reason, accepted, refused, report
from measured import DATA, Pair, ifeval_pairs
from muldimif_published import FULL_WIDTH, PARAGRAPHS, RULES, SENTENCES, limits, verdict

from rewardkit import edits, formats
from rewardkit.audit.exploits import worked
from rewardkit.formats.row import Row
from rewardkit.registry import build
from rewardkit.text import Text
from rewardkit.types import Finding

STRONGEST = ("gpt-4", "gpt-4o-mini-2024-07-18", "o1-mini-2024-09-12")


def pairs() -> Iterator[Pair]:
    """Every row with its texts."""
    responses = [(pair.model, pair.response) for pair in ifeval_pairs() if pair.model in STRONGEST]
    responses = [(model, response) for model, response in responses if response.strip()]
    for record in json.loads((DATA / "muldimif" / "test.json").read_text("utf-8")):
        record = {**record, "kwargs": [{"constraint": text} for _, _, text in record["constraints"]]}
        row = formats.parse(record, "muldimif")
        chosen = random.Random(row.key).sample(responses, 3)
        yield from (Pair(model, record, response) for model, response in chosen)
        model, response = chosen[0]
        ruled = [build(spec) for spec in row.specs if is_rule(spec)]
        made = worked(ruled, response)
        if made != response:
            yield Pair(f"{model}, made to hold", record, made)
        for one in ruled:
            broken = edits.violated(one, Text(made))
            if broken not in (None, made):
                yield Pair(f"{model}, broken", record, broken or "")


def is_rule(spec: object) -> bool:
    """Whether no judge has a say."""
    return "rubric:" not in repr(spec)


def published(row: Row, response: str) -> Sequence[Finding | None]:
    found: list[Finding | None] = []
    for spec, (_, _, text) in zip(row.specs, row.record["constraints"], strict=True):
        ok = verdict(spec.source_id or "", text, response) if is_rule(spec) else None
        found.append(None if ok is None else Finding(ok, "as published"))
    return found


def said(case: Case) -> str:
    return str(case.kwargs["constraint"]).lower()


def asks(case: Case, pattern: str) -> bool:
    return re.search(pattern, said(case)) is not None


def shows(case: Case, pattern: str) -> bool:
    return re.search(pattern, case.response) is not None


CLOSERS = " \n\t\"'*_`)]}>\u201d\u2019|~#-"


def ends_closed(case: Case) -> bool:
    """A full stop (or what is asked for) stands last, but for what closes around it."""
    mark = "!" if "exclamation" in said(case) else "?" if "question" in said(case) else "."
    return accepted(case) and not case.response.rstrip().endswith(mark) and case.response.rstrip(CLOSERS).endswith(mark)


def heading_levels(response: str) -> set[int]:
    prose = re.sub(r"(?s)```.*?(?:```|$)", "", response)
    return {len(marks) for marks in re.findall(r"(?m)^[ \t>]*(#{1,6})[ \t]+[^\w\n]*\w", prose)}


def lacks_headings(case: Case) -> bool:
    """Of the level or the levels that are asked for there is no heading, or none where it has to stand."""
    levels = heading_levels(case.response)
    count = re.search(r"(two|three|four|[2-4]) (?:different |distinct )?heading levels", said(case))
    if count:
        asked = {"two": 2, "three": 3, "four": 4}.get(count[1]) or int(count[1])
        return len(levels) < asked or ("exactly" in said(case) and len(levels) != asked)
    level = re.search(r"level (\d)", said(case))
    if level is None:
        return False
    if asks(case, r"\b(?:begin|start)s?\b|beginning"):
        return not case.response.lstrip().startswith("#" * int(level[1]) + " ")
    return not levels if "up to" in said(case) else int(level[1]) not in levels


def has_table(response: str) -> bool:
    return re.search(r"(?m)^(?=.*\|)[ \t|:>-]*-[ \t|:>-]*$", response) is not None


def more_than_a_table(case: Case) -> bool:
    """Between the first pipe and the last there is something else, or another table."""
    first, last = case.response.find("|"), case.response.rfind("|")
    lines = [line for line in case.response[first : last + 1].split("\n") if line.strip()]
    return any("|" not in line for line in lines) or sum(has_table(line) for line in lines) != 1


def small_behind_a_mark(case: Case) -> bool:
    starts = [re.search(r"[^\W_]", word) for word in case.response.split()]
    return any(start is not None and start.start() > 0 and start[0].islower() for start in starts) or shows(
        case, r"\w[^\w\s'\u2019.-]+[a-z]"
    )


def count_of(case: Case) -> int:
    found = re.search(r"(?:length:\w+: |^)([\d,]+) (?:words?|sentences?)", case.ours.note)
    return int(found[1].replace(",", "")) if found else -1


def marks_outside_code(case: Case) -> int:
    """-1 where there is no code."""
    prose = re.sub(r"(?s)```.*?(?:```|$)", "", case.response)
    return -1 if prose == case.response else len(re.findall(r"[.!?]", prose))


def marks_that_end_nothing(case: Case) -> bool:
    marks = len(re.findall(r"[.!?]", case.response))
    inside = r"[.!?](?=[.!?\w,;:/]|\W*[.!?])|\d\.|(?:^|\n)\W*[.!?]|\b[A-Za-z]{1,4}\."
    return marks > count_of(case) >= 0 and shows(case, inside)


def sentences_without_a_mark(case: Case) -> bool:
    marks = len(re.findall(r"[.!?]", case.response))
    return count_of(case) > marks and shows(
        case, r"(?m)[^\s.!?][\"'*)\]]*[ \t]*$|[\u3002\uff01\uff1f\u0964\u061f\u06d4]"
    )


def marks_as_words(case: Case) -> bool:
    words = case.response.split()
    return sum(re.search(r"[^\W_]", word) is not None for word in words) <= count_of(case) < len(words)


def words_joined(case: Case) -> bool:
    return count_of(case) > len(case.response.split()) and shows(
        case, r"\w[^\w\s'\u2019-]+\w|\w--\w|\w_\w|[\u3040-\u9fff]{2}|[\u0e00-\u0eff]{2}"
    )


def nothing_but_marks(case: Case) -> bool:
    """A paragraph of marks that are no rule across the page, such as ".:??"."""
    pieces = [piece.strip() for piece in re.split(r"\n\s*\n", case.response) if piece.strip()]
    return any(not re.search(r"\w", piece) and not re.fullmatch(r"[-*_ ]{3,}", piece) for piece in pieces)


def unread(case: Case, patterns: tuple[tuple[str, str], ...]) -> bool:
    return limits(str(case.kwargs["constraint"]), patterns) == (None, None)


ALSO = Reason(
    "the published checker reads one of two demands",
    "The answer must contain at most 150 words and include at least 5 sentences",
    lambda case: refused(case) and asks(case, r"\band\b.*(?:words|sentences|period|keyword|letters)"),
)
NO_PART = Reason(
    "arguable: a rule for each part, and no such part",
    "Each section must contain at least three sentences",
    lambda case: refused(case) and case.ours.note in ("0 sections", "0 table rows", "0 list items"),
)
# By the published class.
REASONS: dict[str, tuple[Reason, ...]] = {
    "keywords": (
        Reason(
            "an apostrophe in the keyword ends it",
            "It is crucial that the articles include the keywords 'children's rights' and 'Zambia'",
            lambda case: accepted(case) and asks(case, r"'[^']*\w'\w[^']*'"),
        ),
        Reason(
            "the full stop of the sentence taken for one of the keyword",
            "must include the keyword 'Qatar.'",
            lambda case: accepted(case) and asks(case, r"\.['\"]+\W*$"),
        ),
        Reason(
            "words behind a mark, and numbers, are no words in small letters",
            "The answer must use capitalized letters for each word",
            lambda case: accepted(case) and "capitalized" in said(case) and shows(case, r"(?:^|\s)[\W\d]"),
        ),
        Reason(
            "marks counted as words",
            "the term must be concise, specifically at most 3 words long",
            lambda case: accepted(case) and " words" in said(case) and shows(case, r"(?:^|\s)[^\w\s]+(?:\s|$)"),
        ),
        ALSO,
    ),
    "punctuation": (
        Reason(
            "marks that close the response stand behind its last full stop",
            "The answer must end with a period",
            ends_closed,
        ),
        Reason(
            '"all" read in "additionally" as all sentences',
            "Additionally, ensure that the response ends with a period",
            lambda case: accepted(case) and "all" in said(case) and not asks(case, r"\b(?:all|any|each|every)\b"),
        ),
        Reason(
            "lines are no paragraphs and no sections",
            "Ensure that each paragraph concludes with a period",
            lambda case: (
                accepted(case) and asks(case, "paragraph|section") and shows(case, r"[^.\s][^\S\n]*\n[^\S\n]*[^\s]")
            ),
        ),
        Reason(
            "labels, signatures and code are no sentences",
            "Each sentence must end with a period",
            lambda case: accepted(case) and "sentence" in said(case) and shows(case, r"(?m)[^.!?\s][ \t]*$"),
        ),
        Reason(
            "arguable: the full stop of another script",
            "Each sentence must end with a period",
            lambda case: refused(case) and shows(case, "\u3002") and case.evidence != [],
        ),
        Reason(
            "sentences that end in another mark, which the published splitter does not see",
            "Each sentence must end with a period",
            lambda case: (
                refused(case)
                and asks(case, r"\b(?:each|every) sentence")
                and shows(case, r"[!?\u2026:][\"'*)\]]*(?:\s|$)|[^.!?\s]\s*\n\s*\n")
            ),
        ),
        NO_PART,
        ALSO,
    ),
    "headings": (
        Reason(
            "a comment in a code block taken for a heading",
            "The answer must include a level 2 heading",
            lambda case: refused(case) and lacks_headings(case) and shows(case, r"(?s)```.*?\n\s*#+\s.*"),
        ),
        Reason(
            "the published checker reads nothing in the sentence, or not that",
            "begin with a level 2 heading in Markdown format",
            lambda case: refused(case) and lacks_headings(case),
        ),
        Reason(
            "no heading, and none is asked for",
            "Any headings used in the answer must not exceed level 2",
            lambda case: accepted(case) and said(case).startswith("any headings") and not heading_levels(case.response),
        ),
    ),
    "table": (
        Reason(
            "no table, and none is asked for",
            "Any table included in the answer must not exceed three rows",
            lambda case: (
                accepted(case)
                and not has_table(case.response)
                and asks(case, r"\b(?:any|if|when)\b.*\btab|^limit tables|^when presenting")
            ),
        ),
        Reason(
            "pipes in the text, or in code, taken for a table",
            "The response must include a table with no more than 2 rows",
            lambda case: refused(case) and "|" in case.response and not has_table(case.response),
        ),
        Reason(
            "everything between two tables, or two pipes, counted as rows",
            "Any table included must not exceed 3 rows",
            lambda case: accepted(case) and "|" in case.response and more_than_a_table(case),
        ),
        Reason(
            "rows and columns without a word",
            "present the answer in a table format with a maximum of 1 row",
            lambda case: refused(case) and shows(case, r"\|\s*\|\n\|[-:| ]+\|\n(?:\|\s*)+\|"),
        ),
        Reason(
            "arguable: of two tables one has the size that is asked for",
            "The table should be structured with exactly 3 columns",
            lambda case: accepted(case) and len(re.findall(r"(?m)^\|[ |:-]*-[ |:-]*\|$", case.response)) > 1,
        ),
    ),
    "few_rows": (
        Reason(
            "no table",
            "include a table, which is limited to a maximum of 3 rows",
            lambda case: refused(case) and not has_table(case.response),
        ),
    ),
    "json_depth": (
        Reason(
            "JSON in a text, without ticks around it",
            "The answer must include a JSON object with at least two levels of nesting",
            lambda case: accepted(case) and "{" in case.response and not asks(case, "in (?:a )?json format|using json"),
        ),
        Reason(
            "text around JSON",
            "The explanation should be in JSON format with object nesting levels not exceeding 3",
            lambda case: refused(case) and shows(case, r"(?s)\w.*```json|```json.*?```.*\w"),
        ),
    ),
    "english": (
        Reason(
            "no letter that has a case, so no capital one",
            "The answer must use capitalized letters for each word",
            lambda case: refused(case) and case.response.upper() == case.response.lower(),
        ),
        Reason(
            "a small letter behind a mark",
            "Each word in the answer must begin with a capital letter",
            lambda case: refused(case) and small_behind_a_mark(case),
        ),
        Reason(
            "small letters other than a to z",
            "Each word in the answer must begin with a capital letter",
            lambda case: refused(case) and any(word[0].islower() and word[0] > "z" for word in case.response.split()),
        ),
        Reason(
            "not in English",
            "the answer should be provided in English, with each word capitalized",
            lambda case: (
                refused(case)
                and asks(case, r"\b(?:in|be) english")
                and len(re.findall(r"(?i)\b(?:the|of|and|is|to|a|in)\b", case.response)) < len(case.response) / 60
            ),
        ),
        Reason(
            '"entirely in uppercase" is not read, and so never fulfilled',
            "The answer must be written entirely in uppercase letters.",
            lambda case: accepted(case) and "uppercase" in said(case) and case.response == case.response.upper(),
        ),
        ALSO,
    ),
    "paragraphs": (
        Reason(
            "the number is not read, and so never fulfilled",
            "the exam should be concise, not exceeding a total of 15 paragraphs",
            lambda case: accepted(case) and unread(case, PARAGRAPHS),
        ),
        Reason(
            "lines with nothing but white space, which separate paragraphs as well",
            "The script must be divided into 3 to 4 paragraphs",
            lambda case: shows(case, r"\n[ \t\r]+\n") and "without a word" not in case.ours.note,
        ),
        Reason(
            "a rule across the page counted as a paragraph",
            "the response should be comprehensive, containing at least three paragraphs",
            lambda case: refused(case) and shows(case, r"(?:\A|\n\s*\n)[ \t]*(?:[-*_=][ \t]*){3,}(?:\n\s*\n|\s*\Z)"),
        ),
        Reason(
            "arguable: nothing but marks between two blank lines",
            "organize your answer into at least two paragraphs",
            lambda case: refused(case) and nothing_but_marks(case),
        ),
    ),
    "sentences": (
        Reason(
            "full stops in a code block",
            "The answer must consist of at least 2 sentences",
            lambda case: refused(case) and 0 <= marks_outside_code(case) <= count_of(case),
        ),
        Reason(
            "the number is not read, and so always fulfilled",
            "the response should be concise enough to be read in one sentence",
            lambda case: refused(case) and unread(case, SENTENCES),
        ),
        Reason(
            "the sentences of the response counted, not those of each paragraph",
            "Each paragraph containing at most 5 sentences",
            lambda case: accepted(case) and asks(case, r"\beach (?:paragraph|section|row)"),
        ),
        NO_PART,
        ALSO,
        Reason(
            "marks that end no sentence: of numbers, abbreviations, list items, or alone",
            "The answer must contain at most 5 sentences",
            marks_that_end_nothing,
        ),
        Reason(
            "sentences that end with the line, or in a mark of another script",
            "The answer must contain at least 5 sentences",
            sentences_without_a_mark,
        ),
    ),
    "words": (
        Reason(
            "undecided: a script that puts no spaces between words",
            "The answer must be between 50 and 100 words",
            lambda case: case.ours.ok is None and shows(case, "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff]"),
        ),
        Reason(
            "Chinese or full-width marks alone counted, and no other word",
            "The answer must contain at most 500 words",
            lambda case: FULL_WIDTH.search(case.response) is not None,
        ),
        Reason(
            "marks counted as words: pipes, bullets, dashes, braces",
            "The answer must be at most 50 words",
            marks_as_words,
        ),
        Reason(
            "words joined by a mark counted as one",
            "The answer must contain at most 150 words.",
            words_joined,
        ),
        ALSO,
    ),
}


def main() -> int:
    reasons = {id: REASONS.get(rule.__name__, ()) for id, rule in RULES.items()}
    return report(__doc__ or "", list(pairs()), "muldimif", reasons, published)


if __name__ == "__main__":
    sys.exit(main())
