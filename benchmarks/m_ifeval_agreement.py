"""Claim: where ours and M-IFEval's published checkers disagree, the instruction's own text says that ours is right.

Both verify the responses of two models to the Spanish, French and Japanese prompts, as ifeval_agreement.py does for the
English ones; the published rules are those of m_ifeval_published.py. Where an instruction is a translation of IFEval's,
IFEval's sentence is quoted. Exit status 1 if any disagreement finds no reason.

usage: m_ifeval_agreement.py [--list]   (--list: every disagreement, with its key and the evidence)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from agreement import Case, Reason, accepted, refused, report
from m_ifeval_published import verdict
from measured import m_ifeval_pairs

from rewardkit.formats.row import Row
from rewardkit.types import Finding

MARKS = " \n\t\"'*_`.!\u3002\u300d\u300f})]"
COMMON = {"fr": "la|le|les|de|des|et|une?", "es": "el|la|los|las|de|que|un|una"}


def in_capitals_of(case: Case, language: str) -> bool:
    """In capitals, with words that only this language has, which langdetect knows in small letters."""
    words = re.findall(rf"\b(?:{COMMON[language]})\b|l'|d'", case.response.lower())
    return accepted(case) and case.response.isupper() and len(words) > 0


def nothing_follows(case: Case) -> bool:
    return refused(case) and not re.search(r"\w", case.response.replace(case.kwargs["prompt_to_repeat"], "", 1))


def part_of_longer_words(case: Case) -> bool:
    words = case.kwargs.get("keywords") or [case.kwargs["keyword"]]
    whole = [len(re.findall(rf"(?i)(?<!\w){re.escape(word)}(?!\w)", case.response)) for word in words]
    least = case.kwargs.get("frequency", 1)
    return refused(case) and min(whole) < least


def phrase_and_marks(case: Case) -> bool:
    phrase, said = case.kwargs["end_phrase"].strip(MARKS), case.response.rstrip(MARKS + "\\")
    return accepted(case) and said.endswith(phrase)


def several_quotations(case: Case) -> bool:
    inside = case.response.strip()[1:-1]
    return refused(case) and '"' in inside and '\\"' not in inside


def foreign_lines(case: Case) -> bool:
    kinds = {"th": "\u0e00-\u0e7f", "ko": "\uac00-\ud7a3", "fr": "A-Za-z\u00c0-\u00ff"}
    own = kinds.get(case.kwargs["language"], "")
    lines = [line for line in case.response.splitlines() if re.search(r"[^\W\d_]", line)]
    strange = [line for line in lines if len(re.findall(rf"[^\W\d_{own}]", line)) >= 6]
    return refused(case) and len(strange) > 0


# By published id, without the language where it makes no difference.
REASONS: dict[str, tuple[Reason, ...]] = {
    "es:change_case:spanish_capital": (
        Reason(
            "Spanish in capitals, which langdetect does not know",
            "Asegúrate de que tu respuesta esté enteramente en español, y sólo en letras mayúsculas.",
            lambda case: in_capitals_of(case, "es"),
        ),
    ),
    "fr:change_case:french_capital": (
        Reason(
            "French in capitals, which langdetect does not know",
            "Assurez-vous que votre réponse soit entièrement formulée en français et exclusivement en majuscules.",
            lambda case: in_capitals_of(case, "fr"),
        ),
    ),
    "combination:repeat_prompt": (
        Reason(
            "the request is repeated and no answer follows",
            "First repeat the request word for word without change, then give your answer",
            nothing_follows,
        ),
    ),
    "detectable_content:number_placeholders": (
        Reason(
            "citation numbers counted as placeholders",
            "placeholders represented by square brackets, such as [name]",
            lambda case: refused(case) and not re.search(r"\[[^\]]*[^\W\d_][^\]]*\]", case.response),
        ),
    ),
    "detectable_format:multiple_sections": (
        Reason(
            "the heading stands within a sentence",
            "Mark the beginning of each section with {section_spliter} X",
            lambda case: (
                refused(case)
                and len(re.findall(rf"(?m)^\W*{case.kwargs['section_spliter']}\s?\d", case.response))
                < case.kwargs["num_sections"]
            ),
        ),
    ),
    "keywords:existence": (
        Reason("the keyword stands only inside longer words", "Include the keywords {keywords}", part_of_longer_words),
        Reason(
            "the keyword is there, and the tokenizer cuts it in two",
            "応答に次のキーワード {keywords} を含めてください。",
            lambda case: accepted(case) and all(word in case.response for word in case.kwargs["keywords"]),
        ),
    ),
    "keywords:frequency": (
        Reason(
            "longer words counted as the word", "the word {keyword} {relation} {frequency} times", part_of_longer_words
        ),
        Reason(
            "the word is there, and the tokenizer cuts it in two",
            "{keyword} という単語を{frequency}回{relation}出現",
            lambda case: accepted(case) and case.response.count(case.kwargs["keyword"]) >= case.kwargs["frequency"],
        ),
    ),
    "keywords:forbidden_words": (
        Reason(
            "the word stands at the beginning of a longer one",
            "応答に {forbidden_words} という単語を含めないでください。",
            lambda case: refused(case) and any(word in case.response for word in case.kwargs["forbidden_words"]),
        ),
    ),
    "length_constraints:nth_paragraph_first_word": (
        Reason(
            "several words, of which the published checker compares the first alone",
            "Paragraph {nth_paragraph} must start with {first_word}",
            lambda case: (
                accepted(case)
                and " " in case.kwargs["first_word"]
                and case.response.split("\n\n")[case.kwargs["nth_paragraph"] - 1]
                .lower()
                .startswith(case.kwargs["first_word"].lower())
            ),
        ),
    ),
    "startend:end_checker": (
        Reason(
            "a mark after the phrase is no word",
            "Finish your response with this exact phrase {end_phrase}. No other words should follow this phrase.",
            phrase_and_marks,
        ),
        Reason(
            "the phrase with other capitals is not the exact phrase",
            "Finish your response with this exact phrase {end_phrase}.",
            lambda case: (
                refused(case) and not case.response.rstrip(MARKS).endswith(case.kwargs["end_phrase"].rstrip(MARKS))
            ),
        ),
    ),
    "startend:quotation": (
        Reason(
            "several quotations in a row wrap no entire response",
            "Wrap your entire response with double quotation marks.",
            several_quotations,
        ),
        Reason(
            "quotation marks with nothing between",
            "応答全体を鉤括弧で囲んでください。",
            lambda case: refused(case) and not re.search(r"\w", case.response),
        ),
    ),
    "fr:detectable_content:informal_address": (
        Reason(
            "formal address as well",
            "Utilise le tutoiement dans l'ensemble de ta lettre à l'intention de ta femme.",
            lambda case: refused(case) and re.search(r"(?i)\b(?:vous|votre|vos)\b", case.response) is not None,
        ),
    ),
    "detectable_content:postscript": (
        Reason(
            "letters in the middle of words taken for the marker",
            "At the end of your response, please explicitly add a postscript starting with {postscript_marker}",
            lambda case: refused(case) and not re.search(rf"(?m)^\W*{case.kwargs['postscript_marker']}", case.response),
        ),
        Reason(
            "the marker with other spaces",
            "応答の最後に、{postscript}で始まる追伸を追加してください。",
            lambda case: case.theirs is False and "P. P. S. " in case.response,
        ),
    ),
    "fr:detectable_format:title": (
        Reason(
            "the published checker looks for <<>>, which the instruction does not name",
            "Votre réponse doit contenir un titre, encadré par des doubles dièses, comme ##hymne à la joie##.",
            lambda case: accepted(case) and re.search(r"##[^#\n]*\w[^#\n]*##", case.response) is not None,
        ),
    ),
    "fr:detectable_format:constrained_response": (
        Reason(
            "one of the options in small letters, as another instruction wants it",
            "R\u00e9pondez avec une des options suivantes: ('Oui.', 'Non.', 'Peut-\u00eatre.')",
            lambda case: accepted(case) and case.response.strip() in ("oui.", "non.", "peut-\u00eatre."),
        ),
    ),
    "detectable_format:number_bullet_lists": (
        Reason(
            "emphasised lines counted as bullet points",
            "exactly {num_bullets} bullet points. Use the markdown bullet points such as: * This is a point.",
            lambda case: accepted(case) and re.search(r"(?m)^\s*\*(?![\s*])", case.response) is not None,
        ),
        Reason(
            "the bullets of markdown in the place of Japanese ones, which are named as an example",
            "以下のような箇条書きの形を参考にしてください",
            lambda case: accepted(case) and len(re.findall(r"(?m)^- ", case.response)) == case.kwargs["num_bullets"],
        ),
        Reason(
            "nested bullets",
            "exactly {num_bullets} bullet points",
            lambda case: refused(case) and re.search(r"(?m)^\s+[*-] ", case.response) is not None,
        ),
    ),
    "ja:detectable_format:nominal_ending": (
        Reason(
            "list items and headings that end in a noun, without a full stop",
            "応答の中で体言止めを{count}回は使用してください。",
            lambda case: (
                accepted(case) and re.search(r"(?m)[\u4e00-\u9fff\u30a0-\u30ff][\u300d*]*$", case.response) is not None
            ),
        ),
    ),
    "language:response_language": (
        Reason(
            "an introduction or lines in another language",
            "Your ENTIRE response should be in {language}, no other language is allowed.",
            foreign_lines,
        ),
        Reason(
            "Chinese, for which langdetect has other names",
            "L'INTEGRALITE de votre réponse doit être en {language}",
            lambda case: accepted(case) and case.kwargs["language"] == "zh",
        ),
    ),
    "fr:special_character:accents": (
        Reason(
            "the text was not rewritten: a word that had to get an accent is missing",
            "Réécrivez cette phrase en intégrant les accents.",
            lambda case: (
                refused(case)
                and any(word not in case.response.lower() for word in case.kwargs["word_to_accentuate"].values())
            ),
        ),
    ),
    "ja:letters:furigana": (
        Reason(
            "no kanji, and so no reading of one",
            "全ての漢字にふりがなをつけてください。",
            lambda case: refused(case) and not re.search("[\u4e00-\u9fff]", case.response),
        ),
    ),
}


def published(row: Row, response: str) -> Sequence[Finding | None]:
    found: list[Finding | None] = []
    for id, given in zip(row.record["instruction_id_list"], row.record["kwargs"], strict=True):
        language, _, rest = id.partition(":")
        args = {name: value for name, value in (given or {}).items() if value is not None}
        ok = verdict(language, rest, response, args)
        found.append(None if ok is None else Finding(ok, "as published"))
    return found


def main() -> int:
    pairs = [pair for language in ("es", "fr", "ja") for pair in m_ifeval_pairs(language)]
    return report(__doc__ or "", pairs, "m_ifeval", REASONS, published)


if __name__ == "__main__":
    sys.exit(main())
