"""Claim: where ours and the published IFEval checkers disagree, the instruction's own text says that ours is right.

Both verify 3,786 real responses of seven models (strict, seeded). Each disagreement is put under a named reason: the
sentence of the instruction that decides it, and a test of its own, made of plain string operations and not of ours, that
the reason is at work in this very response. Exit status 1 if any disagreement finds no reason.

usage: ifeval_agreement.py [--list]   (--list: every disagreement, with its key and the evidence)
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

from measured import ifeval_pairs
from rich.console import Console
from rich.progress import track
from rich.table import Table

from rewardkit import formats
from rewardkit.batch import verifier_for
from rewardkit.types import Finding

WRAPPERS = " \n\t\"'*_`()[]\u201c\u201d\u2019"


class Case(NamedTuple):
    """One instruction of one response on which the two differ."""

    model: str
    key: int
    prompt: str
    response: str
    kwargs: dict[str, Any]
    ours: Finding
    theirs: bool | None

    @property
    def evidence(self) -> list[str]:
        return [self.response[start:end] for start, end in self.ours.spans]


class Reason(NamedTuple):
    """Why they differ: a name, the instruction's words that decide, and a test that this is what happened."""

    name: str
    text: str
    applies: Callable[[Case], bool]


def accepted(case: Case) -> bool:
    """Ours says true where the published checker says false."""
    return case.ours.ok is True and case.theirs is False


def refused(case: Case) -> bool:
    """Ours says false where the published checker says true."""
    return case.ours.ok is False and case.theirs is True


