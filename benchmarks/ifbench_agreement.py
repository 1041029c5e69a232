"""Claim: where ours and the published IFBench checkers disagree, the instruction's own text says that ours is right.

Both verify the 293 sample responses that come with the set and belong to one of its prompts (strict, seeded). Each
disagreement is put under a named reason: the sentence of the instruction that decides it, and a test of its own, made
of plain string operations and not of ours, that the reason is at work in this very response. Exit status 1 if any
disagreement finds no reason.

usage: ifbench_agreement.py [--list]   (--list: every disagreement, with its key and the evidence)
"""

from __future__ import annotations

import re
import sys
from itertools import pairwise

from agreement import Case, Reason, accepted, refused, report
from measured import ifbench_pairs


def lines(case: Case) -> list[str]:
    return [line for line in case.response.split("\n") if line.strip()]


def bullets_with_subs(case: Case) -> bool:
    """Whether every line that begins with an asterisk and a space is followed by one that begins with a dash."""
    found = [line.strip()[:2] for line in lines(case) if line.strip()[:2] in ("* ", "- ")]
    return "* " in found and all(found[i + 1 : i + 2] == ["- "] for i, mark in enumerate(found) if mark == "* ")


def deepest(string: str, opening: str, closing: str) -> int:
    depth = most = 0
    for char in string:
        depth += (char in opening) - (char in closing)
        most = max(most, depth)
    return most


def quotes_inside(case: Case) -> int:
    """How many quotations in single marks hold a double one, apostrophes aside."""
    plain = re.sub(r"(?<=\w)'(?=\w)", "", case.response)
    return sum('"' in inner for inner in re.findall(r"(?<!\w)'([^']*)'", plain))


def untagged(case: Case) -> bool:
    return case.theirs is None


UNTAGGED = Reason(
    "the published checker's tagger is in no package: it does not answer",
    "The response must start with a verb.",
    untagged,
)
SUB_BULLETS = (
    "Your response must include bullet points denoted by * and at least one sub-bullet point denoted by - for each"
    " bullet point."
)
REASONS: dict[str, tuple[Reason, ...]] = {
    "words:start_verb": (UNTAGGED,),
    "count:words_japanese": (
        Reason(
            "a Latin word stands where a Japanese one should",
            "Every {N}th word of your response must be in Japanese.",
            lambda case: refused(case) and any(re.match(r"[A-Za-z0-9]", shown) for shown in case.evidence),
        ),
    ),
    "format:emoji": (
        Reason(
            "list numbers cut off as sentences of their own",
            "Please use an emoji at the end of every sentence.",
            lambda case: accepted(case) and re.search(r"(?m)^\s*\d+\. ", case.response) is not None,
        ),
    ),
    "format:line_indent": (
        Reason(
            "a single line, with nothing to be indented further",
            "Create stairs by incrementally indenting each new line.",
            lambda case: refused(case) and len(lines(case)) == 1,
        ),
    ),
    "format:list": (
        Reason(
            "items on one line, or the separator between them: undecided",
            "Answer with a list of items, instead of bullet points use {sep}.",
            lambda case: (
                case.ours.ok is None
                and sum(line.strip().startswith(case.kwargs["sep"]) for line in lines(case)) < 2
                and case.response.count(case.kwargs["sep"]) > 1
            ),
        ),
    ),
    "words:no_consecutive": (
        Reason(
            "one word, that has no neighbour",
            "No two consecutive words can share the same first letter.",
            lambda case: refused(case) and len(re.findall(r"[^\W\d_]+", case.response)) < 2,
        ),
    ),
    "format:newline": (
        Reason(
            "one line of one word: nothing shows that each word has its own",
            "Write each word on a new line.",
            lambda case: refused(case) and len(case.response.split()) == 1,
        ),
    ),
    "format:no_bullets_bullets": (
        Reason(
            "more text after the bullet points, which nothing forbids",
            "Your answer must contain at least two sentences ending in a period followed by at least two bullet points"
            " denoted by *.",
            lambda case: accepted(case) and any(not line.strip().startswith("*") for line in after_bullets(case)),
        ),
    ),
    "format:options": (
        Reason(
            "a full stop behind the option",
            "Answer with one of the following options: {options}.",
            lambda case: (
                accepted(case)
                and case.response.strip(" .\n") in [option.strip() for option in case.kwargs["options"].split(",")]
            ),
        ),
    ),
    "format:parentheses": (
        Reason(
            "brackets around nothing: there is no text to nest",
            "Nest parentheses (and [brackets {and braces}]) at least 5 levels deep.",
            lambda case: refused(case) and deepest(re.sub(r"[(\[{]+[)\]}]+", "", case.response), "([{", ")]}") < 5,
        ),
    ),
    "format:quotes": (
        Reason(
            "no double quotation stands in a single one in a double one: apostrophes were counted",
            "Include quotes within quotes within quotes, at least 3 levels deep, alternating between double quotes and"
            " single quotes.",
            lambda case: refused(case) and quotes_inside(case) == 0 and re.search(r"\w'\w", case.response) is not None,
        ),
    ),
    "format:sub-bullets": (
        Reason(
            "the asterisks of **bold** taken for bullet points",
            SUB_BULLETS,
            lambda case: accepted(case) and bullets_with_subs(case) and "**" in case.response,
        ),
        Reason(
            "asterisks that touch a word begin no bullet point",
            SUB_BULLETS,
            lambda case: refused(case) and not re.search(r"(?m)^\s*\*\s", case.response),
        ),
    ),
    "ratio:overlap": (
        Reason(
            "three characters in a row compared, not three words",
            "Maintain a trigram overlap of {percentage}% (\u00b12%) with the provided reference text.",
            lambda case: (
                abs(100 * word_overlap(case) - case.kwargs["percentage"]) > 2
                if refused(case)
                else accepted(case) and abs(100 * word_overlap(case) - case.kwargs["percentage"]) <= 2
            ),
        ),
    ),
    "words:last_first": (
        Reason(
            "lines without full stops taken for one sentence, that has no next one",
            "In your response, the last word of each sentence must become the first word of the next sentence.",
            lambda case: (
                refused(case)
                and len(lines(case)) > 2
                and not re.search(r"[.!?]\s", case.response.strip())
                and any(a.split()[-1].lower() != b.split()[0].lower() for a, b in pairwise(lines(case)))
            ),
        ),
    ),
    "words:palindrome": (
        Reason(
            "the same palindromes counted again",
            "Include at least 10 single-word palindromes, each at least 5 characters long.",
            lambda case: refused(case) and len(palindromes(case)) > 9 > len(set(palindromes(case))),
        ),
    ),
}


def after_bullets(case: Case) -> list[str]:
    found = lines(case)
    first = next((i for i, line in enumerate(found) if line.strip().startswith("*")), len(found))
    return found[first:]


def palindromes(case: Case) -> list[str]:
    words = re.findall(r"[a-z]+", case.response.lower())
    return [word for word in words if len(word) > 4 and word == word[::-1]]


def word_overlap(case: Case) -> float:
    """The share of the reference's three-word sequences that the response has."""

    def triples(string: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[^\W_]+(?:['\u2019-][^\W_]+)*", string.lower())
        return set(zip(words, words[1:], words[2:], strict=False))

    asked = triples(case.kwargs["reference_text"])
    return len(asked & triples(case.response)) / len(asked)


def main() -> int:
    return report(__doc__ or "", ifbench_pairs(), "ifbench", REASONS)


if __name__ == "__main__":
    sys.exit(main())
