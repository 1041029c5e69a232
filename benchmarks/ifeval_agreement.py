"""Claim: where ours and the published IFEval checkers disagree, the instruction's own text says that ours is right.

Both verify 3,786 real responses of seven models (strict, seeded). Each disagreement is put under a named reason: the
sentence of the instruction that decides it, and a test of its own, made of plain string operations and not of ours, that
the reason is at work in this very response. Exit status 1 if any disagreement finds no reason.

usage: ifeval_agreement.py [--list]   (--list: every disagreement, with its key and the evidence)
"""

from __future__ import annotations

import re
import sys

from agreement import Case, Reason, accepted, refused, report
from measured import ifeval_pairs

WRAPPERS = " \n\t\"'*_`()[]\u201c\u201d\u2019"


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


def main() -> int:
    return report(__doc__ or "", ifeval_pairs(), "ifeval", REASONS)


if __name__ == "__main__":
    sys.exit(main())
