"""The languages there are: their codes, names and scripts, and which of them are taken for one another."""

from __future__ import annotations

from functools import cache
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


def _words(listed: dict[str, str]) -> dict[str, frozenset[str]]:
    return {code: frozenset(words.split()) for code, words in listed.items()}


# Common words that no other language of the table is likely to use: a sentence with enough of them needs no detector.
COMMON_WORDS = _words({
    "en": "the and with that this are you they have from your which would should could their they're there there's "
    "been what when were these those because through about into where while than then them his our its it's "
    "it she who how why some any each every other another being does did doing don't isn't i'm you're we're "
    "we can't won't let's if not be just make makes making made always never only such both world life people "
    "without within between around across during until better great first find found keep using used know "
    "need together something own new night high we'll i'll i've we've that's what's he's she's has had my us "
    "way day",
    "de": "der die das und ist nicht ein eine einen einem einer ich wir sie mit auf für von dem den wird werden "
    "auch sich zu im ihr ihre ihren unser unsere aus nach wie über sind haben kann können oder aber wenn dass "
    "bei zum zur durch",
    "fr": "les des et est une dans pour vous nous sur avec ce cette sont être mais aux leur leurs ont qui ou où "
    "très été fait aussi peut votre notre vos ces ses elle ils plus par sans c'est d'un d'une qu'il j'ai",
    "es": "el los las para por del está pero muy más como su sus este esta estos estas ser también puede hay fue "
    "cuando porque donde desde sobre todo todos nuestra nuestro tiene y",
    "pt": "não uma dos com você é em um são nas pelo pela também seu sua seus suas foi isso essa esse muito ao aos "
    "às há ele eles então até já",
    "it": "che di della delle degli gli sono più nel nella questa questo alla anche dei dal ha hanno essere molto "
    "tutti per nostro nostra suo perché ogni",
    "nl": "het een niet zijn voor aan dat ook maar worden wordt deze naar kunnen heeft hebben jouw onze wij bij uit "
    "meer dit",
    "pl": "się nie jest że dla jak przez oraz są być które który która tym także może jego bardzo",
    "tr": "ve bir bu için ile olarak daha çok olan gibi kadar sonra ancak değil",
    "id": "yang dan untuk dengan dari ini itu tidak pada dalam adalah akan bisa juga atau kami kita mereka",
    "vi": "của và có được cho người trong không một những với này để tôi bạn chúng các đã sẽ về nhiều năm",
    "sw": "kwa katika kuwa hii yake watu pia kama wake sana lakini kila wako yetu hiyo huyu mtu",
    "fi": "että hän mutta ovat myös kuin joka sekä voi tämä olla olen hänen kanssa niin sinun meidän jotka",
    "sv": "och att det som är för inte på jag ett kan till har om vi deras",
    "da": "og det som er ikke på jeg kan til har om vi deres",
    "no": "og det som er ikke på jeg kan til har om vi deres",
    "ro": "și pentru sunt mai din nu că această care fost",
    "cs": "který jsou jako protože může nebo také jsem",
    "hu": "és hogy nem egy vagy mint csak már lehet volt amely",
    "tl": "ang mga ng ay ito hindi kung siya",
    "ru": "что как это его был быть если мы вы они она для или от из же бы но когда чтобы только который очень",
    "uk": "що як це його був бути якщо ми ви вони вона або від із але коли щоб тільки який дуже та є",
    "bg": "да се са ще като това който беше му ги си ли какво които но само когато този така към",
    "ar": "في من على أن إلى هذا التي الذي هذه كان مع عن لا ما أو هو هي كل",
    "fa": "در به از که این را با است برای آن می بود شما ما هر یک یا خود",
    "ur": "کے میں کی ہے اور سے کا کو نے پر یہ ہیں ایک کہ وہ بھی",
    "hi": "है हैं था थी थे में और नहीं यह वह लिए करें की के का कि",
    "mr": "आहे आहेत आणि नाही होते होता मध्ये साठी आपण करा किंवा",
    "ne": "छ छन् र पनि गर्न हुन्छ तपाईं यो थियो लागि भएको गर्नुहोस्",
})  # fmt: skip
FOREIGN_TO_ENGLISH = frozenset().union(*(words for code, words in COMMON_WORDS.items() if code != "en"))
_ENDINGS = {"ne": ("नुहोस्", "हरू", "हरु", "लाई", "बाट")}


def is_common(word: str, code: str) -> bool:
    """Whether the lower-case word is a common one of the language, or ends as only its words do."""
    return word in COMMON_WORDS[code] or word.endswith(_ENDINGS.get(code, ()))


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
