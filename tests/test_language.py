"""Which language: scripts first, then common words, then a detector; every sentence counts."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations

import pytest

from rewardkit.detectors import detect, known_detector
from rewardkit.language import other_language, spoken
from rewardkit.languages import LANGUAGES, canonical, common_words, name_of
from rewardkit.text import Text

ENGLISH = "The lighthouse has been standing there for a hundred years, and nobody knows who built it."
SENTENCES = {
    "de": "Der Leuchtturm steht seit hundert Jahren an der Küste, und niemand weiß, wer ihn gebaut hat.",
    "fr": "Le phare est là depuis cent ans, et personne ne sait qui l'a construit sur cette côte.",
    "es": "El faro lleva cien años en la costa y nadie sabe quién lo construyó ni por qué está allí.",
    "it": "Il faro si trova sulla costa da cento anni e nessuno sa chi lo abbia costruito, né perché.",
    "pt": "O farol está na costa há cem anos e ninguém sabe quem o construiu, nem por que está ali.",
    "nl": "De vuurtoren staat al honderd jaar aan de kust en niemand weet wie hem heeft gebouwd.",
    "pl": "Latarnia morska stoi na wybrzeżu od stu lat i nikt nie wie, kto ją zbudował.",
    "tr": "Deniz feneri yüz yıldır kıyıda duruyor ve onu kimin yaptığını kimse bilmiyor.",
    "vi": "Ngọn hải đăng đã đứng trên bờ biển một trăm năm và không ai biết ai đã xây dựng nó.",
    "sw": "Mnara huo umesimama pwani kwa miaka mia moja na hakuna mtu anayejua ni nani aliyeujenga.",
    "fi": "Majakka on seissyt rannikolla sata vuotta, eikä kukaan tiedä, kuka sen on rakentanut.",
    "ru": "Маяк стоит на берегу уже сто лет, и никто не знает, кто его построил.",
    "bg": "Фарът стои на брега от сто години и никой не знае кой го е построил, нито защо.",
    "ar": "تقف المنارة على الساحل منذ مئة عام، ولا أحد يعرف من بناها أو لماذا.",
    "fa": "فانوس دریایی صد سال است که در ساحل ایستاده است و هیچ کس نمی‌داند چه کسی آن را ساخته است.",
    "ur": "یہ مینار سو سال سے ساحل پر کھڑا ہے اور کوئی نہیں جانتا کہ اسے کس نے بنایا تھا۔",
    "hi": "यह प्रकाशस्तंभ सौ साल से तट पर खड़ा है और कोई नहीं जानता कि इसे किसने बनाया था।",
    "mr": "हा दीपगृह शंभर वर्षांपासून किनाऱ्यावर उभा आहे आणि तो कोणी बांधला हे कोणालाही माहीत नाही.",
    "ne": "यो प्रकाशस्तम्भ सय वर्षदेखि तटमा उभिएको छ र यो कसले बनायो भनेर कसैलाई थाहा छैन।",
    "ko": "등대는 백 년 동안 해안에 서 있었고, 누가 지었는지 아무도 모릅니다.",
    "ja": "その灯台は百年前から海岸に立っていて、誰が建てたのか誰も知りません。",
    "zh": "这座灯塔在海岸上已经矗立了一百年，没有人知道是谁建造的。",
    "th": "ประภาคารตั้งอยู่บนชายฝั่งมาเป็นเวลาร้อยปีแล้ว และไม่มีใครรู้ว่าใครเป็นผู้สร้าง",
    "el": "Ο φάρος στέκεται στην ακτή εδώ και εκατό χρόνια και κανείς δεν ξέρει ποιος τον έχτισε.",
    "ta": "கலங்கரை விளக்கம் நூறு ஆண்டுகளாக கடற்கரையில் நிற்கிறது, அதை யார் கட்டினார்கள் என்று யாருக்கும் தெரியாது.",
    "he": "המגדלור עומד על החוף כבר מאה שנה, ואיש אינו יודע מי בנה אותו.",
}


@pytest.mark.parametrize(("code", "sentence"), SENTENCES.items())
def test_a_sentence_is_in_its_language(code, sentence):
    assert spoken(Text(sentence), code).ok is True
    assert spoken(Text(f"# {sentence}\n\n{sentence} {sentence}"), code).ok is True


@pytest.mark.parametrize(("code", "sentence"), SENTENCES.items())
def test_one_english_sentence_is_found(code, sentence):
    response = f"{sentence} {sentence}\n\n{sentence} {ENGLISH}"
    found = spoken(Text(response), code)
    assert found.ok is False
    assert [response[start:end] for start, end in found.spans] == [ENGLISH.rstrip(".")] or ENGLISH in response[
        found.spans[-1][0] :
    ] + "."


@pytest.mark.parametrize("code", SENTENCES)
def test_english_is_not_another_language(code):
    assert spoken(Text(ENGLISH), code).ok is False
    assert spoken(Text(SENTENCES[code]), "en").ok is False


SURE = [code for code in SENTENCES if code != "sw"]  # no detector is that sure of Swahili


@pytest.mark.parametrize("code", SURE)
def test_another_language_shows_in_capitals_and_small_letters(code):
    for text in (SENTENCES[code].upper(), SENTENCES[code].lower()):
        assert other_language(Text(text), "en") is not None


@pytest.mark.parametrize("code", SURE)
def test_one_sentence_of_another_language_shows(code):
    for text in (f"{ENGLISH} {SENTENCES[code]}".upper(), f"{SENTENCES[code]} {ENGLISH}".lower()):
        assert other_language(Text(text), "en") is not None


def test_english_in_any_case_shows_no_other_language(demo_responses):
    for response in [ENGLISH, *demo_responses[:10]]:
        assert other_language(Text(response.upper()), "en") is None
        assert other_language(Text(response.lower()), "en") is None


@pytest.mark.parametrize(
    ("response", "code", "ok"),
    [
        ("", "en", False),
        ("12345 67890 !!!", "hi", False),
        ("🙂🙂🙂", "ko", False),
        ("नमस्ते", "hi", True),
        ("नमस्ते", "ta", False),
        ("안녕", "ko", True),
        ("你好", "zh", True),
        ("你好，世界很大，我们一起去看看吧。", "ja", False),
        ("Ja.", "nl", None),
        ("ok", "de", None),
        ("오늘은 좋은 날입니다. Thank You So Much For Reading This.", "ko", False),
        ("저는 Microsoft Windows Server와 iPhone을 씁니다.", "ko", True),
        ("오늘은 좋은 날입니다. Thank you so much for reading this.", "ko", False),
        ("Das ist gut:\n```python\nfor x in the_list_of_words: print(x)\n```\nUnd das ist auch gut.", "de", True),
        (
            "Bitte lesen Sie die Seite https://www.example.com/this/is/an/english/address und schreiben Sie mir.",
            "de",
            True,
        ),
        ("\ud800 Das ist ein ganz normaler deutscher Satz. \udfff", "de", True),
    ],
)
def test_spoken(response, code, ok):
    assert spoken(Text(response), code).ok is ok


def test_langdetect_is_a_back_end_that_answers_the_same_in_every_thread():
    text = SENTENCES["de"].lower()
    first = detect(text, detector="langdetect")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: detect(text, detector="langdetect"), range(32)))
    assert all(answer == first for answer in answers)
    assert first[0][0] == "de"
    assert spoken(Text(SENTENCES["fr"]), "fr", "langdetect").ok is True


def test_langdetect_leaves_the_random_state_alone():
    import random

    state = random.getstate()
    detect(ENGLISH, detector="langdetect")
    assert random.getstate() == state


def test_an_unknown_detector_is_named():
    with pytest.raises(ValueError, match="did you mean 'fasttext'"):
        known_detector("fastext")


@pytest.mark.parametrize(
    ("given", "code"), [("EN", "en"), ("zh-CN", "zh"), ("pt_BR", "pt"), ("Hindi", "hi"), ("nb", "no"), (" fr ", "fr")]
)
def test_codes_and_names(given, code):
    assert canonical(given) == code
    assert name_of(code) == LANGUAGES[code][0]


def test_an_unknown_language_gets_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'german'"):
        canonical("germn")


def test_common_words_are_of_one_language():
    for one, other in combinations(LANGUAGES, 2):
        assert not common_words(one) & common_words(other), (one, other)


def test_real_responses_keep_their_language(data):
    """Real Spanish and French responses: what the detector calls the language as a whole, we do, but for mixed ones."""
    for code, floor in (("es", 0.9), ("fr", 0.9)):
        texts: list[str] = []
        for file in sorted(data.glob(f"m_ifeval/{code}_input_response_data_*")):
            texts += [json.loads(line)["response"] for line in file.read_text("utf-8").splitlines()]
        whole = [text for text in texts if text and dict(detect(text)).get(code, 0) > 0.95]
        held = sum(spoken(Text(text), code).ok is True for text in whole)
        assert held / len(whole) > floor
