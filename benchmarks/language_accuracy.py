"""Claim: the default detector is as accurate as langdetect on real responses, and ten times as fast.

First table: 400 responses to English, Spanish, French and Japanese prompts each (some are rightly in a third language,
so the ceiling is near .95); the share whose likeliest language is that of the prompt, and microseconds a call on the
whole text. Both read it in small letters.

Second table: what `language:response` makes of all those responses, sentence by sentence, and `case:letters` of the
English ones in small letters. A segment called foreign should be foreign: `--list` prints each, to be read.

usage: language_accuracy.py [--list] [--record]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter

from measured import DATA, against_baseline, ifeval_pairs
from rich.console import Console
from rich.progress import track
from rich.table import Table

from rewardkit.detectors import detect
from rewardkit.language import other_language, spoken
from rewardkit.text import Text

EACH = 400
FOREIGN = "language:response_language"


def responses() -> dict[str, list[str]]:
    """Responses by the language of their prompt; those told to answer in another language are left out."""
    english = [pair for pair in ifeval_pairs() if not any(FOREIGN in id for id in pair.record["instruction_id_list"])]
    found = {"en": [pair.response for pair in english]}
    for code in ("es", "fr", "ja"):
        files = sorted(DATA.glob(f"m_ifeval/{code}_input_response_data_*.jsonl"))
        records = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
        found[code] = [record["response"] for record in records if record["response"]]
    return {code: [text for text in texts if text.strip()] for code, texts in found.items()}


def likeliest(text: str, detector: str) -> str:
    return next(iter(detect(text, 1, detector=detector)), ("", 0.0))[0]


def compare(texts: dict[str, list[str]], console: Console) -> dict[str, float]:
    table = Table(title=f"{sum(min(EACH, len(found)) for found in texts.values())} whole responses")
    for heading in ("detector", "accuracy", "us a call"):
        table.add_column(heading, justify="right")
    figures = {}
    for detector in ("fasttext", "langdetect"):
        likeliest("loads what is loaded once", detector)
        right = asked = 0
        start = time.perf_counter()
        for code, found in texts.items():
            chosen = found[:: max(1, len(found) // EACH)][:EACH]
            right += sum(likeliest(text, detector) == code for text in track(chosen, detector, console=console))
            asked += len(chosen)
        each = (time.perf_counter() - start) / asked
        figures[detector] = right / asked
        table.add_row(detector, f"{right / asked:.3f}", f"{1e6 * each:.0f}")
    Console(width=100).print(table)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="print every segment called foreign")
    parser.add_argument("--record", action="store_true", help="record the figures as the baseline")
    listed = parser.parse_args().list
    console = Console(stderr=True)
    texts = responses()
    figures = compare(texts, console)
    table = Table(title="in the language of the prompt?")
    for heading in ("check", "responses", "true", "false", "undecided", "false though the whole is the language"):
        table.add_column(heading, justify="right")
    for code, found in texts.items():
        answers: Counter[bool | None] = Counter()
        mixed = 0
        for text in found:
            said = spoken(Text(text), code)
            answers[said.ok] += 1
            if said.ok is False and likeliest(text, "fasttext") == code:
                mixed += 1
                for start, end in said.spans if listed else ():
                    print(f"{code}: {text[start:end]!r}")
        counts = [str(answers[ok]) for ok in (True, False, None)]
        table.add_row(f"language:response {code}", str(len(found)), *counts, str(mixed))
    foreign = [said for text in texts["en"] if (said := other_language(Text(text.lower()), "en"))]
    total = len(texts["en"])
    table.add_row("case:letters en", str(total), str(total - len(foreign)), str(len(foreign)), "0", "")
    Console(width=100).print(table)
    print(against_baseline("language_accuracy", figures))
    return 0 if figures["fasttext"] >= figures["langdetect"] - 0.005 else 1


if __name__ == "__main__":
    sys.exit(main())
