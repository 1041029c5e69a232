"""The language of the response."""

from __future__ import annotations

from rewardkit import edits
from rewardkit.detectors import DEFAULT, DetectorName
from rewardkit.language import spoken
from rewardkit.languages import Language, name_of
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding
from rewardkit.vectors import bad, good, unsure


@constraint("language:response")
class Response:
    """The entire response is in the language, and no sentence of it in another.

    The script decides where it suffices, a detector where languages share one. Each sentence, heading and list item
    is looked at: a Korean response that ends "OK, see you tomorrow!" is not all Korean. Names and terms inside a
    sentence are let pass, code is in no language. Digits and punctuation alone are in none, so they fail. Text that is
    too short to tell, or that reads as either of two close languages, is undecided. Where it need not be the entire
    response, half of it in another language is too much.
    """

    language: Language
    entire: bool = True
    detector: DetectorName = DEFAULT

    def check(self, text: Text) -> Finding:
        found = spoken(text, self.language, self.detector, entire=self.entire)
        return Finding(found.ok, found.note, found.spans, None if found.ok is not None else "response")

    def ask(self) -> str:
        if not self.entire:
            return f"Your response should be primarily in {name_of(self.language)}."
        return f"Your entire response should be in {name_of(self.language)}, no other language is allowed."

    _FOREIGN = {
        True: "This is what they have always done, and nobody knows why it should be any other way.",
        False: "Das haben wir schon immer so gemacht, und niemand wei\xdf, warum es anders sein sollte.",
    }

    def violate(self, text: Text) -> str | None:
        times = 1 if self.entire else 2 + len(text.string) // 60
        return edits.below(text.string, " ".join([self._FOREIGN[self.language != "en"]] * times))

    vectors = (
        good("यह एक छोटी कहानी है। सब लोग ख़ुश थे।", language="hi"),
        good("สวัสดีครับ", language="th"),
        good("안녕하세요. 저는 iPhone 15 Pro를 샀습니다.", language="ko"),
        good("Das ist ein schöner Tag, und wir gehen in den Park.", language="de"),
        good("今日はとても良い天気です。", language="ja"),
        good(
            "Anatumia teknolojia ya kisasa na mbinu za ubunifu ili kuhakikisha ramani ni sahihi. Mwandishi huyu"
            " anajihusisha na kuandika hadithi za kijadi, ambazo zinaelimisha na kuburudisha jamii.",
            language="sw",
        ),
        good("Hoy hace buen tiempo y vamos todos al parque. Let me know!", language="es", entire=False),
        bad("Hoy vamos. This is the way that they have always done it, and we know why.", language="es", entire=False),
        bad("12345 67890 !!!", language="hi"),  # a cheat: in no language
        bad("This is an English sentence.", language="de"),
        bad("안녕하세요. 오늘 날씨가 정말 좋습니다. OK, see you tomorrow!", language="ko"),
        bad("Hoy hace buen tiempo y vamos al parque. Let me know if you need anything else!", language="es"),  # a cheat
        # a cheat: a German word in each English sentence
        bad("Tech companies build amazing products customers love buying online und daily.", language="de"),
        bad("今天天气很好，我们一起去公园散步吧。", language="ja"),
        unsure("Ja.", language="nl"),
        # a cheat: one French word for the detector
        unsure(
            "astronomers discovered several new planets orbiting distant stars last year avec telescopes.",
            language="fr",
        ),
    )