def part_of_a_word(case: Case) -> bool:
    words = case.kwargs.get("keywords") or [case.kwargs["keyword"]]
    for word in words:
        anywhere = re.findall(re.escape(word), case.response, re.IGNORECASE)
        alone = re.findall(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", case.response, re.IGNORECASE)
        if len(anywhere) > len(alone):
            return True
    return False


def words_counted_twice(case: Case) -> bool:
    pieces = len(re.findall(r"\w+", case.response))
    whole = len(re.findall(r"[^\W_]+(?:['\u2019_.,:-][^\W_]+)*", case.response))
    return pieces > whole and pieces - whole >= pieces - int(case.ours.note.split()[0].replace(",", "")) - 3


def sections(case: Case, numeral: str) -> int:
    marker = re.escape(case.kwargs["section_spliter"])
    return len(re.findall(rf"(?m)^\W*{marker}\s?{numeral}", case.response))


def spoken_english(case: Case) -> bool:
    shown = " ".join(case.evidence).lower()
    english = re.findall(
        r"\b(?:the|your|in|of|is|a|to|with|this|and|if|company|sentence|entirely|information|note)\b", shown
    )
    return bool(case.evidence) and len(english) >= 2 and re.search(r"[a-z]{3}", shown) is not None


def last_marker(case: Case) -> tuple[int, str]:
    """Where the postscript's marker stands last, and what follows it."""
    letters = [re.escape(c) for c in case.kwargs["postscript_marker"].rstrip(".").lower() if c != " "]
    found = list(re.finditer(r"\s?".join(letters) + r"\.?:?", case.response.lower()))
    return (found[-1].start(), case.response[found[-1].end() :]) if found else (-1, "")


def unclosed_or_numbered(case: Case) -> bool:
    lines = [line.strip(WRAPPERS) for line in case.response.splitlines() if line.strip(WRAPPERS)]
    numbered = sum(re.match(r"(?:[-*#]*\s*)?\d+[.)]", line) is not None for line in lines)
    unclosed = sum(line[-1] not in ".!?" for line in lines)
    return numbered > 0 or unclosed > 0


def normal(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip()).lower()


ENGLISH_CAPITAL = "Your entire response should be in English, and in all capital letters."
ENGLISH_LOWER = (
    "Your entire response should be in English, and in all lowercase letters. No capital letters are allowed."
)
KEYWORD = "the word {keyword} should appear {relation} {frequency} times"
POSTSCRIPT = "At the end of your response, please explicitly add a postscript starting with {postscript_marker}"
HIGHLIGHT = "Highlight at least {num_highlights} sections in your answer with markdown, i.e. *highlighted section*."
PARAGRAPHS = "There should be {num_paragraphs} paragraphs. Paragraphs are separated with the markdown divider: ***"
SECTIONS = (
    "Your response must have {num_sections} sections. Mark the beginning of each section with {section_spliter} X"
)
LANGUAGE = "Your ENTIRE response should be in {language} language, no other language is allowed."
END = "Finish your response with this exact phrase {end_phrase}. No other words should follow this phrase."
QUOTES = "Wrap your entire response with double quotation marks."

REASONS: dict[str, tuple[Reason, ...]] = {
    "keywords:existence": (
        Reason(
            "the keyword stands only inside longer words",
            "Include keywords {keywords} in the response.",
            lambda case: refused(case) and part_of_a_word(case),
        ),
    ),
    "keywords:frequency": (
        Reason(
            "longer words counted as the word",
            f"In your response, {KEYWORD}.",
            lambda case: refused(case) and part_of_a_word(case),
        ),
    ),
    "keywords:letter_frequency": (
        Reason(
            "not a letter: the published checker draws a random one instead",
            "In your response, the letter {letter} should appear {let_relation} {let_frequency} times.",
            lambda case: (
                not case.kwargs["letter"].isalpha()
                and (case.response.count(case.kwargs["letter"]) >= case.kwargs["let_frequency"]) is case.ours.ok
            ),
        ),
    ),
    "language:response_language": (
        Reason(
            "sentences or headings in English",
            LANGUAGE,
            lambda case: refused(case) and spoken_english(case),
        ),
        Reason(
            "one word repeated in two languages' script: undecided",
            LANGUAGE,
            lambda case: case.ours.ok is None and " or " in case.ours.note,
        ),
        Reason(
            "a word of the language, repeated: langdetect names a neighbour",
            LANGUAGE,
            lambda case: accepted(case) and len(set(case.response.split())) < 40,
        ),
    ),
    "length_constraints:number_words": (
        Reason(
            "don't, well-known and snake_case counted as two words",
            "Answer with {relation} {num_words} words.",
            words_counted_twice,
        ),
    ),
    "length_constraints:number_sentences": (
        Reason(
            "list numbers, headings and labels counted as sentences, or lines without a full stop as one",
            "Your response should contain {relation} {num_sentences} sentences.",
            lambda case: accepted(case) and unclosed_or_numbered(case),
        ),
    ),
    "length_constraints:number_paragraphs": (
        Reason(
            "asterisks that touch a word taken for a divider",
            PARAGRAPHS,
            lambda case: re.search(r"\*\*\*\S|\S\*\*\*", case.response) is not None,
        ),
    ),
    "length_constraints:nth_paragraph_first_word": (
        Reason(
            "a colon or dash taken for a part of the word",
            "There should be {num_paragraphs} paragraphs. ... Paragraph {nth_paragraph} must start with word {first_word}.",
            lambda case: (
                accepted(case)
                and case.response.split("\n\n")[case.kwargs["nth_paragraph"] - 1]
                .lower()
                .startswith((f"{case.kwargs['first_word']}:", f"{case.kwargs['first_word']} -"))
            ),
        ),
    ),
    "detectable_content:number_placeholders": (
        Reason(
            "citation numbers counted as placeholders",
            "The response must contain at least {num_placeholders} placeholders represented by square brackets, such as "
            "[address].",
            lambda case: (
                refused(case)
                and sum(bool(re.search(r"[^\W\d_]", inside)) for inside in re.findall(r"\[(.*?)\]", case.response))
                < case.kwargs["num_placeholders"]
            ),
        ),
    ),
    "detectable_content:postscript": (
        Reason(
            "nothing is said after the marker",
            POSTSCRIPT,
            lambda case: refused(case) and not re.search(r"\w", last_marker(case)[1].split("\n\n")[0]),
        ),
        Reason(
            "no line or sentence starts with the marker",
            POSTSCRIPT,
            lambda case: (
                refused(case)
                and not re.search(
                    rf"(?im)(?:^|[.!?]\s)\W*{re.escape(case.kwargs['postscript_marker'].rstrip('.'))}\b", case.response
                )
            ),
        ),
        Reason(
            "paragraphs follow, so it is not at the end",
            POSTSCRIPT,
            lambda case: refused(case) and len(re.findall(r"\n\s*\n\s*\S", last_marker(case)[1])) >= 1,
        ),
        Reason(
            "paragraphs follow that may or may not be part of it: undecided",
            POSTSCRIPT,
            lambda case: case.ours.ok is None and len(re.findall(r"\n\s*\n\s*\S", last_marker(case)[1])) >= 2,
        ),
    ),
    "detectable_format:constrained_response": (
        Reason(
            "one of the options, with its first letter small inside a sentence",
            "Answer with one of the following options: ('My answer is yes.', 'My answer is no.', 'My answer is maybe.')",
            lambda case: accepted(case) and re.search(r"my answer is (?:yes|no|maybe)\.", case.response) is not None,
        ),
    ),
    "detectable_format:multiple_sections": (
        Reason(
            "more sections than asked for, or one number twice",
            SECTIONS,
            lambda case: refused(case) and sections(case, r"\d+") > case.kwargs["num_sections"],
        ),
        Reason(
            "markers in the middle of a line",
            SECTIONS,
            lambda case: refused(case) and sections(case, r"\d+") < case.kwargs["num_sections"],
        ),
        Reason(
            "numbered with Roman numerals",
            SECTIONS,
            lambda case: accepted(case) and sections(case, r"[IVX]+\b") == case.kwargs["num_sections"],
        ),
    ),
    "detectable_format:number_bullet_lists": (
        Reason(
            "emphasised lines counted as bullet points",
            "Your answer must contain exactly {num_bullets} bullet points. Use the markdown bullet points such as: * This "
            "is a point.",
            lambda case: accepted(case) and re.search(r"(?m)^\s*\*(?![\s*])", case.response) is not None,
        ),
    ),
    "detectable_format:number_highlighted_sections": (
        Reason(
            "a single letter, or the inside of a highlighted section, counted as a section",
            HIGHLIGHT,
            lambda case: (
                refused(case) and re.search(r"\*\w?\*|(?<!\*)\*(?!\*)[^*\n]*\*\*[^*\n]+\*\*", case.response) is not None
            ),
        ),
        Reason(
            "asterisks with white space inside, which highlight nothing in markdown",
            HIGHLIGHT,
            lambda case: refused(case) and re.search(r"\* [^*\n]+\*", case.response) is not None,
        ),
        Reason(
            "a highlighted section of several lines not seen",
            HIGHLIGHT,
            lambda case: accepted(case) and re.search(r"\*[^*\s][^*]*\n[^*]*\*", case.response) is not None,
        ),
    ),
    "detectable_format:title": (
        Reason(
            "three brackets, not two",
            "Your answer must contain a title, wrapped in double angular brackets, such as <<poem of joy>>.",
            lambda case: refused(case) and "<<<" in case.response,
        ),
    ),
    "combination:two_responses": (
        Reason(
            "no separator of six asterisks, only longer or shorter ones",
            "Give two different responses. Responses and only responses should be separated by 6 asterisk symbols: ******.",
            lambda case: refused(case) and re.search(r"(?<!\*)\*{6}(?!\*)", case.response) is None,
        ),
    ),
    "combination:repeat_prompt": (
        Reason(
            "the request is repeated and no answer follows",
            "First repeat the request word for word without change, then give your answer",
            lambda case: (
                refused(case)
                and not re.search(r"\w", normal(case.response).replace(normal(case.kwargs["prompt_to_repeat"]), "", 1))
            ),
        ),
    ),
    "startend:end_checker": (
        Reason(
            "the phrase with other capitals is not the exact phrase",
            END,
            lambda case: (
                refused(case) and not case.response.strip(WRAPPERS).endswith(case.kwargs["end_phrase"].strip())
            ),
        ),
        Reason(
            "a mark after the phrase is no word",
            END,
            lambda case: (
                accepted(case)
                and case.response.strip(WRAPPERS + ".!").endswith(case.kwargs["end_phrase"].strip(WRAPPERS + ".!"))
            ),
        ),
    ),
    "startend:quotation": (
        Reason(
            "several quotations in a row wrap no entire response",
            QUOTES,
            lambda case: refused(case) and case.response.count('"') > 2 and '\\"' not in case.response,
        ),
        Reason(
            "the last mark is escaped, so it closes an inner quotation",
            QUOTES,
            lambda case: refused(case) and case.response.strip().endswith('\\"'),
        ),
    ),
    "change_case:capital_word_frequency": (
        Reason(
            "LIFE'S counted as two words",
            "In your response, words with all capital letters should appear {capital_relation} {capital_frequency} times.",
            lambda case: any("'" in word for word in case.evidence),
        ),
    ),
    "change_case:english_capital": (
        Reason(
            "in capitals, and langdetect takes names or a word for another language",
            ENGLISH_CAPITAL,
            lambda case: accepted(case) and case.response.isupper() and case.response.isascii(),
        ),
    ),
    "change_case:english_lowercase": (
        Reason(
            "in small letters, and langdetect takes names, a word or a template for another language",
            ENGLISH_LOWER,
            lambda case: accepted(case) and case.response.islower() and case.response.isascii(),
        ),
    ),
}


def disagreements() -> tuple[dict[str, list[Case]], Counter[str], Counter[str]]:
    """By published id: the cases that differ, the findings in all, and ours that are undecided."""
    cases: dict[str, list[Case]] = defaultdict(list)
    total: Counter[str] = Counter()
    undecided: Counter[str] = Counter()
    for pair in track(ifeval_pairs(), "verifying", console=Console(stderr=True), transient=True):
        row = formats.parse(pair.record, "ifeval")
        ours = verifier_for(row).verify(pair.response).findings
        theirs = verifier_for(row, "reference").verify(pair.response).findings
        for our, their, kwargs in zip(ours, theirs, pair.record["kwargs"], strict=True):
            assert our.spec is not None
            id = our.spec.source_id.removeprefix("en:")
            total[id] += 1
            undecided[id] += our.ok is None
            if our.ok is not their.ok:
                case = Case(pair.model, row.key, row.prompt, pair.response, kwargs or {}, our, their.ok)
                cases[id].append(case)
    return cases, total, undecided


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="every disagreement, with its key and the evidence")
    listed = parser.parse_args().list
    console = Console(width=140, highlight=False, markup=False)
    cases, total, undecided = disagreements()
    table = Table(title="Where ours and the published checkers disagree", show_lines=True)
    for heading in ("instruction", "of", "reason", "ours true", "false", "undecided", "the instruction says"):
        table.add_column(heading)
    unexplained: list[tuple[str, Case]] = []
    for id in sorted(cases):
        found: dict[Reason, list[Case]] = defaultdict(list)
        for case in cases[id]:
            reason = next((reason for reason in REASONS.get(id, ()) if reason.applies(case)), None)
            if reason is None:
                unexplained.append((id, case))
            else:
                found[reason].append(case)
        for reason, those in found.items():
            counts = Counter(case.ours.ok for case in those)
            cells = [str(counts[ok] or "") for ok in (True, False, None)]
            table.add_row(id, str(total[id]), reason.name, *cells, reason.text)
            for case in those if listed else ():
                shown = " | ".join(" ".join(text.split())[:60] for text in case.evidence[:3])
                console.print(f"{id} {case.model} {case.key}: {reason.name}: {case.ours.note}: {shown}", soft_wrap=True)
    console.print(table)
    differ = sum(map(len, cases.values()))
    known = sum(total.values())
    console.print(
        f"{len(ifeval_pairs())} responses, {known} findings: {differ} differ, {differ - len(unexplained)} explained"
    )
    console.print(f"undecided: {sum(undecided.values())} ({sum(undecided.values()) / known:.2%}), {+undecided}")
    for id, case in unexplained:
        console.print(
            f"NO REASON: {id} {case.model} {case.key}: ours {case.ours.ok}, {case.ours.note}: {case.evidence[:3]}"
        )
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
