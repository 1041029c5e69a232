"""The languages there are: their codes, names and scripts, and which of them are taken for one another."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from rewardkit.errors import did_you_mean

# ISO 639-1 code: English name, Unicode scripts. A script that stands with one language only decides alone; where
# several share it, the first named is taken for text too short to tell them apart (Latin has no such default).
LANGUAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "hi": ("Hindi", ("Devanagari",)),
    "mr": ("Marathi", ("Devanagari",)),
    "ne": ("Nepali", ("Devanagari",)),
    "sa": ("Sanskrit", ("Devanagari",)),
    "bn": ("Bengali", ("Bengali",)),
    "as": ("Assamese", ("Bengali",)),
    "pa": ("Punjabi", ("Gurmukhi",)),
    "gu": ("Gujarati", ("Gujarati",)),
    "or": ("Odia", ("Oriya",)),
    "ta": ("Tamil", ("Tamil",)),
    "te": ("Telugu", ("Telugu",)),
    "kn": ("Kannada", ("Kannada",)),
    "ml": ("Malayalam", ("Malayalam",)),
    "si": ("Sinhala", ("Sinhala",)),
    "th": ("Thai", ("Thai",)),
    "lo": ("Lao", ("Lao",)),
    "km": ("Khmer", ("Khmer",)),
    "my": ("Burmese", ("Myanmar",)),
    "bo": ("Tibetan", ("Tibetan",)),
    "ka": ("Georgian", ("Georgian",)),
    "hy": ("Armenian", ("Armenian",)),
    "el": ("Greek", ("Greek",)),
    "he": ("Hebrew", ("Hebrew",)),
    "yi": ("Yiddish", ("Hebrew",)),
    "am": ("Amharic", ("Ethiopic",)),
    "ti": ("Tigrinya", ("Ethiopic",)),
    "dv": ("Dhivehi", ("Thaana",)),
    "ko": ("Korean", ("Hangul", "Han")),
    "ja": ("Japanese", ("Hiragana", "Katakana", "Han")),
    "zh": ("Chinese", ("Han", "Bopomofo")),
    "ar": ("Arabic", ("Arabic",)),
    "fa": ("Persian", ("Arabic",)),
    "ur": ("Urdu", ("Arabic",)),
    "ps": ("Pashto", ("Arabic",)),
    "sd": ("Sindhi", ("Arabic",)),
    "ug": ("Uyghur", ("Arabic",)),
    "ckb": ("Central Kurdish", ("Arabic",)),
    "ru": ("Russian", ("Cyrillic",)),
    "uk": ("Ukrainian", ("Cyrillic",)),
    "be": ("Belarusian", ("Cyrillic",)),
    "bg": ("Bulgarian", ("Cyrillic",)),
    "mk": ("Macedonian", ("Cyrillic",)),
    "kk": ("Kazakh", ("Cyrillic",)),
    "ky": ("Kyrgyz", ("Cyrillic",)),
    "mn": ("Mongolian", ("Cyrillic", "Mongolian")),
    "tg": ("Tajik", ("Cyrillic",)),
    "tt": ("Tatar", ("Cyrillic",)),
    "sr": ("Serbian", ("Cyrillic", "Latin")),
    **{
        code: (name, ("Latin",))
        for code, name in {
            "af": "Afrikaans", "an": "Aragonese", "az": "Azerbaijani", "br": "Breton", "bs": "Bosnian", "ca": "Catalan",
            "ceb": "Cebuano", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "en": "English",
            "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fi": "Finnish", "fo": "Faroese",
            "fr": "French", "fy": "Western Frisian", "ga": "Irish", "gd": "Scottish Gaelic", "gl": "Galician",
            "hr": "Croatian", "ht": "Haitian Creole", "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic",
            "it": "Italian", "jv": "Javanese", "ku": "Kurdish", "la": "Latin", "lb": "Luxembourgish",
            "lt": "Lithuanian", "lv": "Latvian", "mg": "Malagasy", "ms": "Malay", "mt": "Maltese", "nl": "Dutch",
            "nn": "Norwegian Nynorsk", "no": "Norwegian", "oc": "Occitan", "pl": "Polish", "pt": "Portuguese",
            "qu": "Quechua", "ro": "Romanian", "se": "Northern Sami", "sk": "Slovak", "sl": "Slovenian",
            "so": "Somali", "sq": "Albanian", "su": "Sundanese", "sv": "Swedish", "sw": "Swahili", "tk": "Turkmen",
            "tl": "Tagalog", "tr": "Turkish", "uz": "Uzbek", "vi": "Vietnamese", "vo": "Volap\u00fck", "wa": "Walloon",
            "yo": "Yoruba",
        }.items()
    },
}  # fmt: skip

# What detectors and data sets call them otherwise, dialects under their language.
ALIASES = {
    "nb": "no", "iw": "he", "in": "id", "fil": "tl", "jw": "jv", "zh-cn": "zh", "zh-tw": "zh", "zh-hans": "zh",
    "zh-hant": "zh", "yue": "zh", "wuu": "zh", "arz": "ar", "azb": "az", "als": "de", "bar": "de", "nds": "de",
    "pnb": "ur", "mzn": "fa", "bh": "hi", "mai": "hi", "gom": "mr", "vec": "it", "lmo": "it", "scn": "it", "nap": "it",
    "pms": "it", "sh": "hr", "xmf": "ka", "bpy": "bn", "pt-br": "pt", "pt-pt": "pt", "en-us": "en", "en-gb": "en",
}  # fmt: skip

# Languages that detectors take for one another: between them one sentence proves nothing.
_RELATED = (
    frozenset({"hi", "mr", "ne", "sa"}),
    frozenset({"no", "nn", "da", "sv"}),
    frozenset({"hr", "sr", "bs", "sl", "mk"}),
    frozenset({"id", "ms", "jv", "su"}),
    frozenset({"es", "gl", "pt", "ca", "an", "oc"}),
    frozenset({"cs", "sk"}),
    frozenset({"ru", "uk", "be", "bg", "mk"}),
    frozenset({"ar", "fa", "ur", "ps", "sd"}),
    frozenset({"de", "lb", "nl", "af", "fy"}),
    frozenset({"az", "tr", "tk", "uz"}),
    frozenset({"kk", "ky", "tt"}),
    frozenset({"gd", "ga"}),
    frozenset({"bn", "as"}),
    frozenset({"he", "yi"}),
    frozenset({"am", "ti"}),
)


_ENDINGS = {"ne": ("नुहोस्", "हरू", "हरु", "लाई", "बाट")}


@cache
def common_words(code: str) -> frozenset[str]:
    """Common words that no other language of the table is likely to use; none where the list has none.

    A sentence with enough of them is in this language and needs no detector.
    """
    return frozenset(_listed().get(code, "").split())


@cache
def _listed() -> dict[str, str]:
    lines = files("rewardkit").joinpath("data/common_words.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def count_common(words: list[str], code: str) -> int:
    """How many of the lower-case words are common ones of the language, or end as only its words do."""
    found = sum(map(common_words(code).__contains__, words))
    endings = _ENDINGS.get(code)
    return found + sum(word.endswith(endings) for word in words if word not in common_words(code)) if endings else found


def canonical(code: str) -> str:
    """The code of the table for a code, alias or English name; ValueError with the nearest where there is none."""
    lower = code.strip().lower().replace("_", "-")
    lower = ALIASES.get(lower, lower)
    if lower in LANGUAGES:
        return lower
    names = {name.lower(): known for known, (name, _) in LANGUAGES.items()}
    if lower in names:
        return names[lower]
    raise ValueError(f"must be a language code such as 'en'{did_you_mean(lower, [*LANGUAGES, *names])}")


Language: TypeAlias = Annotated[str, AfterValidator(canonical)]


def name_of(code: str) -> str:
    """The English name of a language; the code itself, quoted, where the table has none."""
    return LANGUAGES[code][0] if code in LANGUAGES else repr(code)


def sharing(code: str) -> list[str]:
    """The languages written first of all in the script of this one, in the order of the table."""
    return [other for other, (_, scripts) in LANGUAGES.items() if scripts[0] == LANGUAGES[code][1][0]]


@cache
def are_related(code: str, other: str) -> bool:
    """Whether detectors take one of the languages for the other."""
    return any({code, other} <= group for group in _RELATED)
